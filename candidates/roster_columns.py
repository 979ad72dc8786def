"""What each column of a roster takes, in words: for the page on which one is loaded. Reading it: roster.py."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from .enums import Flag, Level, Track
from .models import Site
from .roster import COLUMNS


@dataclass(frozen=True)
class Column:
    """A column by its name in the file; ``codes``: what may stand there, and what each means."""

    name: str
    meaning: Any
    rule: Any = ""
    codes: list[tuple[str, Any]] = field(default_factory=list)


def columns_for(sites: Iterable[Site]) -> list[Column]:
    """In the order of the file; ``sites``: those of the region."""
    found = [
        Column(
            "registration_number",
            _("Registration number"),
            _("Up to 40 letters, digits, - and _. Candidates sign in with it."),
        ),
        Column("name", _("Name")),
        Column(
            "id_number",
            _("ID number"),
            _(
                "18 characters; with the flag hmt_or_foreign a passport's or permit's. In a spreadsheet make the "
                "column text first, or it loses digits."
            ),
        ),
        Column("phone", _("Phone"), _("6 to 15 digits. The activation code goes there.")),
        Column("email", _("Mail"), _("May be empty.")),
        Column("site", _("Site"), codes=[(site.code, site.name) for site in sites]),
        Column("track", _("Track"), codes=list(Track.choices)),
        Column("level", _("Level"), codes=list(Level.choices)),
        Column("flags", _("Flags"), _("May be empty; several with | between them."), list(Flag.choices)),
    ]
    return sorted(found, key=lambda column: COLUMNS.index(column.name))
