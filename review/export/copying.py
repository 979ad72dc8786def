"""Rows straight from PostgreSQL's COPY, as a stream that whoever reads it may leave at any time."""

from collections.abc import Callable, Generator
from contextlib import suppress
from queue import Queue
from threading import Thread
from typing import Any, Generic, TypeVar

import psycopg2
from django.db import DEFAULT_DB_ALIAS, connections

T = TypeVar("T")

# Of a block, what is made ready at once: less than fits the socket's buffer, so that PostgreSQL need not wait for it.
ROWS = 400
AHEAD = 8  # blocks that may lie ready before they are read
_END = object()


class _Sink(Generic[T]):
    """What psycopg2 writes rows to, in a thread of its own, because COPY pushes and a response pulls.

    ``blocks`` takes what was made of each block, or the exception that came instead; _END at the end.
    """

    def __init__(self, ready: Callable[[list[bytes]], T]) -> None:
        self.blocks: Queue[Any] = Queue(AHEAD)
        self.is_over = False
        self._ready = ready
        self._rows: list[bytes] = []

    def run(self, cursor: Any, sql: str) -> None:
        try:
            cursor.copy_expert(sql, self)
            self._hand_on()
        except BaseException as error:
            self.blocks.put(error)
        finally:
            self.blocks.put(_END)

    def write(self, row: bytes) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS:
            self._hand_on()

    def _hand_on(self) -> None:
        rows, self._rows = self._rows, []
        if not rows or self.is_over:
            return
        block: T | Exception
        try:
            block = self._ready(rows)
        except Exception as error:
            # Out of here it would leave the connection in the midst of COPY.
            block, self.is_over = error, True
        self.blocks.put(block)


def copied(sql: str, ready: Callable[[list[bytes]], T], database: str = DEFAULT_DB_ALIAS) -> Generator[T]:
    """What ``ready`` makes of each block of rows that the statement ``sql`` (COPY … TO STDOUT) writes.

    ``ready`` is called in another thread, while the next rows are on their way; until the end, the connection is
    that thread's. A generator that is closed early cancels the statement and leaves the connection as it was.
    ``database``: the alias of the one that is read.
    """
    connection = connections[database]
    with connection.cursor() as cursor:
        sink = _Sink(ready)
        thread = Thread(target=sink.run, args=(cursor, sql), daemon=True)
        thread.start()
        is_over = False
        try:
            while (block := sink.blocks.get()) is not _END:
                if isinstance(block, BaseException):
                    with connection.wrap_database_errors:
                        raise block
                yield block
            is_over = True
        finally:
            if not is_over:
                sink.is_over = True
                with suppress(psycopg2.Error):
                    cursor.connection.cancel()
                while sink.blocks.get() is not _END:
                    pass
            thread.join()
