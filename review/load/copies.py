"""Copies of people, by SQL: every row that is about one of them, with other keys, names and times.

Keys: of tables that others point at, blocks are taken out of the sequences. A random key keeps its last 28 digits and
gets other first ones, so that it lies as scattered as real ones do; the same is done to it inside facts and manifests.
Times: a course is stretched to some hours and ends when the copy's ends; deadlines stay. Every constraint and trigger
is in force once all is there; photos come before their items, which are locked already (foreign keys are checked at
the end).
Of the files of pictures there is one for all copies, so ``sweep_photos`` says that copies' files are not where they
should be.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, models

from candidates.encryption import encrypt, keyed_hash
from candidates.models import Candidate, Delivery, Event, ExamSession, Message, OneTimeCode, Site, User
from materials.models import Application, Item, Likeness, Photo, Submission

from ..demo import id_number
from ..models import Claim, Decision
from .bulk import filling

BATCH = 5000
#: Less than how far the list of events lets keys and times be apart (candidates/event_filters.py).
COURSE = timedelta(hours=5)
SPAN = timedelta(days=28)
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗"
_DAYS = 40 * 365
_MARK = "########"

# How to find, beside each row of a table, the person it is about, who is a row of load_pattern.
_OF_ITEM = "JOIN materials_item i ON i.id = r.item_id JOIN materials_application a ON a.id = i.application_id"
_OF_APPLICATION = "JOIN materials_application a ON a.id = r.application_id"
_PERSON = {
    User: "JOIN load_pattern p ON p.user_id = r.id",
    Candidate: "JOIN load_pattern p ON p.id = r.id",
    **dict.fromkeys(
        (Application, OneTimeCode, Message, Delivery, Event), "JOIN load_pattern p ON p.id = r.candidate_id"
    ),
    Photo: f"{_OF_ITEM} JOIN load_pattern p ON p.id = a.candidate_id",
    Likeness: f"JOIN materials_photo f ON f.id = r.photo_id {_OF_ITEM.replace('r.', 'f.')} "
    "JOIN load_pattern p ON p.id = a.candidate_id",
    **dict.fromkeys(
        (Item, Submission, Decision, Claim), f"{_OF_APPLICATION} JOIN load_pattern p ON p.id = a.candidate_id"
    ),
}
#: Others point at these by a number; how many rows of one person there are at most is found out.
_NUMBERED = (User, Candidate, Item, Submission, Message)
# When something was, as opposed to until when it may be.
_PAST = {
    "activated_at", "submitted_at", "decided_at", "created_at", "superseded_at", "verdict_at", "claimed_at", "sent_at",
    "ended_at", "read_at", "at", "next_attempt_at",
}  # fmt: skip
_REVIEWER = """CASE r.{column} WHEN {site} THEN b.site_reviewer WHEN {region} THEN b.region_reviewer
    WHEN p.user_id THEN {own} ELSE r.{column} END"""
# A likeness of its own for each: sixteen bytes at random, sixty-four times; what it is looked up by is as random.
_RANDOM = "md5(r.photo_id::text || b.n)"
_OVERRIDDEN: dict[type[models.Model], dict[str, str]] = {
    User: {"username": "b.number"},
    Candidate: {
        **{name: f"b.{name}" for name in ("name", "id_number", "id_number_hash", "phone", "email")},
        "registration_number": "b.number",
        "site_id": "b.site",
    },
    Application: {"site_id": "b.site"},
    Photo: {"pixels_sha256": "b.digits || substr(r.pixels_sha256, 9)"},
    Likeness: {
        "grid": f"decode(repeat({_RANDOM}, 64), 'hex')",
        **{
            name: f"(('x' || substr({_RANDOM}, {1 + 3 * at}, 2))::bit(8)::int - 128)::smallint"
            for at, name in enumerate(Likeness.OUTLINE)
        },
    },
    # As if each had gone out at the first attempt.
    Delivery: {"status": "'sent'", "address": "''", "text": "''", "error": "''", "attempts": "1"},
    Event: {"site_id": "CASE WHEN r.site_id IS NOT NULL THEN b.site END"},
}
_COLUMNS = ("n", "pattern", "number", "name", "id_number", "id_number_hash", "phone", "email", "digits", "ended",
            "site", "site_reviewer", "region_reviewer")  # fmt: skip


@dataclass(frozen=True)
class Staff:
    """Who judged the patterns, and who judged the copies: of each site somebody, and some of the region."""

    pattern_site: User
    pattern_region: User
    by_site: dict[Site, User]
    region: list[User]


class Copies:
    """Copies of the people ``served`` (and how many of how many are theirs), in their session."""

    def __init__(self, session: ExamSession, served: list[tuple[Candidate, int]], staff: Staff) -> None:
        self._session, self._staff = session, staff
        self._people = [candidate for candidate, _weight in served]
        self._weights = [weight for _candidate, weight in served]
        self._strides: dict[type[models.Model], int] = {}

    def make(self, number: int, prefix: str, now: datetime, seed: int) -> Iterator[int]:
        """Make so many, batch by batch; yields how many there are."""
        self._keep_patterns()
        rows = self._rows(number, prefix, now, random.Random(seed))  # noqa: S311 - nothing secret
        made = 0
        with filling(_PERSON), connection.cursor() as cursor:
            while batch := list(islice(rows, BATCH)):
                self._copy(cursor, batch)
                made += len(batch)
                yield made

    def _keep_patterns(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.load_pattern, pg_temp.load_person")
            cursor.execute(
                """
                CREATE TEMP TABLE load_pattern AS
                SELECT c.id, c.user_id, max(e.at) AS ended,
                    coalesce(%s / nullif(extract(epoch FROM max(e.at) - min(e.at)), 0), 0)::float8 AS stretch
                FROM candidates_candidate c LEFT JOIN candidates_event e ON e.candidate_id = c.id
                WHERE c.id = ANY(%s) GROUP BY c.id
                """,
                [COURSE.total_seconds() * 0.9, [candidate.pk for candidate in self._people]],
            )
            cursor.execute(
                """
                CREATE TEMP TABLE load_person (
                    n int, pattern bigint, number text, name text, id_number text, id_number_hash text, phone text,
                    email text, digits text, ended timestamptz, site bigint, site_reviewer bigint,
                    region_reviewer bigint
                )
                """
            )
            for model, person in _PERSON.items():
                self._keep_rows(cursor, model, person)

    def _keep_rows(self, cursor: Any, model: type[models.Model], person: str) -> None:
        """The rows of one table that are to be copied, with their place among the person's and keys made ready."""
        # All that is put together here are names of tables and columns.
        name, key = model._meta.db_table, model._meta.pk.column
        columns = []
        for field in model._meta.concrete_fields:
            if isinstance(field, models.JSONField):
                # Keys of pictures are found by their form, and changed as keys are.
                changed = (
                    f"regexp_replace(r.{field.column}::text, '[0-9a-f]{{8}}(?=(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})', "
                    f"'{_MARK}', 'g')"
                )
                columns.append(f"{changed} AS {field.column}")
            else:
                columns.append(f"r.{field.column}")
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.kept_{name}")
        cursor.execute(
            f"CREATE TEMP TABLE kept_{name} AS SELECT {', '.join(columns)}, p.id AS pattern, "  # noqa: S608
            f"row_number() OVER (PARTITION BY p.id ORDER BY r.{key}) - 1 AS place FROM {name} r {person}"
        )
        cursor.execute(f"CREATE INDEX ON kept_{name} (pattern)")
        cursor.execute(f"ANALYZE kept_{name}")
        cursor.execute(f"SELECT coalesce(max(place), 0) + 1 FROM kept_{name}")  # noqa: S608
        if model in _NUMBERED:
            [self._strides[model]] = cursor.fetchone()

    def _rows(self, number: int, prefix: str, now: datetime, chance: random.Random) -> Iterator[tuple[Any, ...]]:
        sites = list(self._staff.by_site)
        patterns = chance.choices(self._people, self._weights, k=number)
        for n, pattern in enumerate(patterns):
            site = sites[n % len(sites)]
            born = date(1960, 1, 1) + timedelta(days=n % _DAYS)
            person = id_number(f"{born:%Y%m%d}{n // _DAYS:03}")
            # More of them the nearer to now, as people are.
            ended = now - SPAN * (1 - (n + 1) / (number + 1)) ** 2
            yield (
                n % BATCH,
                pattern.pk,
                f"{prefix}{n:07}",
                chance.choice(_SURNAMES) + chr(0x4E00 + chance.randrange(5000)) + chr(0x4E00 + chance.randrange(5000)),
                encrypt(person),
                keyed_hash(person),
                encrypt(f"199{n:08}"),
                encrypt(f"{prefix}{n}@example.com".lower()),
                f"{n * 2654435761 % 2**32:08x}",  # another for each n, in no order
                ended.isoformat(),
                site.pk,
                self._staff.by_site[site].pk,
                self._staff.region[n % len(self._staff.region)].pk,
            )

    def _copy(self, cursor: Any, batch: list[tuple[Any, ...]]) -> None:
        lines = io.StringIO()
        csv.writer(lines).writerows(batch)
        lines.seek(0)
        cursor.execute("TRUNCATE load_person")
        cursor.copy_expert(f"COPY load_person ({', '.join(_COLUMNS)}) FROM STDIN WITH (FORMAT csv)", lines)
        cursor.execute("ANALYZE load_person")
        first: dict[type[models.Model], int] = {model: self._reserve(cursor, model, len(batch)) for model in _NUMBERED}
        for model in (User, Candidate, OneTimeCode, Application, Photo, Likeness, Item, Submission, Message, Delivery,
                      Decision, Claim, Event):  # fmt: skip
            cursor.execute(self._statement(model, first))

    def _reserve(self, cursor: Any, model: type[models.Model], people: int) -> int:
        """The first key of a block that is large enough for so many people."""
        sequence = f"pg_get_serial_sequence('{model._meta.db_table}', 'id')"
        cursor.execute(f"SELECT nextval({sequence})")
        [first] = cursor.fetchone()
        cursor.execute(f"SELECT setval({sequence}, %s)", [first + people * self._strides[model]])
        return int(first)

    def _statement(self, model: type[models.Model], first: dict[type[models.Model], int]) -> str:
        fields = [field for field in model._meta.concrete_fields if not self._is_left_out(model, field)]
        columns = [str(field.column) for field in fields]
        values = [self._value(model, field, first) for field in fields]
        joins = [
            f"JOIN kept_{other._meta.db_table} k_{column} ON k_{column}.id = r.{column} AND k_{column}.pattern = p.id"
            for column, other in self._pointers(model)
        ]
        table = model._meta.db_table
        # Of events the keys are given out in the order of time.
        order = f"ORDER BY {_when('at')}" if model is Event else ""
        return (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608
            f"FROM load_person b JOIN load_pattern p ON p.id = b.pattern JOIN kept_{table} r ON r.pattern = p.id "
            f"{' '.join(joins).replace('JOIN', 'LEFT JOIN')} {order}"
        )

    @staticmethod
    def _is_left_out(model: type[models.Model], field: models.Field) -> bool:
        """The database numbers it."""
        return field.primary_key and isinstance(field, models.BigAutoField) and model not in _NUMBERED

    @staticmethod
    def _pointers(model: type[models.Model]) -> list[tuple[str, type[models.Model]]]:
        """Columns that point at what is copied and has a number; of accounts and candidates each person has one."""
        return [
            (str(field.column), field.related_model)
            for field in model._meta.concrete_fields
            if field.related_model in (Item, Submission, Message)
        ]

    def _value(self, model: type[models.Model], field: models.Field, first: dict[type[models.Model], int]) -> str:
        column = str(field.column)
        if column in _OVERRIDDEN.get(model, {}):
            return _OVERRIDDEN[model][column]
        if field.primary_key and model in _NUMBERED:
            return f"{first[model]} + b.n * {self._strides[model]} + r.place"
        related = field.related_model
        if related in (Item, Submission, Message):
            return f"{first[related]} + b.n * {self._strides[related]} + k_{column}.place"
        if related is Candidate:
            return f"CASE WHEN r.{column} IS NOT NULL THEN {first[Candidate]} + b.n END"
        if related is User:
            return _REVIEWER.format(
                column=column,
                site=self._staff.pattern_site.pk,
                region=self._staff.pattern_region.pk,
                own=f"{first[User]} + b.n",
            )
        if isinstance(field, models.UUIDField) or related in (Application, Photo):
            return f"(b.digits || substr(r.{column}::text, 9))::uuid"
        if isinstance(field, models.JSONField):
            return f"replace(r.{column}, '{_MARK}', b.digits)::jsonb"
        if isinstance(field, models.DateTimeField) and column in _PAST:
            return _when(column)
        return f"r.{column}"


def _when(column: str) -> str:
    """As long before the copy's end as before the pattern's, stretched."""
    past = f"greatest(p.ended - r.{column}, interval '0')"
    return f"CASE WHEN r.{column} IS NOT NULL THEN b.ended - {past} * p.stretch END"
