"""What is read from a streaming replica, where there is one (DATABASE_REPLICA_URL): lists, statistics and exports.

Only what is marked ``reads_from_replica`` is; nothing that a decision or a write is taken from may be. It is read there
as it would be from the primary: only when the replica has replayed all that the primary had acknowledged when the page
was asked for, whoever wrote it. A replica that is not so far soon, does not answer or fails is left alone for a while,
and the primary answers.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from prometheus_client import Counter

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)

PRIMARY, REPLICA = DEFAULT_DB_ALIAS, "replica"
CATCH_UP_SECONDS = 0.5  # how long a page waits for the replica; usually it is there within milliseconds
REST_SECONDS = 15  # how long one that was not there in time is not asked again, by each worker for itself
READS = Counter("portal_replica_reads", "Lists, statistics and exports, by who answered and why.", ["outcome"])

# What the primary has flushed is all that it has acknowledged, unless it acknowledges before it flushes. Idle or busy,
# a position says how far the replica is; the time of the last replayed transaction would not. The identifier is the
# same in a server and all copies of it.
_POSITION = """
SELECT system_identifier, CASE current_setting('synchronous_commit')
    WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn()
END::text FROM pg_control_system()
"""
_STANDING = """
SELECT system_identifier = %s AND pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)
FROM pg_control_system()
"""

_reading: ContextVar[str] = ContextVar("reading", default=PRIMARY)
_rests_until = 0.0  # time.monotonic


class Router:
    """Django's database router. Writes, migrations and everything else go to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return _reading.get()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True  # they are the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY


def alias() -> str:
    """Where what is read now is read from, for SQL of one's own and for querysets that outlast ``reads_from_replica``.

    See ``django.db.connections`` and ``QuerySet.using``.
    """
    return _reading.get()


def reads_from_replica(read: Callable[P, T]) -> Callable[P, T]:
    """Of a function that reads and returns what is fetched, or rendered. Called again when the replica fails midway."""

    @wraps(read)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _has_caught_up():
            return read(*args, **kwargs)
        token = _reading.set(REPLICA)
        try:
            found = read(*args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            # It went away, or had to replay what a long statement stood in the way of.
            _leave_alone("failed", error)
        else:
            READS.labels("replica").inc()
            return found
        finally:
            _reading.reset(token)
        return read(*args, **kwargs)

    return reading


def _has_caught_up() -> bool:
    """Whether the replica has by now all that the primary has acknowledged up to here."""
    if REPLICA not in settings.DATABASES:
        return False
    if connections[PRIMARY].in_atomic_block:
        return False  # nobody else sees what was written in it
    if time.monotonic() < _rests_until:
        READS.labels("rests").inc()
        return False
    with connections[PRIMARY].cursor() as cursor:
        cursor.execute(_POSITION)
        position = cursor.fetchone()
    try:
        return _waited_for(position)
    except (DatabaseError, InterfaceError) as error:
        _leave_alone("unreachable", error)
        return False


def _waited_for(position: tuple[int, str]) -> bool:
    until = time.monotonic() + CATCH_UP_SECONDS
    while True:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_STANDING, position)
            is_ours, is_there = cursor.fetchone()
        if not is_ours:
            _leave_alone("foreign", "DATABASE_REPLICA_URL is no replica of DATABASE_URL's server")
            return False
        if is_there:
            return True
        if time.monotonic() > until:
            _leave_alone("behind", f"not there after {CATCH_UP_SECONDS} s")
            return False
        time.sleep(0.005)


def _leave_alone(outcome: str, why: object) -> None:
    global _rests_until
    _rests_until = time.monotonic() + REST_SECONDS
    READS.labels(outcome).inc()
    what = type(why).__name__ if isinstance(why, Exception) else why
    logger.warning("the primary answers for the replica for %s s: %s: %s", REST_SECONDS, outcome, what)
