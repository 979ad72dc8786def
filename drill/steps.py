"""The steps at which a web worker can be told to die (stepping.py)."""

from collections.abc import Iterator
from itertools import cycle

OF_AN_UPLOAD = (
    "before the file",
    "in the middle of the file",
    "before its final name",
    "after the file",
    "after both files",
    "after the row",
    "before the commit",
    "after the commit",
    "before the answer",
)
OF_ANY_ACT = ("before the commit", "after the commit", "before the answer")
OTHERS = [f"{act}: {step}" for act in ("delete", "submit", "finish") for step in OF_ANY_ACT]


def in_turn() -> Iterator[str]:
    """Every step of an upload, then one of another act, and so on."""
    for other in cycle(OTHERS):
        yield from (f"upload: {step}" for step in OF_AN_UPLOAD)
        yield other
