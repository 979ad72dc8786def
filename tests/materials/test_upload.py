"""Uploading (docs/product.md, rules 1 to 3; docs/contract.md, ``/materials/<CODE>/``)."""

import pytest

from candidates.enums import Action
from candidates.models import Event
from materials.models import Item, Photo
from materials.services import photos as photo_services
from tests import factories

from .pages import errors, file, items, upload

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


def test_a_picture_is_taken_and_shown(client, draft):
    answer = upload(client, "ID", file())
    assert (answer.status_code, answer.url) == (303, "/materials/ID/")
    photo = Photo.objects.get()
    page = client.get("/materials/ID/")
    assert items(page)["ID"].uuids == [str(photo.pk)]
    assert items(client.get("/materials/"))["ID"].photos == 1
    assert Event.objects.filter(action=Action.PHOTO_ADDED).count() == 1


def test_a_big_picture_is_fitted_and_says_so(client, draft):
    noise = factories.picture(5, size=(2400, 1800), quality=100)
    assert len(noise) > 204_800
    upload(client, "ID", file(noise))
    photo = Photo.objects.get()
    assert photo.fitted
    assert photo.bytes <= 204_800
    assert "已自动压缩" in client.get("/materials/ID/").content.decode()


def test_without_fitting_a_big_picture_is_refused_with_both_sizes(client, draft):
    draft.session.fit_oversized = False
    draft.session.save()
    answer = upload(client, "ID", file(factories.picture(5, size=(2400, 1800), quality=100)))
    assert (answer.status_code, errors(answer)) == (422, ["too_large"])
    assert "200 KB" in answer.content.decode()


def test_several_at_once_each_in_turn(client, draft):
    answer = upload(client, "ID", file(seed=1), file(seed=2))
    assert answer.status_code == 303
    assert [photo.position for photo in Photo.objects.order_by("position")] == [1, 2]


def test_the_good_ones_are_kept_and_the_bad_ones_named(client, draft):
    bad = file(b"%PDF-1.4 no picture", name="<b>me.pdf")
    answer = upload(client, "EDU", file(seed=1), bad, file(seed=2))
    assert (answer.status_code, errors(answer)) == (422, ["format"])
    assert "&lt;b&gt;me.pdf" in answer.content.decode()
    assert "<b>me.pdf" not in answer.content.decode()
    assert items(answer)["EDU"].photos == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty"), (b"GIF89a" + b"\0" * 50, "format"), (factories.picture(1)[:3000], "corrupt")],
)
def test_refusals_of_the_intake(client, draft, data, code):
    upload(client, "ID", file(seed=9))
    answer = upload(client, "ID", file(data))
    assert (answer.status_code, errors(answer)) == (422, [code])
    assert items(answer)["ID"].photos == 1
    assert 'role="alert"' in answer.content.decode()


def test_nothing_chosen(client, draft):
    answer = client.post("/materials/ID/")
    assert (answer.status_code, errors(answer)) == (422, ["empty"])


def test_the_same_picture_twice(client, draft):
    upload(client, "ID", file(seed=3))
    answer = upload(client, "EDU", file(seed=3))
    assert (answer.status_code, errors(answer)) == (422, ["duplicate"])
    assert "身份证明" in answer.content.decode()


def test_no_more_than_the_maximum(client, draft):
    answer = upload(client, "ID", file(seed=1), file(seed=2), file(seed=3))
    assert (answer.status_code, errors(answer)) == (422, ["full"])
    assert items(answer)["ID"].photos == 2
    page = client.get("/materials/").content.decode()
    assert 'href="/materials/ID/#upload"' not in page
    assert "该项已有2张图片，达到上限" in page
    assert 'type="file"' not in client.get("/materials/ID/").content.decode()


def test_closed(client, draft):
    factories.close_window(draft.session)
    answer = upload(client, "ID", file(), file(seed=2))
    assert (answer.status_code, set(errors(answer))) == (409, {"closed"})
    assert not Photo.objects.exists()
    assert 'type="file"' not in client.get("/materials/ID/").content.decode()


def test_locked_after_submission(client, draft):
    factories.submit(draft)
    answer = upload(client, "EDU", file())
    assert (answer.status_code, errors(answer)) == (409, ["locked"])


def test_only_the_item_asked_for_is_open_after_a_return(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    assert upload(client, "EDU", file()).status_code == 303
    answer = upload(client, "ID", file(seed=2))
    assert (answer.status_code, errors(answer)) == (409, ["locked"])


def test_not_yours(client, draft):
    """A category of another session, one that does not apply, one that is not there: none exists."""
    other = factories.draft(factories.make_session(codes=["ID", "MIL"]))
    client.force_login(other.candidate.user)
    for code in ("EDU", "MIL", "NOPE"):
        assert client.get(f"/materials/{code}/").status_code == 404
        assert upload(client, code, file()).status_code == 404
    assert not Item.objects.exists()


def test_nobody(client):
    assert upload(client, "ID", file()).status_code == 302


def test_quota(client, draft, settings):
    settings.UPLOADS_PER_HOUR = 1
    upload(client, "EDU", file(seed=1))
    answer = upload(client, "EDU", file(seed=2), file(seed=3))
    assert (answer.status_code, errors(answer)) == (429, ["quota", "quota"])


def test_a_store_that_is_down(client, draft, store, monkeypatch):
    def broken(*args):
        raise OSError("disk full")

    monkeypatch.setattr(store, "_save", broken)
    answer = upload(client, "ID", file())
    assert (answer.status_code, errors(answer)) == (503, ["store"])
    assert not Photo.objects.exists()
    assert client.get("/materials/").status_code == 200


def test_extra_fields_change_nothing(client, draft):
    client.post("/materials/ID/", {"photo": file(), "locked": "true", "verdict": "accepted", "position": "9"})
    item = Item.objects.get()
    assert (item.locked, item.verdict, item.photos.get().position) == (False, "pending", 1)


def test_the_rules_are_on_the_upload_page(client, draft):
    page = client.get("/materials/ID/").content.decode()
    for words in ("JPEG, PNG, HEIC", "20 MB", "200 KB", "四角完整", "examples/ID", draft.session.title_zh[:0]):
        assert words in page


def test_warnings_are_shown(client, draft):
    photo = factories.make_photo(draft, "ID")
    photo.warnings = ["blurred"]
    photo.save()
    assert 'data-warning="blurred"' in client.get("/materials/ID/").content.decode()


def test_decoding_is_not_even_begun_when_there_is_no_point(client, draft, monkeypatch):
    factories.close_window(draft.session)
    monkeypatch.setattr(photo_services, "_take_in", lambda *args: pytest.fail("decoded"))
    assert upload(client, "ID", file()).status_code == 409
