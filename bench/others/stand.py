"""What is measured beside each other: a web server, what it has to do, and whose process it is."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import processes
from bench.served import Browser, Portal, Streamed, free_port

#: What has to be done, by the names it has in the tables.
LIST, SEARCH, NEXT = "staff's list", "that list, searched", "next of the queue"
OPEN, OWN, UPLOAD, EXPORT = "one of them opened", "own page", "upload", "export"
Act = Callable[[], object]
_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Stand:
    """``web``: its web server's processes. ``acts``: by name, what is timed. ``after``: undoes an act, not timed.

    ``export``: reads the whole file; no more often than ``exports`` times.
    """

    name: str
    web: Callable[[], list[int]]
    acts: dict[str, Act]
    export: Callable[[], Streamed] | None = None
    after: dict[str, Act] = field(default_factory=dict)
    exports: int = 100


def page(browser: Browser, path: str, mark: str) -> Act:
    """Opens a page. ``mark``: what is on it, and on no page that one is led to instead."""
    if mark not in browser.get(path):
        raise RuntimeError(f"{path}: no {mark!r} on it")
    return partial(browser.get, path)


def make_database(portal: Portal, name: str) -> None:
    """A database of its own beside the portal's, of the same owner."""
    with closing(portal.database(NAME="postgres", USER="postgres")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"CREATE DATABASE {name} OWNER {portal.connection_settings()['USER']}")


def settle(portal: Portal, name: str) -> None:
    """What PostgreSQL would do by and by, at once."""
    with closing(portal.database(NAME=name)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def run(command: Sequence[str | Path], environment: dict[str, str], folder: Path) -> str:
    """What a command prints; what it complains of where it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout)[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))}: status {done.returncode}\n{said}")
    return done.stdout


@contextmanager
def gunicorn(
    python: str | Path, application: str, environment: dict[str, str], folder: Path, alive: str, port: int = 0
) -> Iterator[tuple[int, Callable[[], list[int]]]]:
    """Serve with as many workers as the portal has. Gives the port, and whose processes it is."""
    port = port or free_port()
    workers = os.environ.get("WEB_CONCURRENCY") or str(min(2 * (os.cpu_count() or 1), 5))  # gunicorn_conf.py
    options = [f"--bind=127.0.0.1:{port}", f"--workers={workers}", "--timeout=1800", "--log-level=warning"]
    options += ["--worker-tmp-dir=/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
    with (folder / "gunicorn.log").open("wb") as log:
        server = subprocess.Popen(
            [python, "-m", "gunicorn", application, *options], cwd=_ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        _wait(server, f"http://127.0.0.1:{port}{alive}", folder / "gunicorn.log")
        yield port, partial(processes.tree, server.pid)
    finally:
        server.terminate()
        server.wait(60)


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=_SECONDS).close()
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise RuntimeError(f"{address}: {error.code}\n{log.read_text()[-2000:]}") from None
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{address} does not answer:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.2)
        else:
            return
