"""The minus (docs/product.md, rules 1 and 12)."""

import re
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from materials.models import Photo
from materials.rules import PUT_BACK_FOR
from materials.services.removed import delete_removed
from materials.services.sweep import sweep_photos
from tests import factories
from tests.stores import is_stored

from .pages import errors, items

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]


def delete(client, code, photo_id, **fields):
    return client.post(f"/materials/{code}/photos/{photo_id}/delete/", fields)


def test_takes_the_picture_out_at_once(client, draft):
    photo = factories.make_photo(draft, "ID")
    page = client.get("/materials/").content.decode()
    assert "删除“身份证明”第1张图片" in page
    answer = delete(client, "ID", photo.pk)
    assert (answer.status_code, answer.url) == (303, "/materials/#item-ID")
    found = items(client.get("/materials/"))["ID"]
    assert (found.photos, found.uuids) == (0, [])
    reviewer = factories.site_reviewer(draft.site)
    for user in (draft.candidate.user, reviewer):
        client.force_login(user)
        for address in (f"/photos/{photo.pk}/", f"/photos/{photo.pk}/thumb/"):
            assert client.get(address).status_code == 404


def test_deletes_row_and_files_when_it_cannot_be_undone_any_more(client, draft):
    photo = factories.make_photo(draft, "ID")
    kept = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    assert delete_removed() == 0
    Photo.objects.filter(pk=photo.pk).update(superseded_at=timezone.now() - PUT_BACK_FOR)
    assert delete_removed(dry_run=True) == 1
    assert delete_removed() == 1
    assert delete_removed() == 0
    assert list(Photo.objects.all()) == [kept]
    assert not is_stored(photo.file)
    assert not is_stored(photo.thumb)
    assert is_stored(kept.file)


def test_deletes_row_and_files_when_it_is_submitted(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    submission = factories.submit(draft)
    assert str(photo.pk) not in str(submission.manifest)
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert not is_stored(photo.file)


def test_a_refused_submission_deletes_nothing(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    assert client.post("/materials/submit/").status_code == 422
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_the_commands_say_what_they_deleted(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    Photo.objects.update(superseded_at=timezone.now() - PUT_BACK_FOR)

    def run(command: str, **options) -> str:
        output = StringIO()
        call_command(command, stdout=output, **options)
        return output.getvalue()

    assert run("sweep_photos", dry_run=True).splitlines()[1] == "1 deleted by candidates would go for good"
    assert run("run_periodic", dry_run=True).splitlines()[3] == "1 pictures deleted for good"
    assert run("run_periodic").splitlines()[2] == "1 pictures deleted for good"
    assert run("run_periodic").splitlines()[2] == "0 pictures deleted for good"
    assert run("sweep_photos") == "0 without a row, 0 without a file\n"


def test_sweeping_deletes_them_too(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    Photo.objects.update(superseded_at=timezone.now() - PUT_BACK_FOR)
    assert (sweep_photos().removed, Photo.objects.count()) == (1, 0)


def test_leads_back_to_the_page_it_was_pressed_on(client, draft):
    photo = factories.make_photo(draft, "ID")
    answer = delete(client, "ID", photo.pk, **{"from": "category"})
    # There at the undo, which is what can be done now; it takes the focus, so that it is read out.
    assert answer.url == f"/materials/ID/#undo-{photo.pk}"
    page = client.get("/materials/ID/").content.decode()
    assert re.search(rf'id="undo-{photo.pk}"\s+tabindex="-1"', page)
    answer = client.post(f"/materials/ID/photos/{photo.pk}/restore/", {"from": "category"})
    assert answer.url == f"/materials/ID/#photo-{photo.pk}"
    assert f'id="photo-{photo.pk}"' in client.get("/materials/ID/").content.decode()


def test_twice(client, draft):
    photo = factories.make_photo(draft, "ID")
    delete(client, "ID", photo.pk)
    assert delete(client, "ID", photo.pk).status_code == 404


@pytest.mark.parametrize(("fields", "page"), [({}, "/materials/"), ({"from": "category"}, "/materials/ID/")])
def test_on_a_page_that_is_behind_it_is_told_and_what_is_there_is_shown(client, draft, fields, page):
    photo, kept = factories.make_photo(draft, "ID"), factories.make_photo(draft, "ID")
    theirs = factories.make_photo(factories.draft(draft.session), "ID")
    delete(client, "ID", photo.pk)
    for photo_id in (photo.pk, theirs.pk, uuid4()):
        answer = delete(client, "ID", photo_id, **fields)
        assert (answer.status_code, errors(answer)[0]) == (404, "gone")
        assert items(answer)["ID"].uuids == [str(kept.pk)]
        text = answer.content.decode()
        assert "这张图片已不在这里" in text
        assert f'<input type="hidden" name="next" value="{page}">' in text


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
    Photo.objects.filter(pk=photo.pk).update(superseded_at=timezone.now() - PUT_BACK_FOR)
    assert delete_removed() == 0
    assert items(client.get("/materials/"))["EDU"].photos == 0


def test_nobody(client):
    assert delete(client, "ID", uuid4()).status_code == 302
