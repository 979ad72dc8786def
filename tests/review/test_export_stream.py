"""The export as a stream: while it is read, when its reader leaves, when the database fails."""

import threading
import time

import pytest
from django.db import DatabaseError, DataError, connection, connections

from candidates.models import Event
from candidates.services.events import OPERATOR
from materials.models import Application
from review.export import copying, files
from review.export.copying import AHEAD, ROWS, copied
from review.services.exports import export_results
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
ENDLESS = "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000)) TO STDOUT"


def threads() -> int:
    return threading.active_count()


def running() -> int:
    """Statements that the server still works on for this connection's copies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'")
        return cursor.fetchone()[0]


def test_a_reader_who_leaves_ends_the_statement_and_keeps_the_connection():
    before = threads()
    connection.ensure_connection()
    process = connection.connection.info.backend_pid

    stream = copied(ENDLESS, len)
    assert [next(stream), next(stream)] == [ROWS, ROWS]
    stream.close()

    assert threads() == before
    assert running() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() == (process,)
    assert list(copied("COPY (SELECT 1) TO STDOUT", list)) == [[b"1\n"]]


def test_a_reader_who_is_slow_is_waited_for():
    made: list[int] = []
    stream = copied(ENDLESS, lambda rows: made.append(len(rows)) or len(rows))
    next(stream)
    waiting = time.monotonic() + 5
    while len(made) < AHEAD + 2 and time.monotonic() < waiting:
        time.sleep(0.01)
    time.sleep(0.2)
    assert len(made) == AHEAD + 2  # one was read, one waits for room
    stream.close()


def test_an_error_of_the_database_is_the_readers():
    before = threads()
    with pytest.raises(DataError):
        list(copied("COPY (SELECT 1 / (5 - n) FROM generate_series(1, 9) n) TO STDOUT", len))
    assert threads() == before
    assert list(copied("COPY (SELECT 1) TO STDOUT", len)) == [1]


def test_an_error_in_making_a_block_is_the_readers():
    def fails(_rows):
        raise ValueError("no")

    before = threads()
    stream = copied(ENDLESS, fails)
    with pytest.raises(ValueError, match="no"):
        next(stream)
    assert threads() == before
    assert running() == 0


def test_a_connection_that_breaks_is_an_error_and_no_short_file():
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    stream = copied(ENDLESS, len)
    next(stream)
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])
    other.close()
    # Sooner or later within a row, libpq says it in one way or another.
    try:
        with pytest.raises(DatabaseError):
            list(stream)
    finally:
        connection.close()


def test_the_event_counts_all_rows_even_if_the_reader_leaves():
    session = factories.make_session()
    for _ in range(3):
        factories.draft(session)
    pieces = export_results(OPERATOR, Application.objects.all(), session, headers="zh")
    next(pieces)
    pieces.close()

    assert Event.objects.get(action="exported").facts["rows"] == 3


def test_a_workbook_that_cannot_be_written_ends_the_statement(monkeypatch):
    # More blocks than may lie ready, so that one who stops reading leaves COPY at work.
    monkeypatch.setattr(copying, "ROWS", 1)
    session = factories.make_session()
    for _ in range(AHEAD + 4):
        factories.draft(session)
    monkeypatch.setattr(files, "_fill", lambda _book, _titles, lines: next(lines) and 1 / 0)
    before = threads()

    with pytest.raises(ZeroDivisionError) as broken:
        list(files.xlsx_pieces(Application.objects.all(), session, "zh"))

    assert broken.traceback  # which keeps alive whatever was called
    assert threads() == before
    assert running() == 0
