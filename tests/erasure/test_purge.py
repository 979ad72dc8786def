"""``purge_session``: what goes, what stays, when it may be; a second run does nothing (docs/quality.md, 44)."""

import io
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from candidates.models import Candidate, Delivery, Event, Message, OneTimeCode, User
from candidates.services.keys import encrypted_columns
from materials.models import Application, Item, Photo, RosterLoad, Submission
from review.models import Circular, Decision
from review.services import erasure
from tests import factories
from tests.erasure.person import a_person
from tests.stored import stored

pytestmark = pytest.mark.django_db


def purge(session, *options):
    out = io.StringIO()
    call_command("purge_session", "--session", session.code, *options, stdout=out)
    return out.getvalue().splitlines()


def as_text() -> str:
    """All rows of all tables, as they stand in the database."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT row::text FROM {table} AS row")
            found += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    return "\n".join(found)


def encrypted_values() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for column in encrypted_columns():
            cursor.execute(f"SELECT {column.name} FROM {column.table} WHERE {column.name} <> ''")
            found += [f"{column}: {value}" for (value,) in cursor.fetchall()]
    return found


def files() -> list[Path]:
    return [file for file in (Path(settings.FILES_DIR) / "photos").rglob("*") if file.is_file()]


@pytest.fixture
def person(client):
    one = a_person(client)
    factories.end_retention(one.session)
    return one


def test_nothing_personal_is_left(person):
    before = as_text()
    assert [mark for mark in person.plain if mark not in before] == []
    assert {value.split(":")[0] for value in encrypted_values()} >= {
        "candidates_candidate.id_number", "candidates_candidate.phone", "candidates_candidate.email",
        "candidates_delivery.text", "candidates_delivery.address", "candidates_onetimecode.typed_number",
    }  # fmt: skip
    assert files()

    assert purge(person.session) == ["candidates: 1", "pictures: 3", f"purged: {person.session.code}"]

    after = as_text()
    assert [mark for mark in person.plain if mark in after] == []
    assert encrypted_values() == []
    assert files() == []
    gone = (Photo, OneTimeCode, AccessAttempt, Session, RosterLoad)
    assert [model for model in gone if model.objects.exists()] == []
    candidate = person.candidate
    assert str(candidate) == candidate.user.username == f"ERASED-{candidate.pk}"
    assert (candidate.flags, candidate.user.is_active, candidate.user.has_usable_password()) == ([], False, False)


def what_stays() -> dict:
    application = Application.objects.get()
    return {
        "application": (application.status, application.stage, application.rounds, application.submitted_at),
        "items": list(Item.objects.order_by("pk").values_list("category", "locked", "verdict", "reason", "verdict_by")),
        "decisions": [
            (d.outcome, d.stage, d.round, d.reason_id, d.sentence_zh, d.reviewer_id, d.decided_at,
             [(r["item"], r["reason"]) for r in d.requests]) for d in Decision.objects.order_by("pk")
        ],
        "submissions": [
            (s.number, s.submitted_at, [(e["item"], e["photos"]) for e in s.manifest]) for s in Submission.objects.all()
        ],
        "deliveries": Counter(Delivery.objects.values_list("about", "channel")),
        "messages": Counter(Message.objects.values_list("kind")),
        "events": list(
            Event.objects.exclude(action="purged").order_by("pk").values_list("at", "action", "actor", "candidate")
        ),
        "track": list(Candidate.objects.values_list("track", "level", "site", "activated_at", "consent_version")),
        "told": list(Circular.objects.values_list("states", "number", "sent_by")),
    }  # fmt: skip


def test_counts_outcomes_and_events_stay(person):
    before = what_stays()

    purge(person.session)

    assert what_stays() == before
    event = Event.objects.get(action="purged")
    assert (event.session, event.candidate, event.facts["number"]) == (person.session, None, 1)
    # Reason codes are not what somebody wrote.
    assert Event.objects.filter(action="verdict_given").exclude(facts__reason="").exists()
    assert Event.objects.get(action="phone_changed").facts == {"checked": "video"}


def test_nobody_else_is_touched(person, client):
    other = factories.decided("passed", name="别人", note="别的话")
    client.post("/login/", {"username": other.candidate.registration_number, "password": factories.PASSWORD})
    Client().post("/login/", {"username": other.candidate.registration_number, "password": "wrong"})
    mine = [
        Candidate.objects.filter(pk=other.candidate_id),
        Decision.objects.filter(application=other),
        Photo.objects.filter(item__application=other),
        Event.objects.filter(candidate=other.candidate_id),
    ]
    before = [list(rows.values()) for rows in mine]

    purge(person.session)

    assert [list(rows.values()) for rows in mine] == before
    assert AccessAttempt.objects.count() == 1
    assert client.get("/materials/").status_code == 200
    assert all(Path(photo.file.path).read_bytes() for photo in mine[2])


def test_whoever_was_signed_in_is_not_any_more(person):
    client = Client()
    client.force_login(person.candidate.user, backend="candidates.backends.AccountBackend")
    assert client.get("/result/").status_code == 200

    purge(person.session)

    assert client.get("/result/").status_code == 302
    assert client.post("/login/", {"username": person.plain[2], "password": factories.PASSWORD}).status_code == 422


def test_a_second_run_does_nothing(person):
    purge(person.session)
    before = stored()

    assert purge(person.session) == ["本批次的个人信息已经清除，无需再做。"]

    assert stored() == before


# --- when it may be ----------------------------------------------------------------------------------


def refused(session, sentence):
    before = stored()
    with pytest.raises(CommandError, match=sentence):
        purge(session)
    assert stored() == before


def test_not_before_the_retention_ends():
    application = factories.decided("passed")
    session = application.session
    factories.publish(session)
    session.published_at -= timedelta(days=session.retention_days, minutes=-1)
    session.save()

    refused(session, "之前都须保存")


def long_ago(session):
    sessions = type(session).objects.filter(pk=session.pk)
    sessions.update(opens_at="2018-01-01T00:00Z", closes_at="2018-02-01T00:00Z", corrections_until="2018-03-01T00:00Z")


def test_not_before_publication_if_anything_was_handed_in():
    session = factories.submitted().session
    long_ago(session)

    refused(session, "尚未公布")


def test_a_session_that_came_to_nothing_goes_when_its_own_end_is_long_past():
    application = factories.draft()
    factories.make_photo(application, "ID")
    session = application.session
    long_ago(session)

    assert purge(session) == ["candidates: 1", "pictures: 1", f"purged: {session.code}"]


def test_not_while_a_roster_is_on_its_way(person):
    RosterLoad.objects.update(ended_at=None)

    with pytest.raises(CommandError, match="名册"):
        purge(person.session)

    person.session.refresh_from_db()
    assert person.session.purged_at is None
    RosterLoad.objects.update(ended_at=person.session.opens_at)
    assert purge(person.session) == ["candidates: 0", "pictures: 0", f"purged: {person.session.code}"]


# --- many ----------------------------------------------------------------------------------------------


def test_batch_by_batch_and_what_is_done_stays_done(person, monkeypatch):
    """The store fails at the third batch: two are done for good; the next run does the rest."""
    session = person.session
    for _number in range(5):
        factories.make_photo(factories.make_candidate(session).application, "ID")
    monkeypatch.setattr(erasure, "BATCH", 2)
    calls = []

    def failing(storage, folder):
        calls.append(folder)
        if len(calls) > 4:
            raise OSError("the store is away")
        delete(storage, folder)

    delete = erasure.delete_all_files.__globals__["delete_folder"]
    monkeypatch.setitem(erasure.delete_all_files.__globals__, "delete_folder", failing)
    with pytest.raises(CommandError, match="存储未能删除"):
        purge(session)

    assert Candidate.objects.filter(erased_at=None).count() == 2
    names = {str(file.relative_to(Path(settings.FILES_DIR) / "photos")) for file in files()}
    assert {photo.file.name for photo in Photo.objects.all()} <= names
    monkeypatch.undo()
    assert purge(session)[0] == "candidates: 2"
    assert not Photo.objects.exists()
    assert not files()
    assert not User.objects.filter(role="candidate", is_active=True).exists()


def test_what_no_row_names_goes_too(person):
    left_over = Path(settings.FILES_DIR) / "photos" / str(person.application.pk)[:2] / str(person.application.pk)
    (left_over / "half.jpg.abc.part").write_bytes(b"half a picture")

    purge(person.session)

    assert not left_over.exists()
