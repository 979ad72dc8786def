"""The final results, column by column (docs/contract.md, "Result columns"): one list, both header styles from it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import QuerySet, TextChoices
from django.db.models.functions import Collate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from candidates.encryption import decrypt_all
from candidates.enums import Level, Track
from candidates.models import ExamSession
from materials.enums import Stage, Status
from materials.models import Application

from ..rules import RESULT_LABELS, RESULTS

#: One line of a file: a cell for each column, in UTF-8.
Line = tuple[bytes, ...]
Cells = Iterable[bytes]


def _no_words(_published: bool, _headers: str) -> Mapping[str, Any]:
    return {}


def _labels(choices: type[TextChoices]) -> Callable[[bool, str], Mapping[str, Any]]:
    return lambda _published, headers: dict(choices.choices) if headers == "zh" else {}


def _status_words(published: bool, headers: str) -> Mapping[str, Any]:
    """A state until publication; then what was published, 未提交 and 未按期补充 included (rule 9)."""
    if not published:
        return _labels(Status)(published, headers)
    return {state: RESULT_LABELS[result] if headers == "zh" else result for state, result in RESULTS.items()}


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its title for people, and where its values come from.

    ``source`` leads there from an application; or ``of_decision`` is SQL about its newest decision (see _QUERY).
    ``words``: what is written in place of a code, depending on publication and header style.
    """

    name: str
    title: Any
    source: str = ""
    of_decision: str = ""
    words: Callable[[bool, str], Mapping[str, Any]] = _no_words


COLUMNS = (
    Column("registration_number", _("Registration number"), "candidate__registration_number"),
    Column("name", _("Name"), "candidate__name"),
    Column("id_number", _("ID number"), "candidate__id_number"),
    Column("site", _("Site"), "site__code"),
    Column("track", _("Track"), "candidate__track", words=_labels(Track)),
    Column("level", _("Level"), "candidate__level", words=_labels(Level)),
    Column("status", _("Status"), "status", words=_status_words),
    Column("stage", _("Stage"), "stage", words=_labels(Stage)),
    Column("rounds", _("Rounds"), "rounds"),
    Column("submitted_at", _("Submitted at"), "submitted_at"),
    Column("decided_at", _("Decided at"), "decided_at"),
    Column("reviewer", _("Reviewer"), of_decision="u.username"),
    Column(
        "reason_codes",
        _("Reason codes"),
        # Mostly nothing was asked for, and then there is no list to make.
        of_decision="CASE WHEN d.requests = '[]' THEN r.code ELSE "
        "(jsonb_build_array(r.code) || jsonb_path_query_array(d.requests, '$[*].reason'))::text END",
    ),
    Column("opinion", _("Opinion"), of_decision="d.note"),
)

# LATERAL looks decisions up one by one, in the order of the rows: the first rows come while the others are still
# being read, which a join of whole tables would not allow.
_QUERY = """
COPY (
    SELECT {columns}
    FROM ({applications}) a (application, {names})
    LEFT JOIN LATERAL (
        SELECT * FROM review_decision WHERE application_id = a.application ORDER BY id DESC LIMIT 1
    ) d ON true
    LEFT JOIN candidates_user u ON u.id = d.reviewer_id
    LEFT JOIN materials_reason r ON r.id = d.reason_id
    ORDER BY a.registration_number
) TO STDOUT WITH (NULL '')
"""


def titles(headers: str) -> list[str]:
    """The first line. ``headers``: "zh" or "code"."""
    with override("zh-hans"):
        return [column.name if headers == "code" else str(column.title) for column in COLUMNS]


def copy_statement(applications: QuerySet[Application]) -> str:
    """COPY of all columns, by registration number; ``applications`` is already scoped and filtered."""
    connection = connections[applications.db]
    sources: dict[str, Any] = {column.name: column.source for column in COLUMNS if column.source}
    # By the number's bytes: the same order, and so the same SHA-256, whatever a database sorts by.
    number = sources["registration_number"] = Collate(sources["registration_number"], "C")
    rows = applications.order_by(number).values_list("pk", *sources.values())
    sql, parameters = rows.query.get_compiler(connection=connection, elide_empty=False).as_sql()
    columns = ", ".join(column.of_decision or f"a.{column.name}" for column in COLUMNS)
    query = _QUERY.format(columns=columns, applications=sql, names=", ".join(sources))
    with connection.cursor() as cursor:
        statement: bytes = cursor.mogrify(query, parameters)
    return statement.decode()


# --- from what COPY writes to cells -----------------------------------------------------------------

_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def _text(value: bytes) -> str:
    r"""A value of COPY's text format, where line breaks and TABs are \n and \t."""
    if b"\\" in value:
        value = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), value)
    return value.decode()


class _Known(dict[bytes, bytes]):
    """A function's answers, kept, since most columns say the same few things. Bounded, so that memory stays flat."""

    MOST, LONGEST = 20_000, 200  # an upload window of ten days has 14,400 minutes

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, value: bytes) -> bytes:
        answer = self._answer(value)
        if len(value) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[value] = answer
        return answer


def _instants(zone: ZoneInfo) -> Callable[[Sequence[bytes]], Cells]:
    """ISO 8601 to the second, local; from what PostgreSQL writes with UTC as its zone, as Django has set it."""

    def local(minute: bytes) -> bytes:
        return datetime.fromisoformat(f"{minute.decode()}+00:00").astimezone(zone).isoformat().encode()

    # 2026-03-31T18:05:00+08:00: what stands around the seconds is the same for a whole minute.
    minutes = _Known(local)

    def cells(values: Sequence[bytes]) -> Cells:
        return [(around := minutes[value[:16]])[:17] + value[17:19] + around[19:] if value else b"" for value in values]

    return cells


def _reason_codes(codes: str) -> str:
    """Of a code, or a JSON list of codes and nulls."""
    return "|".join(dict.fromkeys(filter(None, json.loads(codes)))) if codes.startswith("[") else codes


def reader(
    session: ExamSession, headers: str, written: Callable[[str], str], are_plain: Callable[[str], bool]
) -> Callable[[Sequence[bytes]], Iterator[Line]]:
    """What makes lines of cells from rows as COPY writes them, many at a time.

    ``written``: what a cell says of a text. ``are_plain``: whether that is the text itself for each of these lines.
    """

    def known(column: Column) -> Callable[[Sequence[bytes]], Cells]:
        words = {code: str(word) for code, word in column.words(session.published_at is not None, headers).items()}

        def answer(value: bytes) -> bytes:
            text = _text(value)
            text = _reason_codes(text) if column.name == "reason_codes" else words.get(text, text)
            return written(text).encode()

        answers = _Known(answer)
        return lambda values: map(answers.__getitem__, values)

    def at_a_glance(values: Sequence[bytes]) -> Cells:
        together = b"\n".join(values)
        if b"\\" not in together and are_plain(together.decode()):
            return values
        return [written(_text(value)).encode() for value in values]

    with override("zh-hans"):
        readers = {column.name: known(column) for column in COLUMNS}
    # Of these, few are the same.
    readers["registration_number"] = readers["name"] = at_a_glance
    readers["id_number"] = lambda values: [written(number).encode() for number in decrypt_all(values)]
    readers["submitted_at"] = readers["decided_at"] = _instants(ZoneInfo(session.region.time_zone))

    width = len(COLUMNS)

    def lines(rows: Sequence[bytes]) -> Iterator[Line]:
        # What breaks lines and cells within a value is escaped.
        values = b"".join(rows).replace(b"\n", b"\t").split(b"\t")
        columns = [read(values[place:-1:width]) for place, read in enumerate(readers.values())]
        return zip(*columns, strict=True)

    return lines
