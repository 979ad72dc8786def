"""The order of an item's pictures."""

from functools import partial
from uuid import UUID, uuid4

import pytest

from candidates.enums import Action
from candidates.models import Candidate, Event
from candidates.services.events import Actor
from materials.models import Application, Category, Photo
from materials.services.order import move_photo
from materials.services.photos import delete_photo
from tests import factories
from tests.concurrency import at_once, refusals

from .pages import errors, items

pytestmark = pytest.mark.django_db(transaction=True)


def move(client, code, photo_id, to, **fields):
    return client.post(f"/materials/{code}/photos/{photo_id}/move/", {"to": to, **fields})


def there(code: str = "EDU") -> dict[int, str]:
    live = Photo.objects.filter(item__category__code=code, superseded_at=None).order_by("position")
    return {photo.position: str(photo.pk) for photo in live}


@pytest.fixture
def four(draft) -> list[str]:
    return [str(factories.make_photo(draft, "EDU").pk) for _ in range(4)]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("to", range(1, 7))
def test_from_every_place_to_every_other(client, four, place, to):
    answer = move(client, "EDU", four[place], to)
    assert (answer.status_code, answer.url) == (303, "/materials/#item-EDU")
    expected = [one for one in four if one != four[place]]
    expected.insert(to - 1, four[place])
    assert there() == dict(enumerate(expected, start=1))
    assert items(client.get("/materials/"))["EDU"].uuids == expected
    moved = expected != four
    assert Event.objects.filter(action=Action.PHOTO_MOVED).count() == moved
    if moved:
        event = Event.objects.get(action=Action.PHOTO_MOVED)
        after = expected.index(four[place]) + 1
        assert event.facts == {"item": "EDU", "photo": four[place], "before": place + 1, "after": after}


def test_a_place_that_is_free_in_front_stays_free(client, draft, four):
    delete_photo(Actor(draft.candidate.user), draft.candidate, "EDU", Photo.objects.get(position=1).pk)
    move(client, "EDU", four[3], 1)
    assert there() == {2: four[3], 3: four[1], 4: four[2]}


def test_as_many_as_there_can_be(client, draft):
    Category.objects.filter(session=draft.session, code="OTHER").update(max_photos=50)
    many = [str(factories.make_photo(draft, "OTHER").pk) for _ in range(50)]
    move(client, "OTHER", many[49], 1)
    move(client, "OTHER", many[0], 50)
    assert list(there("OTHER").values()) == [many[49], *many[1:49], many[0]]
    assert list(there("OTHER")) == list(range(1, 51))


def test_twice_is_once(client, four):
    for _ in range(2):
        assert move(client, "EDU", four[0], 3).status_code == 303
    assert Event.objects.filter(action=Action.PHOTO_MOVED).count() == 1


def test_what_was_checked_is_another_order_now(client, draft, four):
    factories.fill(draft)
    page = client.get("/materials/submit/").content.decode()
    checked = page.split('name="checked" value="')[1].split('"')[0]
    move(client, "EDU", four[0], 2)
    assert client.post("/materials/submit/", {"checked": checked}).status_code == 409
    assert client.post("/materials/submit/").status_code == 303
    (entry,) = [entry for entry in draft.submissions.get().manifest if entry["item"] == "EDU"]
    assert [photo["photo"] for photo in entry["photos"]] == [four[1], four[0], *four[2:]]


def test_another_order_is_no_change(client, draft, four):
    """Rule 7 goes by what the pictures are."""
    factories.submit(draft)
    factories.review(draft, "return", ask=["EDU"])
    move(client, "EDU", four[0], 4)
    assert list(there().values()) == [*four[1:], four[0]]
    answer = client.post("/materials/submit/")
    assert (answer.status_code, errors(answer)) == (422, ["unchanged"])


def test_locked(client, draft, four):
    factories.submit(draft)
    answer = move(client, "EDU", four[0], 2)
    assert (answer.status_code, errors(answer)) == (409, ["locked"])
    assert list(there().values()) == four
    assert "/move/" not in client.get("/materials/").content.decode()


def test_closed(client, draft, four):
    factories.close_window(draft.session)
    answer = move(client, "EDU", four[0], 2)
    assert (answer.status_code, errors(answer)) == (409, ["closed"])
    assert "/move/" not in client.get("/materials/").content.decode()


def test_not_yours_not_there_not_in_this_item_no_place(client, draft, four):
    theirs = factories.make_photo(factories.draft(draft.session), "EDU")
    for code, photo_id in (("EDU", theirs.pk), ("EDU", uuid4()), ("ID", four[0]), ("NOPE", four[0])):
        assert move(client, code, photo_id, 2).status_code == 404
    for to in ("", "0", "-1", "x", "51"):
        assert move(client, "EDU", four[0], to).status_code == 404
    assert client.get(f"/materials/EDU/photos/{four[0]}/move/").status_code == 405
    assert not Event.objects.filter(action=Action.PHOTO_MOVED).exists()


def test_what_was_deleted_has_no_place(client, draft, four):
    delete_photo(Actor(draft.candidate.user), draft.candidate, "EDU", Photo.objects.get(position=1).pk)
    assert move(client, "EDU", four[0], 2).status_code == 404


def test_one_picture_needs_no_buttons(client, draft):
    factories.make_photo(draft, "EDU")
    assert "/move/" not in client.get("/materials/").content.decode()


def fresh(application: Application) -> tuple[Actor, Candidate]:
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(pk=application.candidate_id)
    return Actor(candidate.user), candidate


def test_many_moves_at_once_lose_no_picture(draft, four):
    results = at_once(
        *(partial(move_photo, *fresh(draft), "EDU", UUID(pk), 5 - place) for place, pk in enumerate(four, 1))
    )
    assert refusals(results) == []
    assert list(there()) == [1, 2, 3, 4]
    assert set(there().values()) == set(four)


def test_a_move_and_a_deletion_at_once(draft, four):
    moved, deleted = at_once(
        lambda: move_photo(*fresh(draft), "EDU", UUID(four[0]), 4),
        lambda: delete_photo(*fresh(draft), "EDU", UUID(four[0])),
    )
    assert deleted is None
    assert moved is None or isinstance(moved, Photo.DoesNotExist)
    assert list(there().values()) == four[1:]
