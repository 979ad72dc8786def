"""Undoing the minus (docs/product.md, rules 1, 2 and 12)."""

from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Candidate, Event
from candidates.services.events import Actor
from materials.models import Application, Item, Photo, Submission
from materials.rules import PUT_BACK_FOR
from materials.services.photos import add_photo, delete_photo
from materials.services.removed import delete_removed, restore_photo
from materials.services.submission import submit_application
from tests import factories
from tests.concurrency import at_once, refusals
from tests.stores import is_stored

from .pages import errors, file, items, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]


def act(client, code, photo_id, verb="restore", **fields):
    return client.post(f"/materials/{code}/photos/{photo_id}/{verb}/", fields)


def undo_of(client, address="/materials/") -> list[str]:
    """The addresses that the buttons to undo lead to."""
    page = client.get(address).content.decode()
    return [part.split('"')[0] for part in page.split('action="')[1:] if "/restore/" in part.split('"')[0]]


def places(code="ID") -> dict[int, str]:
    live = Photo.objects.filter(item__category__code=code, superseded_at=None)
    return {photo.position: str(photo.pk) for photo in live}


@pytest.fixture
def two(draft):
    return [factories.make_photo(draft, "ID"), factories.make_photo(draft, "ID")]


def test_a_picture_comes_back_to_its_place(client, draft, two):
    before = places()
    act(client, "ID", two[0].pk, "delete")
    (address,) = undo_of(client)
    page = client.get("/materials/").content.decode()
    assert "第1张图片已删除。" in page
    answer = client.post(address)
    assert (answer.status_code, answer.url) == (303, "/materials/#item-ID")
    assert places() == before
    assert items(client.get("/materials/"))["ID"].photos == 2
    assert client.get(f"/photos/{two[0].pk}/").status_code == 200
    assert undo_of(client) == []
    event = Event.objects.get(action=Action.PHOTO_RESTORED)
    assert event.facts == {"item": "ID", "photo": str(two[0].pk), "sha256": two[0].sha256}


def test_the_category_page_offers_it_too_and_is_come_back_to(client, draft, two):
    act(client, "ID", two[0].pk, "delete")
    (address,) = undo_of(client, "/materials/ID/")
    assert client.post(address, {"from": "category"}).url == f"/materials/ID/#photo-{two[0].pk}"


def test_twice(client, draft, two):
    act(client, "ID", two[0].pk, "delete")
    for _ in range(2):
        assert act(client, "ID", two[0].pk).status_code == 303
    assert Event.objects.filter(action=Action.PHOTO_RESTORED).count() == 1


def test_not_for_ever(client, draft, two):
    act(client, "ID", two[0].pk, "delete")
    Photo.objects.filter(pk=two[0].pk).update(superseded_at=timezone.now() - PUT_BACK_FOR)
    assert undo_of(client) == []
    for deleted in (0, 1):  # while the row is there, and when it is gone
        answer = act(client, "ID", two[0].pk)
        assert (answer.status_code, errors(answer)) == (404, ["gone"])
        assert "请重新上传" in answer.content.decode()
        assert delete_removed() == 1 - deleted


def test_where_another_picture_came_meanwhile_it_takes_the_next_place(client, draft):
    photo = factories.make_photo(draft, "EDU")
    act(client, "EDU", photo.pk, "delete")
    other = factories.make_photo(draft, "EDU")
    act(client, "EDU", photo.pk)
    assert places("EDU") == {1: str(other.pk), 2: str(photo.pk)}


def test_no_place_left(client, draft, two):
    act(client, "ID", two[0].pk, "delete")
    other = factories.make_photo(draft, "ID")
    assert undo_of(client) == []
    answer = act(client, "ID", two[0].pk)
    assert (answer.status_code, errors(answer)) == (422, ["full"])
    assert set(places().values()) == {str(other.pk), str(two[1].pk)}


def test_the_same_picture_uploaded_again_meanwhile(client, draft):
    upload(client, "EDU", file())
    photo = Photo.objects.get()
    act(client, "EDU", photo.pk, "delete")
    assert upload(client, "EDU", file()).status_code == 303
    assert undo_of(client) == []
    answer = act(client, "EDU", photo.pk)
    assert (answer.status_code, errors(answer)) == (422, ["duplicate"])


def test_an_item_marked_meanwhile_applies_again(client, draft):
    photo = factories.make_photo(draft, "OTHER")
    act(client, "OTHER", photo.pk, "delete")
    client.post("/materials/OTHER/not-applicable/", {"value": "on"})
    act(client, "OTHER", photo.pk)
    assert not Item.objects.get(category__code="OTHER").not_applicable


def test_closed(client, draft, two):
    act(client, "ID", two[0].pk, "delete")
    factories.close_window(draft.session)
    assert undo_of(client) == []
    answer = act(client, "ID", two[0].pk)
    assert (answer.status_code, errors(answer)) == (409, ["closed"])


def test_after_submitting_it_is_gone(client, draft, two):
    photo = factories.make_photo(draft, "OTHER")
    act(client, "OTHER", photo.pk, "delete")
    factories.submit(draft)
    answer = act(client, "OTHER", photo.pk)
    assert (answer.status_code, errors(answer)) == (409, ["locked"])
    assert not is_stored(photo.file)


def test_what_a_submission_named_comes_back_as_it_was(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    photo = application.items.get(category__code="EDU").photos.get()
    act(client, "EDU", photo.pk, "delete")
    assert act(client, "EDU", photo.pk).status_code == 303
    photo.refresh_from_db()
    assert photo.superseded_at is None
    assert "尚未修改" in client.get("/materials/").content.decode()


def test_a_turned_picture_offers_no_undo_of_what_it_replaced(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    photo = application.items.get(category__code="EDU").photos.get()
    client.post(f"/materials/EDU/photos/{photo.pk}/turn/", {"turn": "left"})
    assert undo_of(client) == []
    answer = act(client, "EDU", photo.pk)
    assert (answer.status_code, errors(answer)) == (422, ["duplicate"])


def test_not_yours_not_there_not_in_this_item(client, draft, two):
    other = factories.draft(draft.session)
    theirs = factories.make_photo(other, "ID")
    delete_photo(Actor(other.candidate.user), other.candidate, "ID", theirs.pk)
    act(client, "ID", two[0].pk, "delete")
    for code, photo_id in (("ID", theirs.pk), ("ID", uuid4()), ("EDU", two[0].pk), ("NOPE", two[0].pk)):
        assert act(client, code, photo_id).status_code == 404
    assert Photo.objects.filter(superseded_at=None).count() == 1


def test_a_look_restores_nothing(client, draft, two):
    assert client.get(f"/materials/ID/photos/{two[0].pk}/restore/").status_code == 405


def test_reviewers_never_see_what_was_deleted_before_it_was_handed_in(client):
    """Not on the screen of a returned application either, where replaced pictures stand beside the new ones."""
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    new = factories.make_photo(application, "EDU")
    act(client, "EDU", new.pk, "delete")
    client.force_login(factories.administrator())
    for address in (
        f"/admin/review/{application.pk}/",
        f"/admin/materials/application/{application.pk}/change/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert str(new.pk) not in answer.content.decode()


# --- at the same time ------------------------------------------------------------------------------


def fresh(application: Application) -> tuple[Actor, Candidate]:
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(pk=application.candidate_id)
    return Actor(candidate.user), candidate


def removed(application: Application, code: str) -> Photo:
    photo = factories.make_photo(application, code)
    delete_photo(*fresh(application), code, photo.pk)
    return photo


@pytest.mark.parametrize("seed", range(4))
def test_an_undo_and_an_upload_race_for_the_last_place(seed):
    application = factories.draft()
    photo = removed(application, "ID")
    factories.make_photo(application, "ID")

    results = at_once(
        lambda: restore_photo(*fresh(application), "ID", photo.pk),
        lambda: add_photo(*fresh(application), "ID", factories.picture(seed)),
    )

    assert refusals(results) == ["full"]
    assert sorted(places()) == [1, 2]


def test_an_undo_pressed_many_times_at_once_is_one():
    application = factories.draft()
    photo = removed(application, "ID")

    results = at_once(*(partial(restore_photo, *fresh(application), "ID", photo.pk) for _ in range(6)))

    assert refusals(results) == []
    assert Event.objects.filter(action=Action.PHOTO_RESTORED).count() == 1


def test_an_undo_that_meets_a_submission_is_in_the_manifest_or_refused():
    for _ in range(8):
        application = factories.draft(factories.make_session())
        factories.fill(application)
        photo = removed(application, "EDU")

        restored, submission = at_once(
            lambda app=application, pk=photo.pk: restore_photo(*fresh(app), "EDU", pk),
            lambda app=application: submit_application(*fresh(app)),
        )

        assert isinstance(submission, Submission)
        named = {one["photo"] for entry in submission.manifest for one in entry["photos"]}
        stored = {str(pk) for pk in Photo.objects.filter(item__application=application).values_list("pk", flat=True)}
        assert named == stored
        assert (restored is None) == (str(photo.pk) in named) == is_stored(photo.file)
        if restored is not None:
            assert refusals([restored]) == ["locked"]


def test_an_undo_that_meets_the_deleter_keeps_files_and_row_together(monkeypatch):
    for _ in range(6):
        application = factories.draft(factories.make_session())
        photo = removed(application, "EDU")
        monkeypatch.setattr("materials.rules.PUT_BACK_FOR", PUT_BACK_FOR)
        # Just in time for the one, just over for the other.
        Photo.objects.filter(pk=photo.pk).update(superseded_at=timezone.now() - PUT_BACK_FOR)
        monkeypatch.setattr("materials.rules.can_be_put_back", lambda *_: True)

        restored, deleted = at_once(
            lambda app=application, pk=photo.pk: restore_photo(*fresh(app), "EDU", pk), delete_removed
        )

        there = Photo.objects.filter(pk=photo.pk, superseded_at=None).exists()
        assert there == is_stored(photo.file) == (restored is None)
        assert deleted == (0 if there else 1)
