"""What is read from a streaming replica (candidates/replica.py): a real one, paused, behind, gone, and not ours."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from typing import Any

import psycopg2
import pytest
from django.conf import settings as portal_settings
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from candidates import replica
from candidates.enums import Action
from candidates.models import Delivery, Event, ExamSession
from candidates.services.events import OPERATOR, record
from cluster.postgres import replica_of
from drill.portal import free_ports
from exam_portal import embedded
from review.services.publication import plan_publication, publish_results
from tests import factories
from tests.review.desk import press, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "replica"])


@pytest.fixture(scope="module", autouse=True)
def copied() -> Iterator[embedded.Cluster]:
    """A replica of the tests' own server."""
    if not portal_settings.EMBEDDED:
        pytest.skip("a replica is made of the embedded server alone")
    primary = embedded.locate(portal_settings.DATA_DIR, test=True)
    folder = primary.folder / f"replica-{portal_settings.RUN}-{free_ports(1)[0]}"
    copy = replica_of(primary, folder, free_ports(1)[0])
    default = connections.settings["default"]
    connections.settings["replica"] = {**default, "TEST": {**default["TEST"], "MIRROR": "default"}}
    yield copy
    del connections.settings["replica"], connections["replica"]
    copy.stop()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def connect(transactional_db, settings, monkeypatch) -> Iterator[Callable[..., None]]:
    """Where the alias leads: to the primary itself unless a test says otherwise."""
    settings.DATABASE_ROUTERS = ["candidates.replica.Router"]
    monkeypatch.setattr(replica, "_rests_until", 0.0)

    def to(**place: Any) -> None:
        connections["replica"].close()
        mirror = {"TEST": connections.settings["replica"]["TEST"]}
        connections["replica"].settings_dict = {**connection.settings_dict, **mirror, **place}

    to()
    yield to
    connections["replica"].close()


@pytest.fixture
def streaming(connect, copied, monkeypatch) -> Iterator[embedded.Cluster]:
    # The replica of a server that all of the suite's workers write to may be behind for longer than a page waits.
    monkeypatch.setattr(replica, "CATCH_UP_SECONDS", 60)
    # The tests' server acknowledges before it flushes, which no other may.
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    copied.start()
    connect(HOST="127.0.0.1", PORT=copied.port)
    yield copied
    connection.close()
    with suppress(psycopg2.OperationalError):  # a test stopped it
        command(copied, "SELECT pg_wal_replay_resume()")


def command(server: embedded.Cluster, sql: str) -> None:
    with closing(server.connect()) as beside, beside.cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that the replica was sent for a page; not those that ask how far it is."""
    found: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if "pg_control_system" not in sql:
            found.append(sql)
        return execute(sql, *rest)

    with connections["replica"].execute_wrapper(note):
        yield found


def paused(server: embedded.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has all that was written so far, gets no more, and is taken for one that does."""
    assert replica._has_caught_up()
    command(server, "SELECT pg_wal_replay_pause()")
    monkeypatch.setattr(replica, "_has_caught_up", lambda: True)


def content(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer) if answer.streaming else answer.content


def reads(outcome: str) -> float:
    return replica.READS.labels(outcome)._value.get()


@pytest.fixture
def session() -> ExamSession:
    return factories.make_session(code="TJ-2026")


def test_lists_statistics_and_exports_are_read_there_and_nothing_else(streaming, session, monkeypatch):
    application = factories.submitted(session)
    about = {"candidate": application.candidate, "session": session, "about": ""}
    Delivery.objects.create(**about, channel="sms", address="13900000000", text="x")
    client, reviewer = signed_in(factories.region_staff(session.region)), factories.site_reviewer(application.site)
    lists = {
        f"/admin/sessions/{session.code}/progress/",
        f"/admin/sessions/{session.code}/reviews/",
        f"/admin/sessions/{session.code}/messages/",
        f"/admin/export/results.csv?session={session.code}",
        reverse("admin:candidates_event_changelist"),
        reverse("admin:candidates_delivery_changelist"),
    }
    others = {
        "/admin/",
        f"/admin/sessions/{session.code}/publish/",
        f"/admin/sessions/{session.code}/export/",
        f"/admin/sessions/{session.code}/disagreements/",
        f"/admin/sessions/{session.code}/messages/new/",
        f"/admin/sessions/{session.code}/setup/",
        reverse("admin:candidates_candidate_changelist"),
        reverse("admin:materials_application_changelist"),
        reverse("admin:materials_application_change", args=[application.pk]),
        reverse("admin:candidates_event_change", args=[Event.objects.latest("pk").pk]),
        f"/admin/review/{application.pk}/",
    }
    owner = signed_in(application.candidate.user)
    paused(streaming, monkeypatch)
    another = factories.submitted(session)  # the replica does not hear of it

    for address in lists:
        with asked() as statements:
            page = content(client, address)
        assert statements, address
        assert another.candidate.registration_number.encode() not in page, address
    for who, address in [
        *((client, address) for address in others),
        (owner, "/materials/"),
        (owner, "/registration/"),
        (owner, "/messages/"),
    ]:
        with asked() as statements:
            content(who, address)
        assert statements == [], address

    # What decides and writes, even on a page's way from such a list.
    desk = signed_in(reviewer)
    with asked() as statements:
        assert desk.get("/admin/review/next/").status_code == 302
        for code in ("ID", "EDU"):
            assert press(desk, application, f"items/{code}/", verdict="accepted").status_code == 303
        assert press(desk, application, "finish/", outcome="pass").status_code == 303
        assert sum(number for _site, _result, number in plan_publication(session).by_site) == 2
    assert statements == []


def test_the_exports_event_is_written_to_the_primary_and_its_rows_are_the_replicas(streaming, session, monkeypatch):
    numbers = [factories.submitted(session).candidate.registration_number]
    client = signed_in(factories.region_staff(session.region))
    paused(streaming, monkeypatch)
    numbers.append(factories.submitted(session).candidate.registration_number)

    for kind in ("csv", "xlsx"):
        file = content(client, f"/admin/export/results.{kind}?session={session.code}")
        event = Event.objects.filter(action=Action.EXPORTED).latest("pk")
        assert (event.facts["rows"], event.facts["format"]) == (1, kind)
        if kind == "csv":
            assert [number.encode() in file for number in numbers] == [True, False]

    command(streaming, "SELECT pg_wal_replay_resume()")
    monkeypatch.undo()
    monkeypatch.setattr(replica, "CATCH_UP_SECONDS", 60)
    address = f"/admin/export/results.csv?session={session.code}&headers=code"
    there = content(client, address)
    with monkeypatch.context() as without:
        without.setattr(replica, "_has_caught_up", lambda: False)
        assert content(client, address) == there, "the same file, byte for byte"
    assert all(number.encode() in there for number in numbers)


def test_nobody_sees_less_than_was_there_when_they_asked(streaming, session, monkeypatch):
    """One's own change above all: a replica that does not have it in time is left alone for a while, and said to be."""
    factories.draft(session)
    client = signed_in(factories.region_staff(session.region))
    address = f"/admin/sessions/{session.code}/progress/"
    there, behind, rests = reads("replica"), reads("behind"), reads("rests")
    content(client, address)
    assert reads("replica") == there + 1

    command(streaming, "SELECT pg_wal_replay_pause()")
    monkeypatch.setattr(replica, "CATCH_UP_SECONDS", 0.05)
    newest = factories.draft(session).candidate
    record(Action.ACTIVATED, OPERATOR, candidate=newest)
    events = reverse("admin:candidates_event_changelist")
    with asked() as statements:
        assert newest.registration_number.encode() in content(client, events)
        content(client, address)
    assert statements == []
    assert (reads("behind"), reads("rests")) == (behind + 1, rests + 1)

    # An hour without a write makes nothing old.
    command(streaming, "SELECT pg_wal_replay_resume()")
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    monkeypatch.setattr(replica, "CATCH_UP_SECONDS", 60)
    assert newest.registration_number.encode() in content(client, events)
    assert reads("replica") == there + 2


def test_a_published_list_is_read_once_the_replica_knows_that_it_is_published(streaming, session):
    factories.decided("passed", session)
    factories.close_window(session)
    publication = publish_results(OPERATOR, session.code)
    client = signed_in(factories.region_staff(session.region))
    with asked() as statements:
        file = content(client, f"/admin/export/results.csv?session={session.code}&headers=code")
    assert statements
    assert sha256(file).hexdigest() == publication.sha256


def test_a_replica_that_fails_midway_or_is_gone_costs_nobody_a_page(streaming, session, monkeypatch):
    client = signed_in(factories.region_staff(session.region))
    address = f"/admin/sessions/{session.code}/progress/"
    failed, unreachable = reads("failed"), reads("unreachable")

    def cancelled(_execute: Any, sql: str, *rest: Any) -> Any:
        if "pg_control_system" in sql:
            return _execute(sql, *rest)
        raise OperationalError("canceling statement due to conflict with recovery")

    with connections["replica"].execute_wrapper(cancelled):
        content(client, address)
    assert reads("failed") == failed + 1

    monkeypatch.setattr(replica, "_rests_until", 0.0)
    streaming.stop()
    content(client, address)
    assert reads("unreachable") == unreachable + 1
    assert client.get("/readyz").status_code == 200


def test_a_server_that_is_no_replica_is_not_believed():
    """Another server, the wrong one after a failover, or the primary itself by another name."""
    foreign = reads("foreign")
    assert not replica._has_caught_up()
    assert reads("foreign") == foreign + 1


def test_within_a_transaction_everything_is_the_primarys(streaming):
    with transaction.atomic():
        assert not replica._has_caught_up()
    assert replica._has_caught_up()
