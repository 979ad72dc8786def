"""What an act costs the machine: CPU of web workers and of PostgreSQL, statements, WAL, bytes on the wire and at rest.

CPU is read from the kernel's own account of each process (nanoseconds), which other work on the machine hardly
changes. A decoder has ended by the time it is asked for: what it took stands with the process that forked it, in
hundredths of a second.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

import psycopg2

from bench.served import Browser, Portal
from exam_portal import embedded

_TICK = os.sysconf("SC_CLK_TCK")
_BESIDE = ("send_messages", "load_rosters", "run_periodic")
_SETTLES = 0.3  # seconds in which PostgreSQL's processes read a changed setting, and write what they log


@dataclass
class Cost:
    """Of one act. CPU in milliseconds, the rest in bytes and numbers."""

    web: float = 0
    postgres: float = 0
    wal: float = 0
    sent: float = 0
    received: float = 0
    stored: float = 0
    files: float = 0

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, one.name) - getattr(other, one.name) for one in fields(self)))


@dataclass
class Measured:
    """An act, done again and again."""

    name: str
    costs: list[Cost] = field(default_factory=list)
    statements: int = 0
    transactions: int = 0
    held: float = 0  # milliseconds within transactions of several statements
    rows: float = 0
    size: float = 0

    def all(self, what: str) -> list[float]:
        return [getattr(cost, what) for cost in self.costs]


class Meter:
    """Reads a portal's processes, database and files."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        settings = embedded.connection_settings(portal.folder)
        self._database = psycopg2.connect(
            host=str(settings["HOST"]), port=str(settings["PORT"]), dbname=str(settings["NAME"]), user="postgres"
        )
        self._database.autocommit = True
        cluster = (portal.folder / "postgres").resolve()
        self._log = cluster / "server.log"
        self._postmaster = int((cluster / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        self._photos = portal.folder / "photos"

    def close(self) -> None:
        self._database.close()

    def ask(self, sql: str) -> object:
        with self._database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    def cost(self, *people: Browser) -> Cost:
        """As of now, since everything was started; of the wire, what these people sent and received."""
        files = [path.stat().st_size for path in self._photos.rglob("*") if path.is_file()]
        return Cost(
            web=_cpu(self.started_as("gunicorn")),
            postgres=_cpu([self._postmaster]),
            wal=float(str(self.ask("SELECT pg_current_wal_insert_lsn() - '0/0'"))),
            sent=sum(one.sent for one in people),
            received=sum(one.received for one in people),
            stored=sum(files),
            files=len(files),
        )

    def cpu(self, processes: list[int]) -> float:
        """Milliseconds that these and all that they started have worked."""
        return _cpu(processes)

    def started_as(self, name: str) -> list[int]:
        """Those of the portal's processes that were started by this name, without what they started."""
        return [pid for pid in self._portal.processes() if name in _command(pid) and name not in _command(_parent(pid))]

    def rows_and_size(self) -> tuple[int, int]:
        """Of all tables of the portal's: rows; bytes, with indexes."""
        with self._database.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
            tables = [name for (name,) in cursor.fetchall()]
        rows = self.ask("SELECT " + " + ".join(f'(SELECT count(*) FROM "{name}")' for name in tables))
        size = self.ask("SELECT " + " + ".join(f"pg_total_relation_size('\"{name}\"')" for name in tables))
        return int(str(rows)), int(str(size))

    def measure(
        self,
        name: str,
        acts: Iterator[tuple[Browser, Callable[[], object]]],
        between: Callable[[], object] = lambda: None,
    ) -> Measured:
        """Do each of ``acts``; ``between``: done after each and not counted. The last is done for its statements."""
        measured, [*counted, last] = Measured(name), acts
        for _who, act in counted[:1]:  # what is loaded at its first use
            act()
            between()
        rows, size = self.rows_and_size()
        for who, act in counted[1:]:
            before = self.cost(who)
            act()
            measured.costs.append(self.cost(who) - before)
            between()
        more_rows, more_size = self.rows_and_size()
        measured.rows, measured.size = (
            (more - one) / len(measured.costs) for more, one in ((more_rows, rows), (more_size, size))
        )
        with self._statements() as said:
            last[1]()
        between()
        measured.statements, measured.transactions, measured.held = _counted(said)
        return measured

    @contextmanager
    def _statements(self) -> Iterator[list[str]]:
        """Fills its list with what PostgreSQL is asked, while nobody but web workers asks."""
        said: list[str] = []
        others = [pid for name in _BESIDE for pid in self.started_as(name)]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        self._set("log_line_prefix", "'<%p %n> '")
        self._set("log_statement", "'all'")
        start = self._log.stat().st_size
        yield said
        time.sleep(_SETTLES)
        with self._log.open("rb") as log:
            log.seek(start)
            said += log.read().decode(errors="replace").splitlines()
        self._set("log_statement", "'none'")
        for pid in others:
            os.kill(pid, signal.SIGCONT)

    def _set(self, name: str, value: str) -> None:
        self.ask(f"ALTER SYSTEM SET {name} = {value}")
        self.ask("SELECT pg_reload_conf()")
        time.sleep(_SETTLES)


def _counted(lines: list[str]) -> tuple[int, int, float]:
    """Statements without those that begin and end a transaction or set something; transactions; milliseconds from
    each BEGIN to its end.
    """
    statements = transactions = 0
    held = 0.0
    within: dict[str, float] = {}
    for line in lines:
        if not (found := re.match(r"<(\d+) ([\d.]+)> LOG:\s+(?:statement|execute [^:]*): (\w+)", line)):
            continue
        process, verb, at = found[1], found[3].upper(), float(found[2])
        if verb == "BEGIN":
            within[process] = at
            transactions += 1
        elif verb in ("COMMIT", "ROLLBACK") and "TO SAVEPOINT" not in line:
            held += at - within.pop(process, at)
        elif verb not in ("SET", "SAVEPOINT", "RELEASE", "ROLLBACK", "SHOW"):
            statements += 1
            transactions += process not in within
    return statements, transactions, 1000 * held


def _cpu(roots: list[int]) -> float:
    """Milliseconds that these and all below them have worked, those that have ended too."""
    nanoseconds, ticks, found = 0, 0, list(roots)
    for pid in found:
        with suppress(OSError):  # it has ended meanwhile, and its parent counts it
            for task in Path(f"/proc/{pid}/task").iterdir():
                nanoseconds += int((task / "schedstat").read_text().split()[0])
                found += [int(child) for child in (task / "children").read_text().split()]
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]))
    return nanoseconds / 1e6 + 1000 * ticks / _TICK


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
