"""``make_load``: a session that the portal could have come to by itself, where no real one is."""

import io
from collections import Counter

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from candidates.enums import Role
from candidates.models import Candidate, Delivery, Event, ExamSession, Message, OneTimeCode, Site, User
from candidates.services.events import Actor
from materials.enums import Status, Verdict
from materials.models import Application, Item, Likeness, Photo, Submission
from materials.selectors import items_of
from materials.services.submission import submit_application
from review.load.session import LEAST
from review.models import Claim, Decision
from tests import factories
from tests.candidates.staff_pages import signed_in

from . import desk

pytestmark = pytest.mark.django_db
NUMBER = 300


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def make_load() -> ExamSession:
    return ExamSession.objects.get(code=run("make_load", "--candidates", str(NUMBER)).split()[-1])


def kept(application: Application) -> list[tuple[str, str]]:
    """The pictures of the last submission, by key and sum."""
    manifest = application.submissions.get(number=application.rounds).manifest
    return sorted((photo["photo"], photo["sha256"]) for entry in manifest for photo in entry["photos"])


def check_rows(session: ExamSession) -> None:
    connection.check_constraints()
    applications = Application.objects.filter(session=session)
    assert applications.count() == Candidate.objects.filter(session=session).count() == NUMBER
    assert set(applications.values_list("status", flat=True)) == set(Status.values)
    assert not applications.exclude(site=F("candidate__site"), session=F("candidate__session")).exists()
    assert applications.values("site").distinct().count() > 10
    for application in applications.exclude(status=Status.DRAFT):
        submissions, decisions = application.submissions.all(), list(application.decisions.all())
        assert [one.number for one in submissions] == list(range(1, application.rounds + 1))
        assert application.submitted_at == max(one.submitted_at for one in submissions)
        assert application.decided_at is None or application.decided_at == decisions[-1].decided_at
        named = Photo.objects.filter(item__application=application, first_submission__isnull=False)
        assert set(kept(application)) <= {(str(photo.pk), photo.sha256) for photo in named}
        assert not named.exclude(first_submission__application=application).exists()
    open_to_change = Q(application__status=Status.DRAFT) | Q(
        application__status=Status.RETURNED, shown_verdict=Verdict.CHANGE_REQUESTED
    )
    items = Item.objects.filter(application__session=session)
    assert not items.filter(open_to_change, locked=True).exists()
    assert not items.exclude(open_to_change).filter(locked=False).exists()
    assert Likeness.objects.filter(session=session).count() == Photo.objects.count()
    assert not Delivery.objects.filter(message__isnull=False).exclude(candidate=F("message__candidate")).exists()


def check_people_and_times(session: ExamSession) -> None:
    """Everybody in their own scope, everything in its order, and nothing in the future."""
    for row in (*Event.objects.filter(candidate__session=session), *Decision.objects.all()):
        user = row.actor if isinstance(row, Event) else row.reviewer
        site = row.site if isinstance(row, Event) else row.application.site
        owner = row.candidate if isinstance(row, Event) else row.application.candidate
        assert user is None or user == owner.user or user.role == Role.REGION_REVIEWER or user.site == site
    now = timezone.now()
    pasts = {
        Event: "at",
        Submission: "submitted_at",
        Decision: "decided_at",
        Photo: "created_at",
        Message: "created_at",
        Delivery: "sent_at",
        OneTimeCode: "sent_at",
        Claim: "claimed_at",
    }
    for model, when in pasts.items():
        assert not model.objects.filter(Q(**{f"{when}__gt": now}) | Q(**{f"{when}__lt": session.opens_at})).exists()
    for candidate in Candidate.objects.filter(session=session):
        times = [event.at for event in candidate.events.order_by("pk")]
        assert times == sorted(times)


def check_pages(session: ExamSession) -> None:
    user = factories.region_staff(session.region)
    staff = signed_in(user)
    lists = [m for m in admin.site._registry if user.has_perm(f"{m._meta.app_label}.view_{m._meta.model_name}")]
    addresses = [f"/admin/{one._meta.app_label}/{one._meta.model_name}/" for one in lists]
    own = f"/admin/sessions/{session.code}"
    addresses += [f"{own}/{page}/" for page in ("progress", "publish", "messages", "reviews", "export")]
    assert {staff.get(address).status_code for address in addresses} == {200}
    seen = Counter()
    for application in Application.objects.filter(session=session).order_by("-candidate_id"):
        seen[application.status, application.stage, application.rounds] += 1
        if seen[application.status, application.stage, application.rounds] == 1:
            assert staff.get(desk.address(application)).status_code == 200
            owner = signed_in(application.candidate.user)
            wanted = "/materials/" if application.candidate.activated_at else "/activate/"
            assert owner.get(wanted).status_code == 200
            assert owner.get("/materials/ID/").status_code == (200 if application.candidate.activated_at else 303)
    assert len(seen) >= 8
    export = staff.get(f"/admin/export/results.csv?session={session.code}")
    assert len(b"".join(export.streaming_content).splitlines()) == NUMBER + 1


def check_that_it_goes_on(session: ExamSession) -> None:
    """Copies are handed in, taken from the queue and passed as any other."""
    copies = Application.objects.filter(session=session).order_by("-candidate_id")
    drafts = [one for one in copies.filter(status=Status.DRAFT) if sum(bool(i.photo_list) for i in items(one)) > 1]
    submit_application(Actor(drafts[0].candidate.user), drafts[0].candidate)
    submitted = desk.now_of(drafts[0])
    assert submitted.status == Status.SUBMITTED
    reviewer = factories.site_reviewer(submitted.site)
    answer = desk.signed_in(reviewer).get("/admin/review/next/")
    assert answer.status_code == 302
    taken = Application.objects.get(claim__reviewer=reviewer)
    desk.accept_all(reviewer, taken)
    assert desk.now_of(desk.finish(reviewer, taken, "pass")).stage == "region"


def items(application: Application) -> list[Item]:
    return items_of(application, application.candidate)


def check_events(session: ExamSession) -> None:
    event = Event.objects.filter(action="command_run").latest("pk")
    assert (event.session, event.facts["command"], event.facts["candidates"]) == (session, "make_load", NUMBER)
    run("seal_events")
    run("verify_events")


def check_publication(session: ExamSession) -> None:
    factories.close_window(session)
    before = Event.objects.count()
    with pytest.raises(CommandError):
        run("publish_results", "--session", session.code, "--dry-run")  # some wait for a decision
    assert Event.objects.count() == before


@pytest.mark.slow
def test_a_load_is_what_the_portal_would_have_made(settings):
    settings.DEBUG, settings.DATABASE_OWNER = True, None
    with connection.cursor() as cursor:
        # Nothing here is committed: autovacuum would count no rows, and every plan would be made for empty tables.
        cursor.execute(
            "LOCK TABLE candidates_candidate, materials_application, materials_item, materials_photo"
            " IN SHARE UPDATE EXCLUSIVE MODE"
        )
    session = make_load()
    for check in (check_rows, check_people_and_times, check_pages, check_that_it_goes_on, check_events,
                  check_publication):  # fmt: skip
        check(session)


def refused(number: int = LEAST) -> str:
    before = Event.objects.count(), User.objects.count(), Site.objects.count()
    with pytest.raises(CommandError) as refusal:
        run("make_load", "--candidates", str(number))
    assert (Event.objects.count(), User.objects.count(), Site.objects.count()) == before
    return str(refusal.value)


def test_not_beside_a_session_that_may_be_real(settings):
    settings.DEBUG = True
    factories.make_session(code="BJ-2026")
    assert "BJ-2026" in refused()


@pytest.mark.parametrize("code", ["TJ-2026", "LOAD-1"])
def test_only_the_demonstration_and_other_loads_may_be_there(code, settings):
    settings.DEBUG = True
    factories.make_session(code=code)
    assert "--candidates" in refused(LEAST - 1)


def test_never_in_production(settings):
    settings.DEBUG = settings.EMBEDDED = False
    assert "DEBUG" in refused()
