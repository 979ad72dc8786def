"""Run beside a portal by bench/scale.py, in one process: opens its pages through Django, several times each.

``main(CODE, RUNS)``: pages of session CODE. Prints JSON: page to seconds, to queries, and to the
sequential scans that PostgreSQL plans for them of tables that grow with candidates; of a list, how many rows it shows.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse

from candidates.models import Candidate, ExamSession, User
from materials.models import Application, Photo

_LARGE = 3000  # rows from which on a table is one that grows
Visit = Callable[[], Any]


class _Log:
    """Every statement of one visit, with what it was given."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not many:
            self.statements.append((sql, params))
        return execute(sql, params, many, context)


def _client(user: User) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend="candidates.backends.AccountBackend")
    return client


def _people(session: ExamSession) -> Iterator[tuple[str, User, Application]]:
    """Of each state somebody who has as many pictures as any of the first: else chance would compare two people."""
    applications = Application.objects.filter(session=session).exclude(candidate__activated_at=None)
    applications = applications.select_related("candidate__user").order_by("candidate_id")
    live = Photo.objects.filter(superseded_at=None).order_by()
    for status in ("draft", "submitted", "returned", "passed", "rejected"):
        found = list(applications.filter(status=status)[:200])
        counted = live.filter(item__application__in=found).values_list("item__application").annotate(Count("pk"))
        have = dict(counted)
        one = max(found, key=lambda application: have.get(application.pk, 0))
        yield status, one.candidate.user, one


def pages(session: ExamSession) -> Iterator[tuple[str, Visit, str]]:
    """Name, visit, and of which kind it is: constant, or of the whole session by nature."""
    for status, user, _application in _people(session):
        client = _client(user)
        for address in ("/materials/", "/materials/EDU/", "/timeline/", "/messages/"):
            yield f"candidate, {status}: {address}", _get(client, address), "constant"
    for name in ("site1", "region1"):
        yield from _queue(name)
    accounts = {user.username: user for user in User.objects.filter(username__in=("site1", "staff1", "admin"))}
    for name, user in accounts.items():
        client = _client(user)
        yield f"{name}: /admin/", _get(client, "/admin/"), "whole"
        if name != "admin":  # who has the same lists and sees more regions
            yield from _lists(name, client, session)
    accounts_list = reverse("admin:candidates_user_changelist")
    yield "admin: list of user", _get(_client(accounts["admin"]), accounts_list), "constant"
    complete = reverse("admin:materials_application_changelist") + "?progress=complete"
    yield "staff1: list of application, complete drafts", _get(_client(accounts["staff1"]), complete), "constant"
    client, own = _client(accounts["staff1"]), f"/admin/sessions/{session.code}"
    yield (
        "staff1: session page",
        _get(client, reverse("admin:candidates_examsession_change", args=[session.pk])),
        "constant",
    )
    for page in ("setup", "messages", "disagreements", "roster", "export"):
        yield f"staff1: {page}", _get(client, f"{own}/{page}/"), "constant"
    for page in ("progress", "reviews", "messages/new", "publish"):
        yield f"staff1: {page}", _get(client, f"{own}/{page}/"), "whole"
    address = f"/admin/export/results.csv?session={session.code}"
    # A file, whose rows are counted for its event before it leaves.
    yield "staff1: export, first bytes", lambda: _first(client, address), "whole"
    yield "staff1: export, first row", lambda: _first(client, address, 2), "whole"


def _queue(name: str) -> Iterator[tuple[str, Visit, str]]:
    client = _client(User.objects.get(username=name))
    answer = client.get("/admin/review/next/")
    if answer.status_code != 302:
        return
    screen = answer["Location"]

    def take() -> Any:
        client.post(f"{screen}release/")
        start = time.perf_counter()
        client.get("/admin/review/next/")
        return time.perf_counter() - start

    yield f"{name}: next of the queue", take, "constant"
    client.get("/admin/review/next/")
    yield f"{name}: review screen", _get(client, screen), "constant"
    client.post(f"{screen}release/")


def _lists(name: str, client: Client, session: ExamSession) -> Iterator[tuple[str, Visit, str]]:
    """Each list of the admin: its first page, with each filter's second choice, with searches."""
    someone = Candidate.objects.filter(session=session).order_by("-pk")[5]
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(address)
        if answer.status_code != 200:
            continue
        title = f"{name}: list of {model._meta.model_name}"
        yield title, _get(client, address), "constant"
        listed = answer.context_data["cl"]
        for spec in listed.filter_specs:
            choices = [choice["query_string"] for choice in spec.choices(listed) if not choice["selected"]]
            if choices:
                said = getattr(spec, "field_path", None) or getattr(spec, "parameter_name", "?")
                yield f"{title}, by {said}", _get(client, address + choices[0]), "constant"
        searches = {
            "number": someone.registration_number,
            "beginning": someone.registration_number[:6],
            "name": someone.name[:2],
            "surname": someone.name[:1],
            "nobody": "无此人",
        }
        for kind, what in searches.items():
            if listed.search_fields or hasattr(listed.model_admin, "search_path"):
                yield f"{title}, search: {kind}", _get(client, f"{address}?q={what}"), "constant"


def _get(client: Client, address: str) -> Visit:
    def visit() -> int | None:
        """Of a list, how many rows are on the page."""
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        listed = (getattr(answer, "context_data", None) or {}).get("cl")
        return len(listed.result_list) if listed else None

    return visit


def _first(client: Client, address: str, rows: int = 1) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    stream = iter(answer.streaming_content)
    for _row in range(rows):
        next(stream)
    seconds = time.perf_counter() - start
    answer.close()
    return seconds


def scans(statements: list[tuple[str, Any]], large: set[str]) -> list[str]:
    """The sequential scans of large tables in the plans of these statements."""
    found = []
    for sql, params in statements:
        if not re.match(r"\s*(SELECT|WITH|DECLARE)", sql):
            continue
        sql = re.sub(r"^DECLARE.*? FOR ", "", sql)
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            [[plan]] = cursor.fetchone()
        for node in _nodes(plan["Plan"]):
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large:
                found.append(f"{node['Relation Name']} ({node.get('Filter', 'all')[:90]})")
    return sorted(set(found))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def main(code: str, runs: int) -> None:
    session = ExamSession.objects.get(code=code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [_LARGE])
        large = {name for (name,) in cursor.fetchall()}
    said = {}
    for name, visit, kind in pages(session):
        try:
            log = _Log()
            with connection.execute_wrapper(log):
                rows = visit()
            begun, times = time.perf_counter(), []
            while len(times) < runs and (len(times) < 3 or time.perf_counter() - begun < 4):
                start = time.perf_counter()
                measured = visit()
                times.append(measured if isinstance(measured, float) else time.perf_counter() - start)
            said[name] = {
                "kind": kind,
                "seconds": statistics.median(times),
                "least": min(times),
                "queries": len(log.statements),
                "rows": rows if isinstance(rows, int) else None,
                "scans": scans(log.statements, large),
            }
        except Exception as error:  # one page that fails must not hide the others
            said[name] = {"kind": kind, "fault": f"{type(error).__name__}: {error}"[:300]}
    json.dump(said, sys.stdout)
