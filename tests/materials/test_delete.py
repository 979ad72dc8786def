"""The minus (docs/product.md, rules 1 and 12)."""

from pathlib import Path
from uuid import uuid4

import pytest

from materials.models import Photo
from tests import factories

from .pages import errors, items

pytestmark = pytest.mark.django_db(transaction=True)


def delete(client, code, photo_id, **fields):
    return client.post(f"/materials/{code}/photos/{photo_id}/delete/", fields)


def test_deletes_picture_and_files(client, draft):
    photo = factories.make_photo(draft, "ID")
    page = client.get("/materials/").content.decode()
    assert "删除“身份证明”第1张图片" in page
    answer = delete(client, "ID", photo.pk)
    assert (answer.status_code, answer.url) == (303, "/materials/#item-ID")
    assert not Photo.objects.exists()
    assert not Path(photo.file.path).exists()
    assert not Path(photo.thumb.path).exists()


def test_leads_back_to_the_page_it_was_pressed_on(client, draft):
    photo = factories.make_photo(draft, "ID")
    assert delete(client, "ID", photo.pk, **{"from": "category"}).url == "/materials/ID/"


def test_twice(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    assert delete(client, "ID", photo.pk).status_code == 404


def test_not_yours_not_there_not_in_this_item(client, draft):
    mine = factories.make_photo(draft, "ID")
    theirs = factories.make_photo(factories.draft(draft.session), "ID")
    for code, photo_id in (("ID", theirs.pk), ("ID", uuid4()), ("EDU", mine.pk), ("NOPE", mine.pk)):
        assert delete(client, code, photo_id).status_code == 404
    assert Photo.objects.count() == 2


def test_a_look_deletes_nothing(client, draft):
    photo = factories.make_photo(draft, "ID")
    assert client.get(f"/materials/ID/photos/{photo.pk}/delete/").status_code == 405


def test_closed(client, draft):
    photo = factories.make_photo(draft, "ID")
    factories.close_window(draft.session)
    answer = delete(client, "ID", photo.pk)
    assert (answer.status_code, errors(answer)) == (409, ["closed"])
    assert items(answer)["ID"].uuids == [str(photo.pk)]
    assert "/delete/" not in client.get("/materials/").content.decode()


def test_locked(client, draft):
    factories.submit(draft)
    photo = Photo.objects.filter(item__category__code="EDU").get()
    answer = delete(client, "EDU", photo.pk)
    assert (answer.status_code, errors(answer)) == (409, ["locked"])
    assert "/delete/" not in client.get("/materials/").content.decode()


def test_after_a_return_the_submitted_picture_is_kept_superseded(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    photo = application.items.get(category__code="EDU").photos.get()
    assert delete(client, "EDU", photo.pk).status_code == 303
    photo.refresh_from_db()
    assert photo.superseded_at is not None
    assert items(client.get("/materials/"))["EDU"].photos == 0


def test_nobody(client):
    assert delete(client, "ID", uuid4()).status_code == 302
