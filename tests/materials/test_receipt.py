"""The receipt (docs/contract.md, ``/materials/receipt/<number>/``)."""

from zoneinfo import ZoneInfo

import pytest

from materials.receipts.codes import check_code
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


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


def test_says_whether_it_is_the_newest(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    page = client.get("/materials/receipt/1/").content.decode()
    assert 'data-newest="true"' in page
    assert "请修改后重新提交" in page
    assert "无需操作" not in page
    factories.make_photo(application, "EDU")
    client.post("/materials/submit/")
    first = client.get("/materials/receipt/1/").content.decode()
    assert 'data-newest="false"' in first
    assert 'href="/materials/receipt/2/"' in first
    second = client.get("/materials/receipt/2/").content.decode()
    assert 'data-newest="true"' in second
    assert "无需操作" in second
    assert "第2次" in second


def test_time_is_the_regions(client, draft):
    region = draft.session.region
    region.time_zone = "Asia/Urumqi"
    region.save()
    submission = factories.submit(draft)
    local = submission.submitted_at.astimezone(ZoneInfo("Asia/Urumqi"))
    page = client.get("/materials/receipt/1/").content.decode()
    assert f"{local:%H:%M} (UTC+06:00)" in page


def test_sums_are_short_on_the_screen_and_whole_on_paper(client, draft):
    submission = factories.submit(draft)
    page = client.get("/materials/receipt/1/").content.decode()
    for photo in submission.manifest[0]["photos"]:
        assert f"{photo['sha256'][:8]}…" in page
        assert f'<p class="hash paper-only">{photo["sha256"]}</p>' in page


def test_leads_to_the_pdf_and_to_the_page_that_checks_it(client, draft):
    submission = factories.submit(draft)
    page = client.get("/materials/receipt/1/").content.decode()
    assert 'href="/materials/receipt/1/receipt.pdf"' in page
    assert check_code(submission.receipt_number) in page
    assert "http://testserver/receipts/check/" in page


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
