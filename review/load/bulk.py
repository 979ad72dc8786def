"""Indexes and foreign keys of large tables, left out while they are filled and made at the end, at one go.

A key at random costs a page of its own in every index, row by row; sorted once, millions take seconds.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction

# Unique ones stay: rows are told apart and looked up by them while tables are filled.
_INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique AND NOT indisexclusion
"""
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f'
"""
_MEMORY = "256MB"  # to sort in


@contextmanager
def filling(tables: Iterable[type[models.Model]]) -> Iterator[None]:
    """One transaction, in which nobody else reads or writes the tables. Ended early, it leaves all as it was."""
    names = [model._meta.db_table for model in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        # What is still to be checked would be in the way of either change.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_FOREIGN_KEYS, [names])
        changes = cursor.fetchall()
        cursor.execute(_INDEXES, [names])
        changes = cursor.fetchall() + changes  # foreign keys are checked by way of the indexes
        for leave_out, _make in changes:
            cursor.execute(leave_out)
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = %s", [_MEMORY])
        for _leave_out, make in changes:
            cursor.execute(make)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
