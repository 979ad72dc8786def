"""What the portal said yes to, as those who asked remember it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from drill.browser import Answer, Book, Browser

Manifest = dict[str, list[str]]  # category code to the SHA-256 of its pictures, sorted


class Tally:
    """How many acts of each kind were acknowledged."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, kind: str) -> None:
        with self._lock:
            self._counts[kind] += 1

    def number(self, kind: str | None = None) -> int:
        with self._lock:
            return self._counts.total() if kind is None else self._counts[kind]

    def __str__(self) -> str:
        return ", ".join(f"{number} {kind}" for kind, number in self._counts.most_common())


@dataclass(eq=False)
class Place:
    """One candidate's application, and what was acknowledged of it.

    ``there``: the SHA-256 of every picture that must count now, and its category. ``added``: how often each was taken.
    ``deleted``: ids. ``submissions``: by number. ``verdicts``, ``finished``: a reviewer's, by (code, verdict) and
    by outcome.
    """

    pk: UUID
    number: str
    browser: Browser
    tally: Tally
    there: dict[str, str] = field(default_factory=dict)
    added: Counter[str] = field(default_factory=Counter)
    deleted: set[str] = field(default_factory=set)
    submissions: dict[int, Manifest] = field(default_factory=dict)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    receipts_seen: set[int] = field(default_factory=set)

    def took(self, code: str, sha256: str) -> None:
        self.there[sha256] = code
        self.added[sha256] += 1
        self.tally.add("uploads")

    def let_go(self, photo: str, sha256: str) -> None:
        self.deleted.add(photo)
        del self.there[sha256]
        self.tally.add("deletions")

    def handed_in(self, number: int) -> None:
        self.submissions.setdefault(number, self.manifest())
        self.tally.add("submissions")

    def judged(self, code: str, verdict: str) -> None:
        self.verdicts[code, verdict] += 1
        self.tally.add("verdicts")

    def decided(self, outcome: str) -> None:
        self.finished[outcome] += 1
        self.tally.add("reviews")

    def manifest(self) -> Manifest:
        found: Manifest = {}
        for sha256, code in self.there.items():
            found.setdefault(code, []).append(sha256)
        return {code: sorted(pictures) for code, pictures in found.items()}


@dataclass
class Ledger:
    """All of them. ``pictures``: what is uploaded, by the SHA-256 that is stored of it."""

    book: Book
    pictures: dict[str, bytes]
    places: dict[UUID, Place] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    said: set[str] = field(default_factory=set)  # what was found before
    wrong: list[str] = field(default_factory=list)  # what nobody expected while it went on

    def refused(self, what: str, answer: Answer) -> None:
        self.book.refusals[f"{what}: {answer.status} {' '.join(answer.errors)}".strip()] += 1
