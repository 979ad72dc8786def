"""Categories and reasons: loading the catalogue, copying it into a new session."""

import csv
import io
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, Flag, Level, Track
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.roster import decode
from candidates.rules import leads
from candidates.services.events import Actor, record
from candidates.services.sessions import changes_of, refuse_published, save_record

from ..enums import Status
from ..models import Application, Category, Reason
from ..selectors import live_photos, unfit_photos
from .locking import lock_limits

DEFAULT_CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.csv"
COLUMNS = (
    "code", "name_zh", "name_en", "min", "max", "requirement", "levels", "tracks", "flags_any", "hint_zh", "hint_en",
)  # fmt: skip


@dataclass
class CatalogueReport:
    """What a catalogue's CSV did. ``changed``: code to field to [from, to]; ``left``: codes that it does not name."""

    new: list[Category] = field(default_factory=list)
    changed: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    same: int = 0
    left: list[str] = field(default_factory=list)


@transaction.atomic
def load_catalogue(actor: Actor, data: bytes, session: ExamSession | None = None) -> CatalogueReport:
    """Create or update the categories named in a CSV, of a session or of the default catalogue.

    Categories that the file does not name stay. Raises Refusal naming every bad row at once.
    """
    # Two loads of one catalogue take turns, and uploads see all of it or nothing.
    lock_limits(session.pk if session else None)
    if session is not None:
        # A publication waits for the load, or the load sees it.
        session = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
        refuse_published(session)
    # Rows are written whole, so nobody edits one meanwhile.
    rows = Category.objects.filter(session=session).select_for_update(of=("self",), no_key=True).order_by("pk")
    known = {category.code: category for category in rows}
    report, changed, faults, seen = CatalogueReport(), [], [], set()
    for position, (line, row) in enumerate(_read_csv(data), start=1):
        category = known.get(row["code"]) or Category(session=session, code=row["code"])
        before = copy(category)
        try:
            if row["code"] in seen:
                raise ValueError(format_lazy(_("The code {code} is there twice."), code=row["code"]))
            seen.add(row["code"])
            _read_row(category, row, position)
            category.full_clean(exclude=["session"])
        except (ValueError, ValidationError) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            faults.append(_fault(line, " ".join(messages)))
            continue
        changes = changes_of(before, category)
        if category.pk is None:
            report.new.append(category)
        elif changes:
            report.changed[category.code] = changes
            changed.append(category)
        else:
            report.same += 1
    if faults:
        raise Refusal("catalogue", "\n".join(faults))
    report.left = sorted(known.keys() - seen)
    stored = {category.pk: category for category in Category.objects.filter(session=session)}
    for category in changed:
        if session is not None:
            refuse_unfit(stored[category.pk], category, session)
        category.version += 1
    written = [*report.new, *changed]
    for category in written:
        category.save()
    if written:
        facts: dict[str, Any] = {"codes": [category.code for category in written]}
        if report.changed:
            facts["fields"] = report.changed
        record(Action.CATALOGUE_CHANGED, actor, session=session, **facts)
    return report


@transaction.atomic
def save_category(actor: Actor, category: Category, version: int | None) -> None:
    """Store a category that was edited by hand. Raises Stale; Refusal as ``refuse_unfit`` does."""
    lock_limits(category.session_id)
    if version is not None and category.session_id is not None:
        before = Category.objects.select_for_update(of=("self",), no_key=True).get(pk=category.pk)
        if before.version == version:
            refuse_unfit(before, category, ExamSession.objects.get(pk=category.session_id))
    save_record(actor, category, version)


def refuse_unfit(before: Category, after: Category, session: ExamSession) -> None:
    """Raise Refusal when pictures that were right when they came would be so no more.

    Before the window opens there are none, and everything can be changed.
    """
    unfit_before = unfit_photos(before, session).order_by().values("pk")
    number = unfit_photos(after, session).exclude(pk__in=unfit_before).count()
    if number > 0:
        raise Refusal(
            "unfit",
            format_lazy(
                _(
                    "“{name}” has pictures already, and by this change {number} of them would be wrong: one too many, "
                    "of another format, too big, or not asked for. Keep what they were uploaded under; what asks for "
                    "less can be changed."
                ),
                name=before.name,
                number=number,
            ),
            status=422,
        )


def _fault(line: int, faults: str) -> str:
    return str(format_lazy(_("Line {line}: {faults}"), line=line, faults=faults))


def _read_csv(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows with their lines. Raises Refusal when the file is not such a table at all."""
    text = decode(data)
    if text is None or "\0" in text:
        raise Refusal("catalogue", _("The file is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8."))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(cells)]
    except csv.Error as error:
        reason = format_lazy(_("The file cannot be read as CSV from here on: {error}."), error=str(error))
        raise Refusal("catalogue", _fault(reader.line_num, str(reason))) from error
    if sorted(header) != sorted(COLUMNS) or not rows:
        raise Refusal(
            "catalogue",
            format_lazy(_("The first line must name these columns: {columns}."), columns=", ".join(COLUMNS)),
        )
    uneven = [(line, len(cells)) for line, cells in rows if len(cells) != len(header)]
    if uneven:
        sentence = _("{found} cells instead of {expected}.")
        faults = [_fault(line, str(format_lazy(sentence, found=n, expected=len(header)))) for line, n in uneven]
        raise Refusal("catalogue", "\n".join(faults))
    return [(line, dict(zip(header, cells, strict=True))) for line, cells in rows]


def _read_row(category: Category, row: dict[str, str], position: int) -> None:
    category.position = position
    category.name_zh, category.name_en = row["name_zh"], row["name_en"]
    category.hint_zh, category.hint_en = row["hint_zh"], row["hint_en"]
    category.min_photos, category.max_photos = _number(row, "min"), _number(row, "max")
    category.requirement = row["requirement"]
    category.levels = _listed(row, "levels", Level.values)
    category.tracks = _listed(row, "tracks", Track.values)
    category.flags_any = _listed(row, "flags_any", Flag.values)


def _number(row: dict[str, str], column: str) -> int:
    if not (row[column].isascii() and row[column].isdigit() and len(row[column]) < 4):
        raise ValueError(format_lazy(_("{column} must be a whole number."), column=column))
    return int(row[column])


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
    key = str(session.pk)
    record(
        Action.SESSION_CHANGED, actor, session=session, record="examsession", key=key, new=True, categories=len(copies)
    )


@transaction.atomic
def save_session(actor: Actor, session: ExamSession, version: int) -> None:
    """Store an edited session.

    Raises Stale; Refusal when it is published, reviews already follow its stages, drafts were already counted or not,
    pictures are bigger than it would take, or only a lead may change it so.
    """
    lock_limits(session.pk)
    stored = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
    under_way = Application.objects.filter(session=stored).exclude(status=Status.DRAFT)
    if stored.version == version and stored.stages != session.stages and under_way.exists():
        raise Refusal(
            "stages",
            _("Applications are already submitted, so the stages of this session stay as they are."),
            status=422,
        )
    is_closed = stored.closes_at <= timezone.now()
    if stored.version == version and is_closed and stored.drafts_at_close != session.drafts_at_close:
        raise Refusal(
            "drafts_at_close",
            _(
                "The upload window has closed, so complete drafts are treated as candidates read it on their page. "
                "Leave this as it is; it can be changed while the window is open."
            ),
            status=422,
        )
    if stored.version == version and session.max_bytes < stored.max_bytes:
        _refuse_smaller(stored, session)
    if stored.two_persons and not session.two_persons and actor.user is not None and not leads(actor.user):
        sentence = _("That two persons publish is switched off by a regional lead or an administrator. Ask one.")
        raise Refusal("role", sentence, status=403)
    save_record(actor, session, version, Action.SESSION_CHANGED)


def _refuse_smaller(before: ExamSession, after: ExamSession) -> None:
    """Raise Refusal when there are pictures that came under the session's own limit, and it would shrink."""
    under_it = live_photos().filter(item__category__max_bytes=None, item__application__session=before)
    if under_it.filter(bytes__gt=after.max_bytes).exists():
        raise Refusal(
            "unfit",
            format_lazy(
                _(
                    "There are pictures of more than {bytes} bytes, which were right when they came. "
                    "Keep the limit, or raise it."
                ),
                bytes=after.max_bytes,
            ),
            status=422,
        )


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
