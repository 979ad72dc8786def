"""Ten thousand applications that wait cost a reviewer no query more than ten (docs/quality.md, 37)."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.enums import Role
from candidates.models import Candidate, User
from materials.enums import Stage, Status
from materials.models import Application
from tests import factories

from . import desk

NEXT = "/admin/review/next/"


def crowd(application: Application, numbers: range) -> None:
    """So many more of the same session and site that wait, without pictures: only rows, written at once."""
    now = timezone.now()
    users = User.objects.bulk_create(
        User(username=f"CROWD{number:05d}", role=Role.CANDIDATE, password="!") for number in numbers
    )
    candidates = Candidate.objects.bulk_create(
        Candidate(
            user=user,
            session=application.session,
            site=application.site,
            registration_number=user.username,
            name="张三",
            id_number="",
            id_number_hash=user.username,
            track="clinical",
            level="physician",
        )
        for user in users
    )
    Application.objects.bulk_create(
        Application(
            candidate=candidate,
            session=application.session,
            site=application.site,
            stage=Stage.SITE,
            status=Status.SUBMITTED,
            rounds=1,
            submitted_at=now + timedelta(seconds=1),
        )
        for candidate in candidates
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def costs(application: Application) -> dict[str, int]:
    client = desk.signed_in(factories.site_reviewer(application.site))
    acts = {
        "overview": lambda: client.get("/admin/"),
        "next": lambda: client.get(NEXT),
        "verdict": lambda: desk.press(client, application, "items/EDU/", verdict="accepted"),
        "screen": lambda: client.get(desk.address(application)),
        "ahead": lambda: desk.press(client, application, "ahead/"),
        "beat": lambda: desk.press(client, application, "beat/"),
        "skip": lambda: desk.press(client, application, "skip/"),
    }
    found = {}
    for name, act in acts.items():
        with CaptureQueriesContext(connection) as queries:
            assert act().status_code < 400
        found[name] = len(queries)
    return found


def test_as_many_queries_with_ten_as_with_ten_thousand(application) -> None:
    crowd(application, range(10))
    few = costs(application)
    crowd(application, range(10, 10_000))
    many = costs(application)

    assert many == few
    assert few["next"] <= 20
    assert few["screen"] <= 20
