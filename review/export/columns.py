"""The final results as CSV (docs/contract.md, "Result columns"): one list of columns, both header styles from it.

Rows are read in batches by registration number, so that memory stays flat and no cursor has to
outlive a transaction (PgBouncer).
"""

import csv
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from candidates.models import ExamSession
from materials.enums import Status
from materials.models import Application

from .models import Decision
from .rules import RESULT_LABELS, RESULTS

BATCH = 2000
# What spreadsheets take for the beginning of a formula; compared after NFKC, which makes the full-width,
# small and superscript forms plain.
FORMULA_STARTS = "=+-@"
# Invisible characters that a spreadsheet may skip before it looks: marks of direction, zero-width ones.
SKIPPED = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
# What a spreadsheet would make a number, a date or a time of: digits with signs between them (2026-01,
# 1/2, 12:30, 1E5, 50%), and digits behind the name of a month (MAR1 is a code here and a date there).
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
NUMBER = re.compile(
    rf"(?:{MONTH}[-/. ]?)?[\d.,:/\-%$¥￥()+ 年月日时分秒]*(?:(?<=[\d.])e[-+]?\d+|{MONTH}[\d.,:/\-+ ]*)?(?: ?[ap]m)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One application with what the columns need."""

    application: Application
    decision: dict[str, Any]
    zone: ZoneInfo
    published: bool

    def local(self, instant: datetime | None) -> str:
        return timezone.localtime(instant, self.zone).isoformat(timespec="seconds") if instant else ""

    @property
    def status(self) -> str:
        """A state until publication; then what was published, 未提交 and 未按期补充 included (rule 9)."""
        status = Status(self.application.status)
        return RESULTS[status] if self.published else status.value

    @property
    def decided(self) -> str:
        return self.local(self.application.decided_at) if self.application.status != Status.DRAFT else ""

    @property
    def reason_codes(self) -> str:
        codes = [self.decision.get("reason") or "", *(entry["reason"] for entry in self.decision.get("requests") or [])]
        return "|".join(dict.fromkeys(filter(None, codes)))


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its title for people, where its value comes from, how people read it."""

    name: str
    title: Any
    value: Callable[[Row], Any]
    shown: Callable[[Row], Any] | None = None


def _status_shown(row: Row) -> Any:
    return RESULT_LABELS[row.status] if row.published else row.application.get_status_display()


COLUMNS = (
    Column("registration_number", _("Registration number"), lambda r: r.application.candidate.registration_number),
    Column("name", _("Name"), lambda r: r.application.candidate.name),
    Column("id_number", _("ID number"), lambda r: r.application.candidate.id_number),
    Column("site", _("Site"), lambda r: r.application.site.code),
    Column(
        "track",
        _("Track"),
        lambda r: r.application.candidate.track,
        lambda r: r.application.candidate.get_track_display(),
    ),
    Column(
        "level",
        _("Level"),
        lambda r: r.application.candidate.level,
        lambda r: r.application.candidate.get_level_display(),
    ),
    Column("status", _("Status"), lambda r: r.status, _status_shown),
    Column("stage", _("Stage"), lambda r: r.application.stage, lambda r: r.application.get_stage_display()),
    Column("rounds", _("Rounds"), lambda r: r.application.rounds),
    Column("submitted_at", _("Submitted at"), lambda r: r.local(r.application.submitted_at)),
    Column("decided_at", _("Decided at"), lambda r: r.decided),
    Column("reviewer", _("Reviewer"), lambda r: r.decision.get("reviewer") or ""),
    Column("reason_codes", _("Reason codes"), lambda r: r.reason_codes),
    Column("opinion", _("Opinion"), lambda r: r.decision.get("note") or ""),
)


def inert(value: Any) -> str:
    """A cell that no spreadsheet runs or rewrites.

    What may be taken for a formula gets an apostrophe in front; what may be taken for a number or a
    date, digits alone first of all, one TAB behind it, which keeps it text. NUL is left out.
    """
    text = str(value).replace("\0", "")
    seen = text.lstrip(SKIPPED + string.whitespace + "\u00a0\u3000")
    if text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", seen[:1])[:1] in tuple(FORMULA_STARTS):
        return f"'{text}"
    return f"{text}\t" if NUMBER.fullmatch(text) and any(map(str.isdigit, text)) else text


def results(applications: QuerySet[Application], session: ExamSession) -> Iterator[Row]:
    """The rows of one session, by registration number; ``applications`` is already scoped and filtered."""
    latest = (
        Decision.objects.filter(application=OuterRef("pk"))
        .order_by("-pk")
        .values(
            found=JSONObject(reviewer="reviewer__username", reason="reason__code", requests="requests", note="note")
        )[:1]
    )
    rows = (
        applications.filter(session=session)
        .select_related("candidate", "site")
        .annotate(decision=Subquery(latest))
        .order_by("candidate__registration_number")
    )
    zone = ZoneInfo(session.region.time_zone)
    after = ""
    while batch := list(rows.filter(candidate__registration_number__gt=after)[:BATCH]):
        for application in batch:
            yield Row(application, application.decision or {}, zone, session.published_at is not None)
        after = batch[-1].candidate.registration_number


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterator[Row], headers: str) -> Iterator[str]:
    """The file line by line: BOM, header, rows; RFC 4180 with CRLF. ``headers``: "zh" or "code"."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    with override("zh-hans"):
        titles = [column.name if headers == "code" else str(column.title) for column in COLUMNS]
    yield "\ufeff" + writer.writerow(titles)
    for row in rows:
        if headers == "code":
            values = [column.value(row) for column in COLUMNS]
        else:
            with override("zh-hans"):
                values = [str((column.shown or column.value)(row)) for column in COLUMNS]
        yield writer.writerow([inert(value) for value in values])
