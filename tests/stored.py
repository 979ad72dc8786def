"""All that is stored, to compare with what is stored later: every row of every table, every file."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

# What holds events and their seals, and what Django and django-axes write down for themselves.
APART = {"candidates_event", "candidates_seal", "django_session", "django_admin_log", "axes_accessattempt"}


def stored() -> dict[str, Any]:
    """Each of ``tables``; a file's place below FILES_DIR to one of its content."""
    folder = Path(settings.FILES_DIR)
    files = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return tables() | {name: sha256(content).hexdigest() for name, content in files.items()}


def tables() -> dict[str, tuple[int, int]]:
    """Table to a sum of its rows, whatever their order."""
    with connection.cursor() as cursor:
        return {name: _sum(cursor, name) for name in connection.introspection.table_names(cursor)}


def _sum(cursor: Any, table: str) -> tuple[int, int]:
    cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(row::text, 0)), 0) FROM {table} AS row")
    return cursor.fetchone()


def written(before: dict[str, Any]) -> set[str]:
    """The tables whose rows are others than ``before``, but for APART."""
    after = tables()
    return {table for table in after if after[table] != before.get(table)} - APART
