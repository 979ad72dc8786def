"""The chain of seals over the events: made behind the writers, who wait for nobody, and walked to verify it.

Each seal holds the SHA-256 of the one before it and of its event's content, in the order of the events' keys. A
changed, missing or inserted event breaks the chain at that place. Whoever can write all later seals anew as well leaves
a chain that is whole, but without the hash that was its head once: that is why the head is kept outside, on paper.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, When

from ..enums import Action
from ..models import Event, Seal
from ..selectors import newest_seal
from .erasure import FactsLeft

SEAL_LOCK = 5  # the first key of the advisory lock
AT_ONCE = 2000
PATIENCE_SECONDS = 5
NOTHING_BEFORE, FIRST = bytes(32), -(2**63)  # the hash before the first seal, and a key before all keys
# What a seal covers: of an event all that an erasure leaves of it, so that one does not break the chain (the migration
# "erasure"). A column added later joins at the end: what is empty is left out, so older seals stay right.
CONTENT = (
    "id", "at", "action", "actor_id", "candidate_id", "session_id", "region_id", "site_id", "facts_left", "address",
)  # fmt: skip
KEEPS_ADDRESS = Q(candidate=None) | Q(action=Action.ERASED)


class Broken(Exception):
    """Where the chain is broken first, in a sentence."""


@dataclass(frozen=True)
class Chain:
    """A chain that was walked and is whole: how many events it seals, the newest seal, how many events wait for theirs.

    ``has_kept``: whether the hash that was asked for is one of its seals.
    """

    sealed: int
    newest: Seal | None
    waiting: int
    has_kept: bool


def count_unsealed() -> int:
    newest = newest_seal()
    return Event.objects.filter(pk__gt=newest.pk if newest else FIRST).count()


# --- sealing ---------------------------------------------------------------------------------------


def seal_events() -> int:
    """Seal every event that is settled; how many. Safe to run many at once, and to be ended at any moment."""
    until = _settled()
    sealed = 0
    while until and (number := _seal_some(until)):
        sealed += number
    return sealed


def _settled() -> int:
    """The newest event's key, once no event at or below it can appear any more; 0 if that takes too long.

    Keys are not drawn in the order of commits. Whoever writes an event holds a lock on the table from before its key is
    drawn until the commit, so whoever drew one up to here is among those who hold it now, or is done. Nobody is kept
    from writing meanwhile: as CREATE INDEX CONCURRENTLY does, this only waits for these few to end.
    """
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    writers = _writers()
    patience = time.monotonic() + PATIENCE_SECONDS
    while writers:
        if time.monotonic() > patience:
            return 0  # a long load is on its way; next time
        time.sleep(0.05)
        writers &= _writers()
    return newest


def _writers() -> set[str]:
    """The transactions, but this one, that write or wrote events and have not ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND relation = %s::regclass AND granted AND pid IS DISTINCT FROM pg_backend_pid()",
            [Event._meta.db_table],
        )
        return {transaction_id for (transaction_id,) in cursor.fetchall()}


@transaction.atomic
def _seal_some(until: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [SEAL_LOCK])
        [is_free] = cursor.fetchone()
    if not is_free:
        return 0  # somebody else is at it
    newest = newest_seal()
    after, previous = (newest.pk, bytes(newest.hash)) if newest else (FIRST, NOTHING_BEFORE)
    seals = []
    for content in _contents(after, until):
        hashed = _hash(previous, content)
        seals.append(Seal(event_id=content[0], previous=previous, hash=hashed))
        previous = hashed
    Seal.objects.bulk_create(seals)
    return len(seals)


def _contents(after: int, until: int) -> Iterator[tuple[Any, ...]]:
    events = Event.objects.filter(pk__gt=after, pk__lte=until).order_by("pk")
    covered = events.annotate(facts_left=FactsLeft(), address=Case(When(KEEPS_ADDRESS, then=F("ip_address"))))
    return iter(covered.values_list(*CONTENT)[:AT_ONCE])


def _hash(previous: bytes, content: tuple[Any, ...]) -> bytes:
    said = {name: value for name, value in zip(CONTENT, content, strict=True) if value is not None}
    text = json.dumps(said, default=_as_text, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(previous + text.encode()).digest()


def _as_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


# --- verifying -------------------------------------------------------------------------------------


def verify_chain(kept: bytes | None = None) -> Chain:
    """Walk the chain from its beginning, in a memory that does not grow. Raises Broken at the first broken link.

    ``kept``: a hash that was its head once.
    """
    newest = newest_seal()
    until = newest.pk if newest else FIRST
    last, previous, sealed, has_kept = FIRST, NOTHING_BEFORE, 0, False
    while last < until:
        seals = list(Seal.objects.filter(pk__gt=last, pk__lte=until).order_by("pk")[:AT_ONCE])
        contents = _contents(last, seals[-1].pk)
        for seal in seals:
            _check(seal, next(contents, None), last, previous)
            last, previous = seal.pk, bytes(seal.hash)
            has_kept = has_kept or previous == kept
        sealed += len(seals)
    return Chain(sealed, newest, count_unsealed(), has_kept)


def _check(seal: Seal, content: tuple[Any, ...] | None, last: int, previous: bytes) -> None:
    """Raise Broken unless ``seal`` follows ``previous``, the seal of ``last``, and is that of this ``content``."""
    follows = bytes(seal.previous) == previous
    if content is not None and content[0] < seal.pk:
        raise Broken(f"event {content[0]} " + ("was inserted: it has no seal" if follows else "has lost its seal"))
    if not follows:
        before = "the beginning" if last == FIRST else f"the seal of event {last}"
        raise Broken(f"the seal of event {seal.pk} does not follow {before}: what was between them is missing")
    if content is None or content[0] > seal.pk:
        raise Broken(f"event {seal.pk} is missing: only its seal is there")
    if _hash(previous, content) != bytes(seal.hash):
        raise Broken(f"event {seal.pk} was changed: it is not what was sealed")
