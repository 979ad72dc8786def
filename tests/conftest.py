"""What every test runs on: a database of its own and an empty store."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

from cluster.seaweed import store_at
from exam_portal import embedded
from materials.models import photo_storage
from materials.storage import PhotoStore
from tests.seaweed import empty, seaweed
from tests.stores import photos_in


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked ``both_stores`` twice: on a folder, as all others, and on a real S3 store."""
    if metafunc.definition.get_closest_marker("both_stores"):
        metafunc.parametrize("store", ["folder", "s3"], indirect=True)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A real S3 store of this worker's own, started with the first test that asks for it."""
    with seaweed() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def s3_store(s3_endpoint: str) -> PhotoStore:
    return store_at(s3_endpoint)


@pytest.fixture(autouse=True)
def store(request: pytest.FixtureRequest) -> Iterator[PhotoStore]:
    """Where pictures are. No test finds the files of another: rolled back rows leave theirs behind."""
    if getattr(request, "param", "folder") == "s3":
        one = request.getfixturevalue("s3_store")
        with photos_in(one):
            yield one
        empty(one)
    else:
        yield photo_storage()
    for folder in ("photos", "outbox"):
        shutil.rmtree(settings.FILES_DIR / folder, ignore_errors=True)
