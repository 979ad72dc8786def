"""Bringing what is stored to the newest key, so that an older one can go (docs/operations.md, "Keys")."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models, transaction

from ..encryption import EncryptedTextField, decrypt, keyed_hash, renewed
from ..enums import Action
from ..models import Candidate
from ..rules import clean_id_number
from .events import OPERATOR, record

BATCH = 500


class Column(NamedTuple):
    """An encrypted column; ``hashed``: the one beside it by which it is found, if any."""

    table: str
    name: str
    hashed: str = ""

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


# Hashes of one-time codes and of failed sign-ins are of an older key for as long as they count: a day at most.
HASHED: dict[tuple[type[models.Model], str], str] = {(Candidate, "id_number"): "id_number_hash"}


def encrypted_columns() -> list[Column]:
    """Candidates first: deliveries may be copied from them meanwhile."""
    return [
        Column(model._meta.db_table, str(field.column), HASHED.get((model, field.name), ""))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate_keys(column: Column, *, dry_run: bool = False) -> int:
    """Re-encrypt and re-hash what an older key made, batch by batch. Returns how many values.

    Nothing is locked for longer than a batch takes, and a value that somebody changes meanwhile is theirs: they write
    it with the newest key. Ended anywhere, the rest is done by the next run. Raises InvalidToken where none of the
    keys fits.
    """
    return sum(number if dry_run else _write(column, old) for number, old in _batches(column))


def _batches(column: Column) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """How many of a batch an older key made; key, value as it is, value and hash as they should be."""
    after = 0
    while rows := _read(column, after):
        after = rows[-1][0]
        old = [row for row in map(_as_it_should_be, rows) if row is not None]
        yield len(old), old


def _as_it_should_be(row: tuple[int, str, str]) -> tuple[int, str, str, str] | None:
    key, token, kept = row
    fresh = renewed(token)
    hashed = keyed_hash(clean_id_number(decrypt(token))) if kept else ""
    return None if (fresh, hashed) == (token, kept) else (key, token, fresh, hashed)


def _read(column: Column, after: int) -> list[tuple[int, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {column.name}, {column.hashed or repr('')} FROM {column.table} "  # noqa: S608  names of our own
            f"WHERE id > %s AND {column.name} <> '' ORDER BY id LIMIT {BATCH}",
            [after],
        )
        return cursor.fetchall()


@transaction.atomic
def _write(column: Column, rows: list[tuple[Any, ...]]) -> int:
    if not rows:
        return 0
    also = f", {column.hashed} = fresh.hashed" if column.hashed else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {column.table} stored SET {column.name} = fresh.token{also} "  # noqa: S608
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) fresh (id, before, token, hashed) "
            f"WHERE stored.id = fresh.id AND stored.{column.name} = fresh.before",
            [list(values) for values in zip(*rows, strict=True)],
        )
        number = int(cursor.rowcount)
    if number:
        record(Action.COMMAND_RUN, OPERATOR, column=str(column), number=number)
    return number
