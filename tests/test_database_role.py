"""The role that the portal runs as: does all the work there is, and cannot take the guards of one table away."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from candidates.enums import DraftsAtClose
from candidates.models import Candidate, Event, ExamSession, Seal
from candidates.services.database_role import connected_as, grant_application_role
from candidates.services.seals import seal_events
from materials.models import Application, Submission
from review.models import Decision
from tests import acts, factories
from tests.candidates.staff_pages import change
from tests.materials.pages import upload
from tests.review.desk import press, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

APPEND_ONLY = {
    "candidates_event",
    "candidates_seal",
    "candidates_privacynotice",
    "materials_submission",
    "review_decision",
}
TALLIES = {"candidates_deliverytally", "materials_applicationtally"}
NEW_PASSWORD = "lotus-pond-2026"


@pytest.fixture
def application_role(transactional_db) -> str:
    """One of its own, that the tests' server has (exam_portal/embedded.py)."""
    role = f"{connection.settings_dict['USER']}_app"
    grant_application_role(role)
    return role


@pytest.fixture
def restricted(application_role) -> Iterator[str]:
    """Everything in the test goes to the database as that role."""
    with connected_as({"USER": application_role}):
        yield application_role


def refused(sql: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        run(sql)


def run(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_it_is_that_role_and_no_other(restricted):
    assert run("SELECT session_user, current_user") == [(restricted, restricted)]
    assert run(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ) == [(False, False, False, False)]


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_nothing_takes_the_guard_of_an_append_only_table_away(restricted, table):
    for sql in (
        f"UPDATE {table} SET {'event_id' if 'seal' in table else 'id'} = 1",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER append_only_rows",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TRIGGER append_only_rows ON {table}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
        f"DROP TABLE {table} CASCADE",
        f"ALTER TABLE {table} RENAME TO gone",
        f"CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    ):
        refused(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SET session_replication_role = replica",
        "SET LOCAL session_replication_role = replica",
        "DROP FUNCTION portal_append_only() CASCADE",
        "CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (id int)",
        "SET ROLE portal_test",
        "UPDATE django_migrations SET app = 'x'",
        "ALTER SEQUENCE candidates_event_id_seq RESTART",
        "SELECT setval('candidates_event_id_seq', 1)",
        "TRUNCATE materials_photo CASCADE",
    ],
)
def test_nor_that_of_all_at_once(restricted, sql):
    refused(sql)


def test_of_each_table_it_has_what_the_work_needs_and_nothing_more(restricted):
    rows = run(
        "SELECT relname, string_agg(privilege, ' ' ORDER BY privilege) FROM pg_class,"
        " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND has_table_privilege(pg_class.oid, privilege) GROUP BY relname"
    )
    rights = dict(rows)
    columns = run(
        "SELECT relname, string_agg(attname, ', ' ORDER BY attname) FROM pg_class"
        " JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped"
        " AND has_column_privilege(pg_class.oid, attnum, 'UPDATE')"
        " AND NOT has_table_privilege(pg_class.oid, 'UPDATE') GROUP BY relname"
    )

    assert dict(columns) == {
        "candidates_event": "facts, ip_address",
        "materials_submission": "manifest",
        "review_decision": "note, requests",
    }
    assert {table for table in rights if rights[table] == "INSERT SELECT"} == APPEND_ONLY
    assert {table for table in rights if rights[table] == "SELECT"} == {"django_migrations"}
    assert {table for table in rights if rights[table] == "DELETE INSERT SELECT"} == TALLIES
    assert len(set(rights.values())) == 4


def test_who_owns_the_tables_cannot_be_the_application(transactional_db):
    for role, words in (
        (connection.settings_dict["USER"], "owns the tables"),
        ("postgres", "owns"),
        ("nobody-such", "no role"),
    ):
        with pytest.raises(CommandError, match=f"{words}|所有者|没有"):
            call_command("grant_application_role", role)


def test_without_an_owner_the_role_must_be_named(transactional_db, settings):
    assert settings.DATABASE_OWNER is None
    with pytest.raises(CommandError, match="Name the role"):
        call_command("grant_application_role")


def test_migrate_works_as_the_owner_and_grants_what_is_new(application_role, settings):
    owner = connection.settings_dict["USER"]
    run(f"REVOKE ALL ON candidates_event FROM {application_role}")
    settings.DATABASE_OWNER = {"USER": owner}
    with connected_as({"USER": application_role}):
        refused("SELECT * FROM candidates_event")

        call_command("migrate", verbosity=0)

        assert run("SELECT count(*) FROM candidates_event") == [(0,)]
        refused("DELETE FROM candidates_event")
        assert connection.settings_dict["USER"] == application_role
    assert connection.settings_dict["USER"] == owner


# --- the work ----------------------------------------------------------------------------------------


def code_sent_to(candidate: Candidate) -> str:
    (sms,) = (Path(settings.OUTBOX_DIR) / "sms").glob(f"{candidate.phone}-*.txt")
    found = re.search(r"\b\d{6}\b", sms.read_text())
    assert found
    return found[0]


def hand_in(session: ExamSession, candidate: Candidate, number: str) -> Client:
    client = Client()
    assert client.post("/login/", {"username": candidate.registration_number, "password": number}).status_code == 303
    assert client.post("/activate/code/").status_code == 303
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answer = client.post("/activate/", {"code": code_sent_to(candidate), "consent": "on", **passwords})
    assert answer.status_code == 303
    for seed, code in enumerate(("ID", "ID", "EDU")):
        answer = upload(client, code, SimpleUploadedFile("a.jpg", factories.picture(seed + 1), "image/jpeg"))
        assert answer.status_code == 303
    (photo,) = Application.objects.get(candidate=candidate).items.get(category__code="EDU").photos.all()
    for act in ("delete", "restore"):
        assert client.post(f"/materials/EDU/photos/{photo.pk}/{act}/").status_code == 303
    assert client.post("/materials/submit/").status_code == 303
    return client


def judge(application: Application) -> None:
    """Both stages pass it, looking at a picture."""
    for reviewer in (factories.site_reviewer(application.site), factories.region_reviewer(application.session.region)):
        client = signed_in(reviewer)
        client.get("/admin/review/next/")
        photo = application.items.first().photos.first()
        assert client.get(f"/photos/{photo.pk}/").status_code == 200
        for code in ("ID", "EDU"):
            assert press(client, application, f"items/{code}/", verdict="accepted").status_code == 303
        assert press(client, application, "finish/", outcome="pass").status_code == 303


def test_the_whole_work_can_be_done(restricted, tmp_path):
    do_the_whole_work(tmp_path)


def do_the_whole_work(tmp_path: Path) -> None:
    session = acts.new_session()
    session.drafts_at_close = DraftsAtClose.COUNT
    session.save()
    call_command(*acts.load_roster(session, tmp_path), stdout=io.StringIO())
    candidate = Candidate.objects.get(registration_number="TJ27000002")

    client = hand_in(session, candidate, candidate.id_number)
    judge(candidate.application)
    lead = signed_in(factories.region_lead(session.region))
    assert change(lead, factories.site_reviewer(candidate.site), role="region_reviewer", site=None).status_code == 303
    assert change(lead, session, contact="022-2222222").status_code == 303
    now = timezone.now()
    windows = {
        "opens": now - timedelta(days=3),
        "closes": now - timedelta(days=2),
        "corrections": now - timedelta(days=1),
    }
    call_command(
        "set_windows", session=session.code, **{name: str(at) for name, at in windows.items()}, stdout=io.StringIO()
    )
    for command in ("run_periodic", "send_messages", "sweep_photos", "send_reminders"):
        call_command(command, stdout=io.StringIO())
    call_command("publish_results", session=session.code, stdout=io.StringIO())
    assert b"TJ27000002" in b"".join(lead.get(f"/admin/export/results.csv?session={session.code}"))
    assert client.get("/result/").status_code == 200
    call_command("withdraw_results", session=session.code, reason="名单有误", stdout=io.StringIO())
    assert client.post("/logout/").status_code == 303
    call_command("publish_results", session=session.code, stdout=io.StringIO())
    session.refresh_from_db()
    factories.end_retention(session)
    call_command("purge_session", session=session.code, stdout=io.StringIO())

    candidate.refresh_from_db()
    assert candidate.name == ""
    assert Submission.objects.count() == 1
    assert Decision.objects.count() == 2
    done = set(Event.objects.values_list("action", flat=True))
    assert done >= {
        "signed_in", "signed_out", "activated", "photo_added", "photo_deleted", "photo_restored", "submitted",
        "claimed", "photo_viewed", "verdict_given", "finished", "record_changed", "session_changed", "roster_loaded",
        "published", "exported", "withdrawn", "purged",
    }  # fmt: skip
    assert seal_events()
    assert Seal.objects.count() == Event.objects.count()
