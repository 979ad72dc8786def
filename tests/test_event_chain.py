"""The chain over the events: sealed behind those who write them, and what somebody did to one is named."""

import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from candidates.enums import Action
from candidates.models import Event, Seal
from candidates.services import seals
from candidates.services.events import OPERATOR, Actor, record
from candidates.services.seals import seal_events
from tests import factories
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(monkeypatch) -> list[int]:
    """The keys of ten sealed events, with what events can hold; walked in several steps."""
    monkeypatch.setattr(seals, "AT_ONCE", 3)
    candidate = factories.draft().candidate
    made = [
        record(Action.REPLIED, OPERATOR, candidate=candidate, item=f"项目{n}", n=n, of=[1.5, None]) for n in range(10)
    ]
    assert seal_events() == Event.objects.count()
    return [event.pk for event in made]


def verify(*arguments: str) -> str:
    out = io.StringIO()
    call_command("verify_events", *arguments, stdout=out)
    return out.getvalue()


def head() -> str:
    return bytes(Seal.objects.order_by("-pk")[0].hash).hex()


@contextmanager
def without_guards() -> Iterator[None]:
    """As somebody who owns the database can do anything to it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def test_a_chain_that_nobody_touched_is_whole(events):
    assert verify().splitlines() == [f"{Event.objects.count()} events, each as it was sealed; 0 not sealed yet",
                                     f"head: {head()} (event {events[-1]})"]  # fmt: skip
    record(Action.REPLIED, OPERATOR)
    assert "; 1 not sealed yet" in verify()
    assert seal_events() == 1
    assert seal_events() == 0
    assert "; 0 not sealed yet" in verify()


def test_without_any_event_there_is_nothing_to_say_but_that(db):
    assert seal_events() == 0
    assert verify() == "0 events, each as it was sealed; 0 not sealed yet\n"


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"item": "项目5", "n": 6, "of": [1.5, None]}},
        {"action": Action.SUBMITTED},
        {"candidate": None},
        {"at": timedelta(microseconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_named(events, change):
    event = Event.objects.filter(pk=events[5])
    if "at" in change:
        change = {"at": event.get().at + change["at"]}
    with without_guards():
        event.update(**change)
    with pytest.raises(CommandError, match=f"broken: event {events[5]} was changed"):
        verify()


def test_so_is_one_of_nobody_whose_address_was_changed(events):
    event = record(Action.SIGN_IN_FAILED, Actor(None, "10.0.0.9"))
    seal_events()
    with without_guards():
        Event.objects.filter(pk=event.pk).update(ip_address="10.0.0.1")
    with pytest.raises(CommandError, match=f"broken: event {event.pk} was changed"):
        verify()


def test_a_removed_event_is_named(events):
    for gone in (events[9], events[5]):  # the newest too
        with without_guards():
            Event.objects.filter(pk=gone)._raw_delete("default")
        with pytest.raises(CommandError, match=f"event {gone} is missing"):
            verify()


def test_an_event_removed_with_its_seal_is_named_by_its_neighbours(events):
    with without_guards():
        Event.objects.filter(pk=events[5])._raw_delete("default")
        Seal.objects.filter(pk=events[5])._raw_delete("default")
    with pytest.raises(CommandError, match=f"seal of event {events[6]} does not follow the seal of event {events[4]}"):
        verify()


def test_the_first_events_cannot_go_either(events):
    first = Seal.objects.order_by("pk")[0].pk
    with without_guards():
        Event.objects.filter(pk__lte=first)._raw_delete("default")
        Seal.objects.filter(pk__lte=first)._raw_delete("default")
    with pytest.raises(CommandError, match="does not follow the beginning"):
        verify()


@pytest.mark.parametrize("key", [-7, 0, "between"])
def test_an_inserted_event_is_named(events, key):
    """Keys go unused where a transaction was rolled back; sealed was that nothing is there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('candidates_event', 'id'))")
    record(Action.REPLIED, OPERATOR)
    seal_events()
    inserted = events[-1] + 1 if key == "between" else key
    assert not Event.objects.filter(pk=inserted).exists()
    Event.objects.create(pk=inserted, action=Action.SUBMITTED)
    assert seal_events() == 0
    with pytest.raises(CommandError, match=f"event {inserted} was inserted"):
        verify()


def test_a_lost_seal_is_named(events):
    with without_guards():
        Seal.objects.filter(pk=events[5])._raw_delete("default")
    with pytest.raises(CommandError, match=f"event {events[5]} has lost its seal"):
        verify()


def test_two_events_that_changed_places_are_named(events):
    one, other = events[4], events[7]
    with without_guards():
        for was, becomes in ((one, -1), (other, one), (-1, other)):
            Event.objects.filter(pk=was).update(id=becomes)
    with pytest.raises(CommandError, match=f"event {one} was changed"):
        verify()


def test_a_seal_made_anew_breaks_the_chain_after_it(events):
    with without_guards():
        Event.objects.filter(pk=events[5]).update(action=Action.SUBMITTED)
        seal = Seal.objects.get(pk=events[5])
        (content,) = seals._contents(events[5] - 1, events[5])
        Seal.objects.filter(pk=events[5]).update(hash=seals._hash(bytes(seal.previous), content))
    with pytest.raises(CommandError, match=f"seal of event {events[6]} does not follow the seal of event {events[5]}"):
        verify()


def test_a_chain_made_anew_is_not_the_one_that_a_kept_head_is_from(events):
    kept = head()
    assert verify("--head", kept)
    record(Action.REPLIED, OPERATOR)
    seal_events()
    assert verify("--head", " ".join(kept[n : n + 8] for n in range(0, 64, 8)))  # still in it, as written on paper

    with without_guards():
        Event.objects.filter(pk=events[2]).update(action=Action.SUBMITTED)
        Seal.objects.all()._raw_delete("default")
    seal_events()

    verify()
    with pytest.raises(CommandError, match="not the one this head is from"):
        verify("--head", kept)


def test_the_end_cannot_be_cut_off_from_somebody_who_kept_the_head(events):
    kept = head()
    with without_guards():
        Event.objects.filter(pk=events[9])._raw_delete("default")
        Seal.objects.filter(pk=events[9])._raw_delete("default")
    with pytest.raises(CommandError, match="not the one this head is from"):
        verify("--head", kept)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 63, "0" * 66])
def test_what_is_no_hash_is_refused(text):
    with pytest.raises(CommandError, match="64 digits"):
        verify("--head", text)


def test_one_database_row_more_or_less_anywhere_is_seen(events):
    """Whatever is taken out, changed or added, of events or seals, at any place: not one goes unseen."""
    dice = random.Random(7)
    for _ in range(20):
        victim = dice.choice(events[:-1])
        acts = [
            lambda pk: Event.objects.filter(pk=pk)._raw_delete("default"),
            lambda pk: Seal.objects.filter(pk=pk)._raw_delete("default"),
            lambda pk: Event.objects.filter(pk=pk).update(facts={}),
            lambda pk: Seal.objects.filter(pk=pk).update(hash=b"\1" * 32),
            lambda pk: Seal.objects.filter(pk=pk).update(previous=b"\1" * 32),
        ]
        with transaction.atomic():
            with without_guards():
                dice.choice(acts)(victim)
            with pytest.raises(CommandError, match=r"event \d+"):
                verify()
            transaction.set_rollback(True)
    verify()


# --- while others write ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_sealed_in_its_place(monkeypatch):
    """Its key was drawn first and comes to light last. Until it does, nothing after it is sealed, and nobody waits."""
    monkeypatch.setattr(seals, "PATIENCE_SECONDS", 0)
    written, go_on = Signal(), Signal()

    def write_slowly() -> None:
        with transaction.atomic():
            record(Action.REPLIED, OPERATOR, order="first")
            written.set()
            go_on.wait(20)
        connection.close()

    writer = Thread(target=write_slowly)
    writer.start()
    assert written.wait(20)
    later = record(Action.REPLIED, OPERATOR, order="second")  # commits at once
    assert seal_events() == 0
    assert seals.count_unsealed() == 1

    go_on.set()
    writer.join()
    assert seal_events() == 2
    assert Event.objects.get(pk__lt=later.pk).facts["order"] == "first"
    verify()


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_and_writers_beside_them_make_one_chain(monkeypatch):
    monkeypatch.setattr(seals, "AT_ONCE", 7)

    def write() -> None:
        for number in range(25):
            with transaction.atomic():
                record(Action.REPLIED, OPERATOR, number=number)
                transaction.set_rollback(number % 5 == 0)

    def seal() -> int:
        return sum(seal_events() for _ in range(10))

    results = at_once(write, seal, write, seal, write, seal)

    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(result or 0 for result in results) + seal_events() == Event.objects.count() == 60
    assert verify().startswith("60 events")
