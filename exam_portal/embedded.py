"""The embedded PostgreSQL: the real server, from a wheel, for a portal on one machine.

Where it keeps what, under the data folder (``PORTAL_DATA_DIR``):

    postgres/data        the database cluster
    postgres/server.log  what the server says
    postgres/socket      the socket, the only way in; the folder is closed to other users
    postgres.lock        held while somebody starts or stops the server
    postgres.users       held by everybody who uses it; the last one out stops it
    test-postgres…       the same for the tests: a server that trades safety for speed

Started by root, the server runs as an account without rights (``unprivileged.py``). Where that
account cannot reach the data folder, ``postgres`` there is a link to a folder that it can.
"""

import fcntl
import hashlib
import os
import secrets
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg2

from exam_portal import unprivileged

PORT = "5432"  # where there is no TCP, it is only a part of the socket's name
SOCKET_PATH_LIMIT = 103  # bytes: 107 on Linux, 103 on macOS
OWNER = "portal"
NO_PROCESS = 99_999_999  # above what any kernel counts to
START_SECONDS = 120  # crash recovery included

SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "5min",
    # Statements and the details of errors hold names and ID numbers, which do not belong in a log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# The tests' cluster may be lost at any time.
TEST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def connection_settings(data_dir: Path, *, test: bool = False) -> dict[str, object]:
    """Django's connection settings, whether the server is running or not. Starts nothing.

    For the application's role; for ``OWNER`` where the tables themselves are changed. Tests make and drop whole
    databases, so theirs is an owner.
    """
    cluster = locate(data_dir, test=test)
    return {
        "NAME": "postgres" if test else "portal",
        "USER": cluster.owner if test else cluster.role,
        "PASSWORD": "",
        "HOST": str(cluster.sockets),
        "PORT": PORT,
    }


@contextmanager
def running(data_dir: Path, *, test: bool = False) -> Iterator["Cluster"]:
    """Keep the server running for as long as the context is held, and stop it if nobody else uses it.

    Any process may be killed at any time: what it held falls free, and the next one to come in
    finds a server without users, or none, and goes on from there.
    """
    cluster = locate(data_dir, test=test)
    gate = data_dir / f"{cluster.name}.lock"
    process = os.getpid()
    try:
        users = (data_dir / f"{cluster.name}.users").open("a")
    except OSError as error:
        raise SystemExit(f"{error.filename} cannot be used: {error.strerror}. Whose is the data folder?") from None
    with users:
        try:
            with unprivileged.alone(gate):
                is_first = _nobody_else(users)
                fcntl.flock(users, fcntl.LOCK_SH)
                cluster.start()
                cluster.prepare(clear=test and is_first)
            yield cluster
        finally:
            # A fork of this process shares its locks, and must not stop the server when it ends.
            if os.getpid() == process:
                with unprivileged.alone(gate):
                    if _nobody_else(users):
                        cluster.stop()


def _nobody_else(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server and its folder, which belongs to the account that the server runs as."""

    folder: Path
    sockets: Path
    test: bool
    #: What it has otherwise than SETTINGS, e.g. a port of TCP (cluster/postgres.py).
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> str:
        return self.settings.get("port", PORT)

    @property
    def name(self) -> str:
        return "test-postgres" if self.test else "postgres"

    @property
    def owner(self) -> str:
        """Whose the databases and their tables are."""
        return "portal_test" if self.test else OWNER

    @property
    def role(self) -> str:
        """As whom the portal runs: may do with each table what ``grant_application_role`` lets it."""
        return f"{self.owner}_app"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start the server unless it answers already, making the cluster first if there is none."""
        account = unprivileged.owner(self.folder)
        unprivileged.make_private(self.folder, account)
        if not unprivileged.can_enter(self.folder, account):
            raise SystemExit(f"{self.folder} cannot be entered by its owner; open the folders above it (chmod a+x).")
        unprivileged.make_private(self.sockets, account)
        deadline, failures = time.monotonic() + START_SECONDS, 0
        while not self.answers():
            if not self.is_alive():
                programs = unprivileged.programs(account)
                self._initialize(programs, account)
                started = self._pg_ctl(programs, account, "start", "-l", self.log.name, "-o", self._options())
                # A killed server's children may take a moment to go, and hold its memory until then.
                failures += not started
            if failures >= 3 or time.monotonic() > deadline:
                raise SystemExit(f"The embedded PostgreSQL does not start. {_tail(self.log)}")
            time.sleep(0.1 + failures)

    def keep_up(self) -> None:
        """Start the server again if it was killed. For whoever holds it for long."""
        if not self.is_alive():
            print("The embedded PostgreSQL was gone; it is started again.", file=sys.stderr, flush=True)
            self.start()

    def stop(self) -> None:
        """Stop the server if it is running, ending what its clients still do."""
        if not self.is_alive():
            return
        account = unprivileged.owner(self.folder)
        programs = unprivileged.programs(account)
        if not any(self._pg_ctl(programs, account, "stop", "-m", mode) for mode in ("fast", "immediate")):
            print(f"The embedded PostgreSQL does not stop. {_tail(self.log)}", file=sys.stderr)
        elif self.sockets.parent != self.folder:
            with suppress(OSError):
                self.sockets.rmdir()

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def is_alive(self) -> bool:
        """Whether the server's process exists, ready or not."""
        pid = _first_number(self.data / "postmaster.pid")
        try:
            os.kill(pid, 0)
        except OSError:  # no such process, or another user's
            return False
        # After a crash the number may be a zombie's or have gone to another process. PostgreSQL would
        # take either for a running server; that one's working folder is its data folder.
        if not Path("/proc/self/cwd").exists():
            return True
        try:
            is_server = os.path.samefile(f"/proc/{pid}/cwd", self.data)
        except FileNotFoundError:
            is_server = False
        if not is_server:
            self._disown(pid)
        return is_server

    def _disown(self, pid: int) -> None:
        """Make the lock files of a dead server say so, by the number of a process that cannot be.

        Removing them would take from PostgreSQL its check for orphans still writing.
        """
        for file in (self.data / "postmaster.pid", self.sockets / f"{_socket_name(self.port)}.lock"):
            if _first_number(file) == pid:
                lines = file.read_text().split("\n")
                file.write_text("\n".join([str(NO_PROCESS), *lines[1:]]))

    def prepare(self, *, clear: bool) -> None:
        """Make the roles and the database if they are missing; ``clear`` away what killed test runs left."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for role, options in ((self.owner, "CREATEDB" if self.test else ""), (self.role, "")):
                cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
                if not cursor.fetchall():
                    cursor.execute(f"CREATE ROLE {role} LOGIN {options}")
            if self.test:
                # Append-only tables refuse TRUNCATE, which is how tests empty them (tests/conftest.py).
                cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {self.owner}")
            else:
                cursor.execute("SELECT FROM pg_database WHERE datname = 'portal'")
                if not cursor.fetchall():
                    cursor.execute(f"CREATE DATABASE portal OWNER {self.owner}")
            if clear:
                cursor.execute(r"SELECT format('DROP DATABASE %I', datname) FROM pg_database WHERE datname ~ '^test_'")
                for (statement,) in cursor.fetchall():
                    cursor.execute(statement)

    def connect(self) -> "psycopg2.extensions.connection":
        """As the server's superuser, each statement its own transaction."""
        connection = psycopg2.connect(
            host=str(self.sockets), port=self.port, user="postgres", dbname="postgres", connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def _initialize(self, programs: Path, account: unprivileged.Account | None) -> None:
        """Make the cluster under another name first: one that was interrupted is never mistaken for whole."""
        if self.data.exists():
            return
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        # The built-in locale sorts and folds letters the same on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["--username=postgres", "--auth=trust", "--no-instructions", *(["--no-sync"] if self.test else [])]
        result = unprivileged.run([programs / "initdb", "-D", draft, *locale, *options], account)
        if result.returncode:
            said = " ".join((result.stderr or result.stdout).split()[-60:])
            raise SystemExit(f"The embedded PostgreSQL could not be set up in {self.folder}: {said}")
        draft.rename(self.data)

    def _options(self) -> str:
        settings = SETTINGS | (TEST_SETTINGS if self.test else {}) | self.settings
        # A list of folders: quoted, a comma or a space in the name is just that.
        settings["unix_socket_directories"] = '"' + str(self.sockets).replace('"', '""') + '"'
        return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())

    def _pg_ctl(self, programs: Path, account: unprivileged.Account | None, action: str, *options: str | Path) -> bool:
        # pg_ctl writes names into a shell command as they are; seen from the folder, ours are plain words.
        command = [programs / "pg_ctl", action, "-D", self.data.name, "-w", "-t", str(START_SECONDS), "-s", *options]
        return unprivileged.run(command, account, self.folder).returncode == 0


def locate(data_dir: Path, *, test: bool) -> Cluster:
    """Where the cluster is or will be. Makes the data folder, and for root may decide on another place."""
    try:
        # For root the account must get through it to the cluster; nobody can list it either way.
        data_dir.mkdir(mode=0o711 if unprivileged.is_root() else 0o700, parents=True, exist_ok=True)
        writable = os.access(data_dir, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise SystemExit(f"PORTAL_DATA_DIR is {str(data_dir)!r}; it must be a folder where this user may write.")
    folder = data_dir / ("test-postgres" if test else "postgres")
    is_undecided = unprivileged.is_root() and not os.path.lexists(folder)
    if is_undecided and not unprivileged.can_enter(data_dir, unprivileged.system_account()):
        # A link is made whole or not at all, by one process; a fresh data folder gets a fresh name.
        with suppress(FileExistsError):
            folder.symlink_to(unprivileged.STATE / "clusters" / secrets.token_hex(8))
    folder = folder.resolve()
    return Cluster(folder, sockets_of(folder), test)


def sockets_of(folder: Path) -> Path:
    """Where a server in ``folder`` has its socket."""
    sockets = folder / "socket"
    if len(os.fsencode(sockets / _socket_name("65535"))) > SOCKET_PATH_LIMIT or "," in str(sockets):
        # Not TMPDIR: two commands that have different ones must meet.
        sockets = Path("/tmp") / f"exam-portal-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:20]}"
    return sockets


def _socket_name(port: str) -> str:
    return f".s.PGSQL.{port}"


def _first_number(file: Path) -> int:
    """The process number in PostgreSQL's lock file ``file``; NO_PROCESS where there is none."""
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return NO_PROCESS


def _tail(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return f"There is no log in {log}."
    return "\n".join([f"The end of {log}:", *lines[-8:]])
