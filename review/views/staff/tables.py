"""The tables of the staff's pages, all drawn by one template (templates/admin/staff/_table.html)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from candidates.models import Site


@dataclass(frozen=True)
class Cell:
    """One cell; ``address``: where its text leads, ``more``: what stands behind it.

    ``kind``: ``head`` names its row, ``number`` is set to the right, ``word`` is never broken; empty: text.
    """

    text: Any
    address: str = ""
    kind: str = ""
    more: Any = ""


@dataclass(frozen=True)
class Table:
    """``empty``: the sentence in place of rows; ``label``: of one so wide that keys must scroll it, too."""

    headings: Sequence[Any]
    rows: Sequence[Sequence[Cell]]
    caption: Any = ""
    empty: Any = ""
    label: Any = ""


def head(text: Any, address: str = "") -> Cell:
    return Cell(text, address, "head")


def number(value: Any, address: str = "", more: Any = "") -> Cell:
    return Cell(value, address, "number", more)


def site_head(site: Site | None, otherwise: Any) -> Cell:
    """A site by code and name; ``otherwise`` for what is not of one site."""
    return head(f"{site.code} {site}" if site else otherwise)
