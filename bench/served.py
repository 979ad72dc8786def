"""The portal as ``make run`` serves it, beside its own PostgreSQL and in a folder of its own, and candidates in it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

from bench import processes
from bench.report import data_folder
from exam_portal import embedded

_ROOT = Path(__file__).resolve().parent.parent
_SESSION = "TJ-2026"
_PASSWORD = "a-bench-and-a-half"
#: Of the demonstration's accounts, and of everybody whom make_load makes.
DEMO_PASSWORD = "portal-demo-2026"
#: With these facts about a candidate nearly every category applies.
_FLAGS = (
    "hmt_or_foreign|postgraduate|overseas_degree|trial_route|assistant_to_physician|identity_changed|repeat|military"
)
_BOUNDARY = "bench-boundary-7d3f"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_START_SECONDS = 120
# Run by a process of its own, because Linux counts what the starting one held as the started one's.
_HELD = """
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


class Portal:
    """A portal that is running: where it listens, and where it keeps its data."""

    def __init__(self, port: int, folder: Path, environment: dict[str, str], process: int) -> None:
        self.port, self.folder, self._environment, self._process = port, folder, environment, process
        self.password = _PASSWORD
        self._people = 0

    def database(self, **other: str) -> psycopg2.extensions.connection:
        """A connection as the owner of the tables, who alone can have them analysed; ``other``: NAME, USER."""
        settings = self.connection_settings() | other
        names = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
        return psycopg2.connect(**{name: str(settings[key]) for name, key in names.items()})

    def database_process(self) -> int:
        """The server's own, whose children serve connections."""
        return int((self.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])

    def connection_settings(self) -> dict[str, object]:
        """Of the cluster, as Django has them, for the owner of the tables."""
        return embedded.connection_settings(self.folder) | {"USER": embedded.OWNER}

    def run(self, *arguments: str) -> str:
        """What Python prints that is started so, on this portal's data."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=_ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: status {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout

    def staff(self, name: str = "staff1") -> Browser:
        """One of the demonstration's staff, signed in; unless named the regional one."""
        browser = Browser(self.port)
        browser.sign_in(name, DEMO_PASSWORD, "/admin/login/", next="/admin/")
        return browser

    def processes(self) -> list[int]:
        """The portal's own and all that it started, the database excepted."""
        return processes.tree(self._process)

    def web(self) -> list[int]:
        """Of these the web server's: gunicorn, its workers, and in what they look at pictures."""
        return processes.tree(processes.named(self._process, "gunicorn"))

    @contextmanager
    def without(self, *commands: str) -> Iterator[None]:
        """The portal's own processes that run these commands stand still meanwhile."""
        stopped = [processes.named(self._process, command) for command in commands]
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                os.kill(process, signal.SIGCONT)

    @property
    def names(self) -> list[str]:
        """What those of ``candidates`` sign in by, with ``password``."""
        return [f"B{number:06}" for number in range(self._people)]

    def candidates(self, count: int) -> list[Browser]:
        """So many new people, activated and signed in as people are: by roster, code and password."""
        people = range(self._people, self._people + count)
        self.load_roster(people)
        self._people += count
        return [self._activated(f"{number:06}") for number in people]

    def load_roster(self, people: range, *options: str) -> tuple[float, float]:
        """Load a roster of these people by the command: its seconds, and its greatest memory in MB."""
        rows = ["registration_number,name,id_number,phone,email,site,track,level,flags"]
        rows += [f"B{n:06},Bench,ID{n:06},13900{n:06},,TJ01,clinical,physician,{_FLAGS}" for n in people]
        roster = self.folder / "roster.csv"
        roster.write_text("\r\n".join(rows))
        began = time.monotonic()
        held = self.run("-c", _HELD, "manage.py", "load_roster", str(roster), "--session", _SESSION, *options)
        return time.monotonic() - began, int(held) * 1024 / 1e6

    def _activated(self, number: str) -> Browser:
        candidate = Browser(self.port)
        candidate.sign_in(f"B{number}", f"ID{number}")
        before = set(self._messages())
        candidate.post("/activate/code/")
        text = next(file for file in self._messages() if file not in before).read_text()
        code = re.search(r"\b\d{6}\b", text)
        assert code, "no code in the message"
        candidate.post("/activate/", code=code[0], password1=_PASSWORD, password2=_PASSWORD, consent="on")
        return candidate

    def _messages(self) -> list[Path]:
        return list((self.folder / "outbox" / "sms").glob("*.txt"))


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that was read as it came and not kept. Seconds until the first bytes, the next ones, and all."""

    first: float
    next: float
    all: float
    bytes: int
    lines: int


class Browser:
    """Somebody's browser: cookies, and a connection that is kept as long as the server keeps it.

    ``sent``, ``received``: bytes so far, headers included, without TLS.
    """

    def __init__(self, port: int, csrf_cookie: str = "csrftoken") -> None:
        self._port, self._csrf_cookie = port, csrf_cookie
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1800)
        self._cookies: dict[str, str] = {}
        self.sent = self.received = 0

    def sign_in(self, username: str, password: str, at: str = "/login/", **fields: str) -> None:
        self.get(at)
        self.post(at, username=username, password=password, **fields)

    def get(self, path: str) -> str:
        return self._ask("GET", path, 200).decode()

    def fetch(self, path: str) -> bytes:
        """A picture."""
        return self._ask("GET", path, 200)

    def led_to(self, path: str) -> str:
        """Where an address leads."""
        self._ask("GET", path, 302)
        return self._led_to

    def stream(self, path: str, **fields: str) -> Streamed:
        """Read a long answer as fast as it comes; with fields, that of the form that is posted."""
        method, form = ("POST", _FORM) if fields else ("GET", {})
        start = time.perf_counter()
        self._connection.request(method, path, urlencode(fields).encode(), self._headers(method, form))
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        times: list[float] = []
        size = lines = 0
        while piece := answer.read1(1 << 20):
            if len(times) < 2:
                times.append(time.perf_counter() - start)
            size += len(piece)
            lines += piece.count(b"\n")
        return Streamed(times[0], times[-1], time.perf_counter() - start, size, lines)

    def post(self, path: str, **fields: str) -> str:
        return self._ask("POST", path, 303, urlencode(fields).encode(), _FORM).decode()

    def upload(self, code: str, body: bytes) -> None:
        """Post one picture into category ``code``. ``body``: what ``multipart`` made."""
        self.send(f"/materials/{code}/", body)

    def send(self, path: str, body: bytes) -> None:
        """Post what ``multipart`` made."""
        self._ask("POST", path, 303, body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})

    def attempt(self, code: str, body: bytes) -> int:
        """As ``upload``, whatever comes of it: the status."""
        form = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
        self._ask("POST", f"/materials/{code}/", None, body, form)
        return self._status

    def beside(self) -> Browser:
        """Another connection of the same browser."""
        other = Browser(self._port)
        other._cookies = dict(self._cookies)
        return other

    def places(self) -> list[str]:
        """The categories that take pictures, each as often as it takes one more."""
        marks = r'data-item="(\w+)" data-locked="false"[^>]*data-photos="(\d+)"[^>]*data-max="(\d+)"'
        found = re.findall(marks, self.get("/materials/"))
        return [code for code, have, most in found for _ in range(int(most) - int(have))]

    def delete_all(self, code: str) -> None:
        """Take every picture out of a category."""
        for photo in re.findall(r'data-photo="([^"]+)"', self.get(f"/materials/{code}/")):
            self.post(f"/materials/{code}/photos/{photo}/delete/")

    def _ask(
        self, method: str, path: str, expected: int | None, body: bytes = b"", form: dict[str, str] | None = None
    ) -> bytes:
        headers = self._headers(method, form or {})
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._status = answer.status
        self._led_to = answer.headers.get("Location", "")
        self.sent += len(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") + _length(headers) + len(body)
        self.received += len("HTTP/1.1 200 OK\r\n\r\n") + _length(answer.headers) + len(content)
        for line in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        # Django answers a good sign-in with 302; all else that is refused shows a page.
        if expected is not None and answer.status not in (expected, 302):
            errors = re.findall(r'data-error="([^"]+)"', content.decode(errors="replace"))
            raise RuntimeError(f"{method} {path}: {answer.status} {', '.join(errors)}")
        return content

    def _headers(self, method: str, form: dict[str, str]) -> dict[str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), **form}
        return headers | ({"X-CSRFToken": self._cookies.get(self._csrf_cookie, "")} if method == "POST" else {})


def _length(headers: Any) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())


def multipart(picture: bytes, field: str = "photo", **fields: str) -> bytes:
    """The body of an upload; ``fields``: what else is in the form."""
    part = f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name="
    texts = "".join(f'{part}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
    head = f'{texts}{part}"{field}"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + picture + f"\r\n--{_BOUNDARY}--\r\n".encode()


@contextmanager
def portal(settings: str = "exam_portal.settings", **variables: str) -> Iterator[Portal]:
    """A portal on a free port for as long as the context is held; all it wrote is removed at the end.

    ``variables``: of its environment, beside ours.
    """
    port = free_port()
    # On the disk where the portal's own data are: what is written is synchronized.
    folder = data_folder() / "bench" / f"portal-{os.getpid()}"
    folder.mkdir(mode=0o711, parents=True)
    environment = {
        **os.environ,
        "PORTAL_DATA_DIR": str(folder),
        "PORT": str(port),
        "DJANGO_SETTINGS_MODULE": settings,
        "UPLOADS_PER_HOUR": "100000",
        **variables,
    }
    environment.pop("DATABASE_URL", None)
    log = folder / "portal.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "exam_portal.serve"], cwd=_ROOT, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(server, f"http://127.0.0.1:{port}", log)
        yield Portal(port, folder, environment, server.pid)
    finally:
        server.terminate()
        server.wait(60)
        # For root the cluster may be elsewhere, behind a link (exam_portal/embedded.py).
        for path in ((folder / "postgres").resolve(), folder):
            shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(server: subprocess.Popen[bytes], line: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while line not in log.read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"The portal does not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
