"""The receipt (docs/contract.md, ``/materials/receipt/<number>/``)."""

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def test_names_number_time_and_every_picture(client, draft):
    submission = factories.submit(draft)
    page = client.get("/materials/receipt/1/").content.decode()
    assert "上报完成，内容已锁定" in page
    assert f"{draft.candidate.registration_number}-1" in page
    for entry in submission.manifest:
        for photo in entry["photos"]:
            assert photo["sha256"] in page
            assert f"/photos/{photo['photo']}/thumb/" in page
    assert draft.candidate.id_number not in page


def test_an_earlier_one_stays_readable(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    old = application.items.get(category__code="EDU").photos.get()
    client.post(f"/materials/EDU/photos/{old.pk}/delete/")
    factories.make_photo(application, "EDU")
    client.post("/materials/submit/")
    first = client.get("/materials/receipt/1/").content.decode()
    assert old.sha256 in first
    assert "之后已替换" in first
    assert "此后已有新的提交" in first
    assert old.sha256 not in client.get("/materials/receipt/2/").content.decode()


def test_not_yours_or_not_there(client, draft):
    factories.submitted(draft.session)
    assert client.get("/materials/receipt/1/").status_code == 404
    factories.submit(draft)
    assert client.get("/materials/receipt/2/").status_code == 404
    client.logout()
    assert client.get("/materials/receipt/1/").status_code == 302


def test_queries_do_not_grow(client, django_assert_max_num_queries):
    application = factories.submitted(factories.make_session(codes=None), flags=["assistant_to_physician"])
    client.force_login(application.candidate.user)
    with django_assert_max_num_queries(7):
        client.get("/materials/receipt/1/")
