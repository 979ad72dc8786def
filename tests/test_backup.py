"""Backup and restore as docs/operations.md says: nothing that was acknowledged is lost, and no row lacks its file."""

import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from candidates.services.events import Actor
from exam_portal.unprivileged import programs
from materials.models import Photo, photo_storage
from materials.services.photos import add_photo
from review.services.erasure import purge_session
from tests import factories
from tests.interrupting import Interrupter

pytestmark = pytest.mark.django_db(transaction=True)


def tool(name: str, *arguments: str) -> None:
    subprocess.run([programs(None) / name, *address(), *arguments], check=True, capture_output=True)


def address() -> list[str]:
    where = connection.settings_dict
    return [f"--host={where['HOST']}", f"--username={where['USER']}", f"--port={where['PORT'] or 5432}"]


@pytest.fixture
def empty_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_restored"
    tool("createdb", "--template=template0", "--encoding=UTF8", name)
    yield name
    tool("dropdb", "--force", name)


@pytest.fixture
def portal():
    """Applications in every state, with pictures."""
    session = factories.make_session()
    for state in (factories.draft, factories.submitted, factories.returned):
        factories.make_photo(state(session), "OTHER") if state is factories.draft else state(session)
    factories.decided("passed", session)
    return session


def copy_store(target: Path) -> None:
    """What ``rsync -a`` without ``--delete`` does: adds what is new, takes nothing away."""
    shutil.copytree(Path(settings.FILES_DIR) / "photos", target / "photos", dirs_exist_ok=True)


def back_up(folder: Path, meanwhile=lambda: None) -> Path:
    """In the order of docs/operations.md; ``meanwhile``: what the running portal does between its steps."""
    copy_store(folder)
    tool("pg_dump", "--format=custom", f"--file={folder / 'portal.dump'}", str(connection.settings_dict["NAME"]))
    meanwhile()
    copy_store(folder)
    return folder / "portal.dump"


def restore(dump: Path, database: str) -> None:
    tool("pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", f"--dbname={database}", str(dump))


def rows_of(database: str) -> dict[str, tuple]:
    """Table to its number of rows and a sum of them."""
    where = connection.settings_dict
    other = psycopg2.connect(dbname=database, host=where["HOST"], user=where["USER"], port=where["PORT"] or 5432)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = [name for (name,) in cursor.fetchall()]
            found = {}
            for table in tables:
                cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) FROM {table} AS row")
                found[table] = cursor.fetchone()
            return found
    finally:
        other.close()


def sweep(database: str, folder: Path):
    one = Interrupter(database, folder)
    try:
        return one.run("sweep_photos", "--dry-run")
    finally:
        one.close()


def test_every_row_and_every_picture_is_back(portal, empty_database, tmp_path):
    before = rows_of(str(connection.settings_dict["NAME"]))
    sums = {photo.file.name: photo.sha256 for photo in Photo.objects.all()}
    assert len(sums) >= 9

    restore(back_up(tmp_path), empty_database)

    assert rows_of(empty_database) == before
    kept = {name: sha256((tmp_path / "photos" / name).read_bytes()).hexdigest() for name in sums}
    assert kept == sums
    swept = sweep(empty_database, tmp_path)
    assert (swept.code, swept.out.splitlines()[1:]) == (0, ["0 without a row, 0 without a file"]), swept.err


def test_the_portal_goes_on_meanwhile(portal, empty_database, tmp_path):
    """A picture that came after the dump is a file without a row, and one that went after it is still in the copy."""
    candidate = factories.make_candidate(portal)
    gone = factories.make_photo(candidate.application, "OTHER")
    before = rows_of(str(connection.settings_dict["NAME"]))

    def meanwhile():
        add_photo(Actor(candidate.user), candidate, "ID", factories.picture())
        for name in (gone.file.name, gone.thumb.name):
            photo_storage().delete(name)
        gone.delete()

    restore(back_up(tmp_path, meanwhile), empty_database)

    assert rows_of(empty_database) == before
    swept = sweep(empty_database, tmp_path)
    assert swept.code == 0
    assert swept.out.splitlines()[-1] == "2 without a row, 0 without a file"


def test_what_is_refused_is_refused_in_the_restored_one_too(portal, empty_database, tmp_path):
    """Triggers and constraints came along."""
    restore(back_up(tmp_path), empty_database)
    where = connection.settings_dict
    other = psycopg2.connect(dbname=empty_database, host=where["HOST"], user=where["USER"], port=where["PORT"] or 5432)

    with other.cursor() as cursor, pytest.raises(psycopg2.errors.CheckViolation):
        cursor.execute("DELETE FROM candidates_event")
    other.close()


def test_a_purge_after_the_backup_is_done_again(portal, empty_database, tmp_path):
    """What was removed since is in the backup; the command removes it from what was restored as well."""
    factories.review(factories.submitted(portal), "pass")
    portal.applications.filter(status="submitted").first()
    for application in portal.applications.filter(status="submitted"):
        while application.status == "submitted":
            factories.review(application, "pass")
    factories.publish(portal)
    factories.end_retention(portal)
    dump = back_up(tmp_path)
    purge_session(Actor(None), portal)
    restore(dump, empty_database)

    one = Interrupter(empty_database, tmp_path)
    try:
        assert one.run("purge_session", "--session", portal.code).code == 0
        assert one.run("sweep_photos", "--dry-run").out.splitlines()[-1] == "0 without a row, 0 without a file"
    finally:
        one.close()
    assert not [file for file in (tmp_path / "photos").rglob("*") if file.is_file()]
