"""What every test runs on: a database of its own and an empty store."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

from exam_portal import embedded


def pytest_configure(config: pytest.Config) -> None:
    """Hold the tests' server for the whole run: in the controller, for all its parallel workers."""
    is_worker = hasattr(config, "workerinput")
    if settings.EMBEDDED and not is_worker and not config.option.collectonly:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        stack.enter_context(embedded.running(settings.DATA_DIR, test=True))


def _flush_append_only(self: DatabaseOperations, sql_list: Iterable[str]) -> None:
    """Flush with the triggers of append-only tables off: they refuse TRUNCATE, and only tests ever want it.

    The tests' role was granted this one parameter; the application's role cannot set it.
    """
    off, on = ("SET LOCAL session_replication_role = replica", "SET LOCAL session_replication_role = origin")
    _flush(self, [off, *sql_list, on])


_flush = DatabaseOperations.execute_sql_flush
DatabaseOperations.execute_sql_flush = _flush_append_only


@pytest.fixture(autouse=True)
def empty_store() -> Iterator[None]:
    """No test finds the files of another: rolled back rows leave theirs behind."""
    yield
    for folder in ("photos", "outbox"):
        shutil.rmtree(settings.FILES_DIR / folder, ignore_errors=True)
