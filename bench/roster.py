"""Loading rosters: rows a second, and the memory that the length of a roster costs."""

from __future__ import annotations

from bench.report import Figure, Part
from bench.served import Portal

_ROWS = 100_000


def loading(portal: Portal) -> Part:
    """A roster of new people, the same again, and what the command takes for a roster of one."""
    people = range(_ROWS)
    _seconds, idle = portal.load_roster(people[:1], "--dry-run")
    new, peak = portal.load_roster(people)
    same, peak_of_same = portal.load_roster(people)
    return Part(
        f"roster: {_ROWS:,} rows, by the command",
        [
            Figure("new rows", _ROWS / new, "rows/s"),
            Figure("the same rows again", _ROWS / same, "rows/s"),
            Figure("memory above a roster of one row, new", peak - idle, "MB", most=64),
            Figure("memory above a roster of one row, the same", peak_of_same - idle, "MB", most=64),
        ],
    )
