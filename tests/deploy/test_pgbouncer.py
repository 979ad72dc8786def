"""The portal through a real PgBouncer in transaction mode, with deploy/pgbouncer.ini."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings as portal_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from candidates.services.database_role import connected_as, grant_application_role
from candidates.services.seals import seal_events, verify_chain
from materials.models import Photo
from tests import factories
from tests.concurrency import at_once
from tests.materials.pages import upload
from tests.pgbouncer import pgbouncer
from tests.test_database_role import do_the_whole_work

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(portal_settings.BASE_DIR)


@pytest.fixture
def role(transactional_db) -> str:
    """The portal's own (tests/test_database_role.py)."""
    role = f"{connection.settings_dict['USER']}_app"
    try:
        grant_application_role(role)
    except Exception:
        pytest.skip(f"this database server has no role {role}")
    return role


@pytest.fixture
def pooled(role, request) -> Iterator[dict[str, Any]]:
    """All in the test goes through one connection of PostgreSQL's, or as many as the test says."""
    size = getattr(request, "param", 1)
    with (
        pgbouncer(role, default_pool_size=size, reserve_pool_size=0, query_wait_timeout=15) as reached,
        connected_as(reached),
    ):
        yield reached


def beside(reached: dict[str, Any]) -> Any:
    """Another client of the same pool."""
    return closing(
        psycopg2.connect(
            host=reached["HOST"],
            port=reached["PORT"],
            dbname=reached["NAME"],
            user=reached["USER"],
            password=reached["PASSWORD"],
        )
    )


def ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


two_of_them = pytest.mark.parametrize("pooled", [2], indirect=True)


@two_of_them
def test_a_connection_is_ones_own_for_a_transaction_only(pooled):
    """That the tests below test what they say."""
    before = ask("SELECT pg_backend_pid()")
    with beside(pooled) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] == before
        assert ask("SELECT pg_backend_pid()") != before


@two_of_them  # how far a long roster is, is written on a second one
def test_the_whole_work_can_be_done(pooled, tmp_path):
    do_the_whole_work(tmp_path)


@two_of_them
def test_many_at_once_on_two_connections(pooled):
    session = factories.make_session()
    candidates = [factories.draft(session).candidate for _ in range(6)]

    def act(number: int) -> Callable[[], int]:
        def run() -> int:
            client = Client()
            client.force_login(candidates[number].user, backend="candidates.backends.AccountBackend")
            picture = SimpleUploadedFile("a.jpg", factories.picture(number + 100), "image/jpeg")
            status = upload(client, "EDU", picture).status_code
            assert client.get("/materials/").status_code == 200
            return status

        return run

    before = Photo.objects.count()
    assert at_once(*[act(number) for number in range(6)], seal_events, seal_events)[:6] == [303] * 6
    assert Photo.objects.count() == before + 6
    seal_events()
    verify_chain()
    assert (
        ask(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON database = pg_database.oid"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        == 0
    )


def test_a_time_zone_that_another_client_set_stays_its_own(pooled):
    with beside(pooled) as other:
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'Asia/Shanghai'")
            assert ask("SHOW TIME ZONE") == "UTC"
            cursor.execute("SHOW TIME ZONE")
            assert cursor.fetchone()[0] == "Asia/Shanghai"


def test_who_gets_no_connection_in_time_is_told_so(role):
    with (
        pgbouncer(role, default_pool_size=1, reserve_pool_size=0, query_wait_timeout=1) as reached,
        connected_as(reached),
        beside(reached) as other,
        other.cursor() as cursor,
    ):
        cursor.execute("SELECT 1")  # and the transaction stays open
        client = Client(raise_request_exception=False)
        assert client.get("/").status_code == 503
        other.rollback()
        connection.close()  # as Django does between two requests
        assert client.get("/").status_code == 200


def test_a_long_list_is_read_within_one_statement(pooled):
    assert connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    factories.draft()
    with transaction.atomic():
        assert len(list(Photo.objects.iterator(chunk_size=1))) == Photo.objects.count()


# What lives in a session of PostgreSQL's and would be lost, or found by somebody else, between two transactions.
OF_A_SESSION = re.compile(
    r"pg_(try_)?advisory_(lock|unlock)|\bLISTEN\b|\bNOTIFY\b|TEMP(ORARY)? TABLE|WITH HOLD|\bPREPARE\b"
    r"|[\"']\s*SET (?!LOCAL)|set_config\([^)]*false"
)


def test_nothing_of_ours_lives_in_a_session_of_the_database():
    files = [
        file
        for app in ("candidates", "materials", "review", "exam_portal")
        for file in (ROOT / app).rglob("*.py")
        if "load" not in file.parts  # make_load: as the owner, on the embedded server alone
    ]
    assert len(files) > 200
    assert [str(file) for file in files if OF_A_SESSION.search(file.read_text())] == []
    assert OF_A_SESSION.search('cursor.execute("SELECT pg_try_advisory_lock(1)")')
    assert OF_A_SESSION.search("cursor.execute('SET statement_timeout = 0')")
