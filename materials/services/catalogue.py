"""Categories and reasons: loading the catalogue, copying it into a new session."""

import csv
import io
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, Flag, Level, Track
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.roster import decode
from candidates.services.events import Actor, record

from ..models import Category, Reason

DEFAULT_CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.csv"
COLUMNS = (
    "code", "name_zh", "name_en", "min", "max", "requirement", "levels", "tracks", "flags_any", "hint_zh", "hint_en",
)  # fmt: skip


@transaction.atomic
def load_catalogue(actor: Actor, data: bytes, session: ExamSession | None = None) -> int:
    """Create or update the categories named in a CSV, of a session or of the default catalogue.

    Categories that the file does not name stay. Raises Refusal naming every bad row at once.
    Returns the number of categories that are new or changed.
    """
    rows = list(csv.DictReader(io.StringIO(decode(data) or "", newline="")))
    if not rows or set(rows[0]) != set(COLUMNS):
        raise Refusal(
            "catalogue",
            format_lazy(_("The first line must name these columns: {columns}."), columns=", ".join(COLUMNS)),
        )
    known = {category.code: category for category in Category.objects.filter(session=session)}
    changed, faults = [], []
    for line, row in enumerate(rows, start=2):
        category = known.get(row["code"]) or Category(session=session, code=row["code"])
        before = _values(category)
        try:
            _read_row(category, row, line)
            category.full_clean(exclude=["session"])
        except (ValueError, ValidationError) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            faults.append(format_lazy(_("Line {line}: {faults}"), line=line, faults=" ".join(messages)))
            continue
        if category.pk is None or _values(category) != before:
            changed.append(category)
    if faults:
        raise Refusal("catalogue", "\n".join(str(fault) for fault in faults))
    for category in changed:
        category.version += category.pk is not None
        category.save()
    if changed:
        record(Action.CATALOGUE_CHANGED, actor, session=session, codes=[category.code for category in changed])
    return len(changed)


def _values(category: Category) -> list[object]:
    return [getattr(category, field.attname) for field in category._meta.concrete_fields]


def _read_row(category: Category, row: dict[str, str], line: int) -> None:
    category.position = line - 1
    category.name_zh, category.name_en = row["name_zh"].strip(), row["name_en"].strip()
    category.hint_zh, category.hint_en = row["hint_zh"].strip(), row["hint_en"].strip()
    category.min_photos, category.max_photos = int(row["min"]), int(row["max"])
    category.requirement = row["requirement"].strip()
    category.levels = _listed(row, "levels", Level.values)
    category.tracks = _listed(row, "tracks", Track.values)
    category.flags_any = _listed(row, "flags_any", Flag.values)


def _listed(row: dict[str, str], column: str, allowed: list[str]) -> list[str]:
    listed = [word.strip() for word in row[column].split("|") if word.strip()]
    for word in listed:
        if word not in allowed:
            raise ValueError(
                format_lazy(
                    _("{column} has “{word}”; it may be: {allowed}."),
                    column=column,
                    word=word,
                    allowed=", ".join(allowed),
                )
            )
    return listed


@transaction.atomic
def create_session(actor: Actor, session: ExamSession) -> None:
    """Store a new session with its own copy of the default catalogue."""
    session.save()
    copies = list(Category.objects.filter(session=None))
    for category in copies:
        category.pk, category.session, category.version = None, session, 1
    Category.objects.bulk_create(copies)
    record(Action.SESSION_CHANGED, actor, session=session, new=True, categories=len(copies))


@transaction.atomic
def load_default_reasons() -> None:
    """The reasons every region begins with. Those that are there stay as they are."""
    path = Path(__file__).resolve().parent.parent / "reasons.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for position, row in enumerate(csv.DictReader(file), start=1):
            code = row.pop("code")
            categories = row.pop("categories").split("|") if row["categories"] else []
            Reason.objects.get_or_create(
                region=None, code=code, defaults={**row, "categories": categories, "position": position}
            )
