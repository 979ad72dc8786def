"""What pages cost with a small and with a large session: times, plans, and indexes that nothing used."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import Any

from bench.report import Figure, Part
from bench.served import Portal

SMALL = 10_000
# Models can be imported once Django is set up, and not before.
VISITS = """
import os, sys, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
django.setup()
from bench.visits import main
main(sys.argv[1], int(sys.argv[2]))
"""
# Before the pages are opened, as run_periodic does every five minutes.
_COUNT = """
import os, django
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exam_portal.settings")
django.setup()
from review.services.figures import keep_figures
keep_figures()
"""
_MOST = 1.5

# Of a table's keys none are listed: what makes rows unique is used by every one that is added.
_USED = """
SELECT indexrelname || ' of ' || relname || ', ' || pg_size_pretty(pg_relation_size(indexrelid)), idx_scan
FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
WHERE NOT indisunique AND pg_relation_size(indexrelid) > 1000000
ORDER BY pg_relation_size(indexrelid) DESC
"""


def scale(portal: Portal, rows: int, runs: int) -> list[Part]:
    """Pages of a session of SMALL, then of one of so many beside it, by the same process's clock."""
    small, *_seconds = _load(portal, min(SMALL, rows))
    before = _visit(portal, small, runs)
    large, seconds, counting = _load(portal, rows)
    with closing(portal.database()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_USED)
        used = dict(cursor.fetchall())
        after = _visit(portal, large, runs)
        cursor.execute(_USED)
        unused = [f"used by no page: {index}" for index, scans in cursor.fetchall() if scans == used.get(index)]
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        [size] = cursor.fetchone()
    loading = [
        Figure(f"make_load --candidates {rows}: {seconds:.0f} s", rows / seconds, "candidates/s"),
        Figure("counting the statistics of large sessions beforehand", counting, "s"),
    ]
    said = f"pages of {rows:,} candidates ÷ the same pages of {min(SMALL, rows):,}; database {size}"
    return [
        Part(f"scale: {said}", [*loading, *_figures(before, after, "constant")], _notes(after)),
        Part("scale, of the whole session by nature", _figures(before, after, "whole"), unused),
    ]


def _figures(before: dict[str, Any], after: dict[str, Any], kind: str) -> list[Figure]:
    found = []
    for name, one in after.items():
        was = before.get(name, {})
        if one["kind"] == kind and "seconds" in one and "seconds" in was:
            both = f"{1000 * was['seconds']:.0f} → {1000 * one['seconds']:.0f} ms, {one['queries']} queries"
            both += f"; of the quickest {one['least'] / was['least']:.2f}"
            # A list that shows two rows in a small session and fifty in a large one is not the same page.
            is_same = one["rows"] == was["rows"]
            both += "" if is_same else f"; shows {was['rows']} → {one['rows']} rows"
            goal = {"most": _MOST} if kind == "constant" and is_same else {}
            found.append(Figure(f"{name} ({both})", one["seconds"] / was["seconds"], "×", **goal))
    return found


def _notes(after: dict[str, Any]) -> list[str]:
    faults = [f"{name}: {one['fault']}" for name, one in after.items() if "fault" in one]
    return faults + [f"read whole: {scan}, by {name}" for name, one in after.items() for scan in one.get("scans", ())]


def _load(portal: Portal, rows: int) -> tuple[str, float, float]:
    """Code of a new session of so many; how long it took to make, and to count for the pages of statistics."""
    start = time.monotonic()
    code = portal.run("manage.py", "make_load", "--candidates", str(rows)).split()[-1]
    seconds = time.monotonic() - start
    with closing(portal.database()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")
    start = time.monotonic()
    portal.run("-c", _COUNT)
    return code, seconds, time.monotonic() - start


def _visit(portal: Portal, code: str, runs: int) -> dict[str, Any]:
    # Sealing millions of new events takes longer than the visits, and would share the cores with them.
    with portal.without("run_periodic", "send_messages"):
        found: dict[str, Any] = json.loads(portal.run("-c", VISITS, code, str(runs)))
    return found
