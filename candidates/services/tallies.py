"""Adding up the rows of a tally, which grow with every change of what it counts (candidates/models/tallies.py)."""

from django.db import connection, transaction

from ..models import Tally

TALLIES_LOCK = 7  # the first key of the advisory lock; the second is the table

#: What is deleted is what is added up, whatever was added meanwhile: a number that is read is right before and after.
_ROLL_UP = """
WITH gone AS (
    DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1)
    RETURNING {key}, number
), whole AS (
    INSERT INTO {table} ({key}, number)
    SELECT {key}, sum(number) FROM gone GROUP BY {key} HAVING sum(number) <> 0
)
SELECT count(*) FROM gone
"""
_COUNT = """
SELECT coalesce(sum(rows), 0) FROM (SELECT count(*) AS rows FROM {table} GROUP BY {key} HAVING count(*) > 1) AS parts
"""


@transaction.atomic
def roll_up(tally: type[Tally], *, dry_run: bool = False) -> int:
    """Make one row of the many of each key; returns how many rows went into these. Nobody waits for it.

    Where every key has one row, nothing is written. Of two at once one does it, and the other nothing.
    """
    table = tally._meta.db_table
    key = ", ".join(str(field.column) for field in tally._meta.concrete_fields if field.name not in ("id", "number"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s OR pg_try_advisory_xact_lock(%s, hashtext(%s))", [dry_run, TALLIES_LOCK, table])
        if cursor.fetchone() == (False,):
            return 0
        cursor.execute((_COUNT if dry_run else _ROLL_UP).format(table=table, key=key))
        [number] = cursor.fetchone()
    return int(number)
