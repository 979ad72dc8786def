"""Turning a picture by 90° in the page (docs/product.md, rules 1, 3, 10 and 12)."""

import io
from uuid import uuid4

import pytest
from PIL import Image

from candidates.enums import Action
from candidates.models import Event
from materials.models import Photo
from materials.services import photos as photo_services
from tests import factories, pictures
from tests.stores import content, is_stored

from .pages import errors, file, items, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]


def turn(client, code, photo_id, way="right"):
    return client.post(f"/materials/{code}/photos/{photo_id}/turn/", {"turn": way})


@pytest.fixture
def photo(client, draft):
    upload(client, "EDU", file(pictures.encoded(pictures.document(640, 480), quality=80)))
    return Photo.objects.get()


@pytest.mark.parametrize(
    ("way", "transpose"), [("right", Image.Transpose.ROTATE_270), ("left", Image.Transpose.ROTATE_90)]
)
def test_another_picture_is_in_its_place_turned(client, photo, way, transpose):
    before = pictures.decoded(content(photo.file)).transpose(transpose)
    answer = turn(client, "EDU", photo.pk, way)
    turned = Photo.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/materials/EDU/#photo-{turned.pk}")
    assert (turned.width, turned.height, turned.position) == (480, 640, photo.position)
    assert turned.pk != photo.pk
    for stored_file in (turned.file, turned.thumb):
        stored = pictures.decoded(content(stored_file))
        assert stored.width < stored.height
    shown = Image.open(io.BytesIO(content(turned.file)))
    assert sum(abs(a - b) for a, b in zip(shown.tobytes(), before.tobytes(), strict=True)) / len(before.tobytes()) < 0.5
    assert not is_stored(photo.file)
    assert not is_stored(photo.thumb)
    event = Event.objects.get(action=Action.PHOTO_TURNED)
    assert event.facts == {"item": "EDU", "photo": str(turned.pk), "sha256": turned.sha256, "before": str(photo.pk)}


def test_four_times_is_none(client, photo):
    for _ in range(4):
        turn(client, "EDU", Photo.objects.get().pk)
    again = Photo.objects.get()
    assert (again.width, again.height) == (640, 480)
    assert again.original_bytes == photo.original_bytes


def test_the_picture_handed_in_again_is_still_the_same(client, photo):
    turn(client, "EDU", photo.pk)
    answer = upload(client, "EDU", file(pictures.encoded(pictures.document(640, 480), quality=80)))
    assert (answer.status_code, errors(answer)) == (422, ["duplicate"])


def test_what_a_submission_named_is_kept_and_the_item_counts_as_changed(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    named = application.items.get(category__code="EDU").photos.get()
    assert turn(client, "EDU", named.pk).status_code == 303
    named.refresh_from_db()
    assert named.superseded_at
    assert is_stored(named.file)
    (turned,) = items(client.get("/materials/"))["EDU"].uuids
    assert turned != str(named.pk)
    assert client.post("/materials/submit/").status_code == 303


def test_a_page_that_is_behind(client, photo):
    turn(client, "EDU", photo.pk)
    answer = turn(client, "EDU", photo.pk)
    assert (answer.status_code, errors(answer)) == (404, ["gone"])
    assert items(answer)["EDU"].uuids == [str(Photo.objects.get().pk)]
    assert f'action="/materials/EDU/photos/{Photo.objects.get().pk}/turn/"' in answer.content.decode()


def test_not_yours_not_there_not_in_this_item_not_a_turn(client, draft, photo):
    theirs = factories.make_photo(factories.draft(draft.session), "ID")
    for code, photo_id in (("ID", theirs.pk), ("ID", uuid4()), ("ID", photo.pk), ("NOPE", photo.pk)):
        assert turn(client, code, photo_id).status_code == 404
    assert turn(client, "EDU", photo.pk, "over").status_code == 404
    assert client.get(f"/materials/EDU/photos/{photo.pk}/turn/").status_code == 405
    assert set(Photo.objects.all()) == {theirs, photo}


def test_locked(client):
    application = factories.submitted()
    client.force_login(application.candidate.user)
    named = application.items.get(category__code="EDU").photos.get()
    answer = turn(client, "EDU", named.pk)
    assert (answer.status_code, errors(answer)) == (409, ["locked"])
    assert Photo.objects.filter(pk=named.pk, superseded_at=None).exists()


def test_it_counts_against_the_quota(client, photo, settings):
    settings.UPLOADS_PER_HOUR = 1
    assert turn(client, "EDU", photo.pk).status_code == 429
    assert Photo.objects.get() == photo


def test_a_store_that_fails_loses_nothing(client, photo, store, monkeypatch):
    def full(*_args):
        raise OSError("No space left on device")

    monkeypatch.setattr(store, "_save", full)
    answer = turn(client, "EDU", photo.pk)
    assert (answer.status_code, errors(answer)) == (503, ["store"])
    assert Photo.objects.get() == photo
    assert is_stored(photo.file)


def test_a_png_stays_one(client, draft):
    upload(client, "EDU", file(pictures.encoded(pictures.document(300, 200), "PNG"), "a.png"))
    turn(client, "EDU", Photo.objects.get().pk)
    turned = Photo.objects.get()
    assert (turned.format, turned.width, turned.height) == ("png", 200, 300)


def test_the_picture_is_read_and_turned_before_the_lock(client, photo, monkeypatch):
    """Decoding takes long; nobody else's work waits for it."""
    from django.db import connection

    inside = []
    real = photo_services.intake.take_in
    monkeypatch.setattr(
        photo_services.intake, "take_in", lambda *args: inside.append(connection.in_atomic_block) or real(*args)
    )
    turn(client, "EDU", photo.pk)
    assert inside == [False]
