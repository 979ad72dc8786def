"""Somebody's browser: asks again when no good answer came, and keeps book of how each request ended."""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlencode

from drill.portal import PATIENCE

BOUNDARY = "drill-boundary-5b1e"


class NeverAnswered(Exception):
    """The portal did not come back."""


@dataclass(frozen=True)
class Answer:
    """An answer that came whole. ``was_cut``: an earlier try of the same came to nothing, or so it looked."""

    status: int
    body: bytes
    location: str
    was_cut: bool = False

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def errors(self) -> list[str]:
        """The codes of refusals on the page."""
        return re.findall(r'data-error="([^"]+)"', self.text)

    @property
    def is_refusal(self) -> bool:
        return self.status >= 400

    @property
    def has_failed(self) -> bool:
        """A 503 that names its reason is a refusal like any other: whoever sees it is told."""
        return self.status >= 500 and not self.errors


@dataclass(frozen=True)
class Ended:
    """How a request ended: when (``time.monotonic``), and how: "good", "cut" (no whole answer) or "failed" (5xx)."""

    began: float
    ended: float
    how: str


@dataclass
class Book:
    """Every request of every browser, in the order of their ends."""

    requests: list[Ended] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def note(self, began: float, how: str) -> None:
        with self._lock:
            self.requests.append(Ended(began, time.monotonic(), how))

    def longest_without_a_good_answer(self, start: int) -> float:
        """Seconds from the beginning of a request that came to nothing to the end of the next good one, of anybody.

        ``start``: the first of the requests that count.
        """
        longest, since = 0.0, None
        for request in self.requests[start:]:
            if request.how != "good":
                since = request.began if since is None else since
            elif since is not None:
                longest, since = max(longest, request.ended - since), None
        return longest

    def failed_between(self, start: float, end: float) -> int:
        """How many that were begun between these moments came to nothing."""
        return sum(start <= request.began < end and request.how != "good" for request in self.requests)


class Browser:
    """One account's. Each request has a connection of its own. ``is_tls``: by HTTPS, whatever the certificate says."""

    def __init__(self, port: int, book: Book, cookies: dict[str, str], *, is_tls: bool = False) -> None:
        self._port, self._book, self._cookies, self._is_tls = port, book, dict(cookies), is_tls

    def get(self, path: str) -> Answer:
        return self._patiently("GET", path)

    def post(self, path: str, **fields: str) -> Answer:
        self._have_token()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._patiently("POST", path, urlencode(fields).encode(), form)

    def upload(self, code: str, picture: bytes) -> Answer:
        self._have_token()
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
        body = head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self._patiently("POST", f"/materials/{code}/", body, form)

    def _have_token(self) -> None:
        if self._token() is None:
            self.get("/")

    def _token(self) -> str | None:
        return self._cookies.get("__Host-csrf" if self._is_tls else "csrftoken")

    def _patiently(self, method: str, path: str, body: bytes = b"", form: dict[str, str] | None = None) -> Answer:
        """Ask until an answer comes that is one, as people do."""
        until, was_cut = time.monotonic() + PATIENCE, False
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                answer = self._ask(method, path, body, form or {})
            except (OSError, http.client.HTTPException):
                self._book.note(began, "cut")
            else:
                if not answer.has_failed:
                    self._book.note(began, "good")
                    return Answer(answer.status, answer.body, answer.location, was_cut)
                self._book.note(began, "failed")
            was_cut = True
            time.sleep(0.1)
        raise NeverAnswered(f"{method} {path}")

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_tls:
            anybody = ssl._create_unverified_context()
            return http.client.HTTPSConnection("127.0.0.1", self._port, timeout=PATIENCE, context=anybody)
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)

    def _ask(self, method: str, path: str, body: bytes, form: dict[str, str]) -> Answer:
        cookies = self._cookies.copy()  # others in this browser may be getting some
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), **form}
        if method == "POST":
            headers |= {"X-CSRFToken": self._token() or "", "Referer": f"https://127.0.0.1:{self._port}/"}
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            if found := re.match(r"((?:__Host-)?(?:csrf|session)\w*)=([^;]+)", line):
                self._cookies[found[1]] = found[2]
        return Answer(answer.status, content, answer.headers.get("Location", ""))
