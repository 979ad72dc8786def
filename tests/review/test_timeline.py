"""``/timeline/``: what happened, where it is, what comes; and nothing of a verdict before its time (rules 5 and 9)."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from candidates import dates
from candidates.enums import DraftsAtClose, Stages
from candidates.models import ExamSession
from candidates.rules import mask_id_number
from candidates.services.events import Actor
from materials.enums import Status
from materials.models import Application
from materials.services.extension import extend_deadline
from review.models import Decision
from review.services.publication import withdraw_results
from tests import factories

from . import desk

pytestmark = pytest.mark.django_db


def client_of(application: Application) -> Client:
    """The candidate, in English, which the tests can quote."""
    return desk.signed_in(application.candidate.user)


def page(application: Application, path: str = "/timeline/") -> str:
    answer = client_of(application).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def steps(application: Application) -> list[tuple[str, str]]:
    """State and title of each, in order."""
    items = re.findall(r'<li class="(done|now|ahead)".*?<strong>(.*?)</strong>', page(application), re.DOTALL)
    return [(state, unescape(title)) for state, title in items]


def item_of(application: Application, title: str) -> str:
    items = re.findall(r"<li class=.*?</li>", page(application).split('class="timeline')[1], re.DOTALL)
    (found,) = [item for item in items if f"<strong>{title}</strong>" in item]
    return found


def when(instant) -> str:
    with override("en"):
        return dates.moment_tag(instant, "Asia/Shanghai")


def by_when(instant) -> str:
    with override("en"):
        return dates.until_tag(instant, "Asia/Shanghai")


# --- what happened -----------------------------------------------------------------------------------


def test_a_draft(session):
    application = factories.draft(session)
    assert steps(application) == [
        ("now", "Upload and submit"),
        ("ahead", "Review at the exam site"),
        ("ahead", "Review at the exam region"),
        ("ahead", "Publication of the results"),
    ]
    assert session.closes_at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds") in item_of(
        application, "Upload and submit"
    )
    assert 'href="/materials/"' in item_of(application, "Upload and submit")


def test_before_the_window_and_after_it(session):
    application = factories.draft(session)
    now = timezone.now()
    ExamSession.objects.filter(pk=session.pk).update(opens_at=now + timedelta(days=1))
    assert steps(application)[0] == ("now", "Uploading is not open yet")
    session.refresh_from_db()
    factories.close_window(session)
    assert steps(application) == [("now", "Not submitted"), ("ahead", "Publication of the results")]


def test_submitted(application):
    assert steps(application) == [
        ("done", "Submitted"),
        ("now", "Under review at the exam site"),
        ("ahead", "Review at the exam region"),
        ("ahead", "Publication of the results"),
    ]
    submitted = item_of(application, "Submitted")
    assert when(application.submissions.get().submitted_at) in submitted
    assert 'href="/materials/receipt/1/"' in submitted


def test_exactly_one_step_is_the_present_one(application):
    html = page(application)
    assert html.count('aria-current="step"') == 1
    assert re.search(r'<li class="now"\s+aria-current="step">', html)


def test_returned_with_how_many_and_by_when(application, at_site):
    desk.send_for_correction(at_site, application, "EDU", "ID")
    assert steps(application) == [
        ("done", "Submitted"),
        ("done", "Returned for correction"),
        ("now", "Correct and submit again"),
        ("ahead", "Review at the exam site"),
        ("ahead", "Review at the exam region"),
        ("ahead", "Publication of the results"),
    ]
    item = item_of(application, "Returned for correction")
    assert when(Decision.objects.get().decided_at) in item
    assert "2 items, to be corrected by <time" in item


def test_corrected_goes_back_to_who_asked(application, at_site, at_region):
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    desk.send_for_correction(at_region, application, "EDU")
    assert steps(application)[3:] == [
        ("now", "Correct and submit again"),
        ("ahead", "Review at the exam region"),
        ("ahead", "Publication of the results"),
    ]
    desk.resubmit(application, "EDU")
    assert steps(application) == [
        ("done", "Submitted"),
        ("done", "Exam site: done"),
        ("done", "Returned for correction"),
        ("done", "Submitted again"),
        ("now", "At the exam region"),
        ("ahead", "Publication of the results"),
    ]
    assert 'href="/materials/receipt/2/"' in item_of(application, "Submitted again")


def test_a_correction_that_was_missed(session, application, at_site):
    desk.send_for_correction(at_site, application, "EDU")
    factories.close_window(session)
    assert steps(application)[2:] == [("now", "Not corrected in time"), ("ahead", "Publication of the results")]


def test_a_single_item_unlocked_and_a_deadline_extended(session, application, at_site):
    desk.unlock(at_site, application, "EDU")
    fresh = desk.now_of(application)
    until = session.corrections_until + timedelta(days=2)
    extend_deadline(
        Actor(factories.region_staff(session.region)), fresh.pk, version=fresh.version, until=until, reason="x"
    )
    assert [title for state, title in steps(application) if state == "done"] == [
        "Submitted",
        "One item unlocked",
        "Deadline extended",
    ]
    # By when, as it was then and as it is now.
    assert by_when(session.corrections_until) in item_of(application, "One item unlocked")
    assert by_when(until) in item_of(application, "Deadline extended")
    assert by_when(until) in item_of(application, "Correct and submit again")


def test_a_deadline_that_was_shortened_is_not_called_extended(session, application, at_site):
    desk.send_for_correction(at_site, application, "EDU")
    staff = Actor(factories.region_staff(session.region))
    for days in (5, 3):
        fresh, until = desk.now_of(application), session.corrections_until + timedelta(days=days)
        extend_deadline(staff, fresh.pk, version=fresh.version, until=until, reason="x")
    assert f"To {by_when(session.corrections_until + timedelta(days=5))}." in item_of(application, "Deadline extended")
    assert f"Now {by_when(until)}." in item_of(application, "Deadline changed")


def test_a_complete_draft_where_drafts_count(session):
    """Between the close and ``run_periodic``, and what lacked something."""
    ExamSession.objects.filter(pk=session.pk).update(drafts_at_close=DraftsAtClose.COUNT)
    complete, begun = factories.draft(session), factories.draft(session)
    factories.fill(complete)
    session.refresh_from_db()
    factories.close_window(session)
    assert steps(complete) == [
        ("now", "Counts as submitted"),
        ("ahead", "Review at the exam site"),
        ("ahead", "Review at the exam region"),
        ("ahead", "Publication of the results"),
    ]
    assert steps(begun) == [("now", "Not submitted"), ("ahead", "Publication of the results")]
    assert "something required was missing" in item_of(begun, "Not submitted")
    assert not any("a draft does not count" in page(each) for each in (complete, begun))


def test_published_withdrawn_and_published_again(session):
    application = factories.decided(Status.PASSED, session)
    factories.publish(session)
    assert steps(application)[-1] == ("now", "Results published")
    item = item_of(application, "Results published")
    assert when(session.published_at) in item
    assert 'href="/result/"' in item

    withdraw_results(Actor(factories.region_staff(session.region)), session.code, "wrong list")
    assert steps(application) == [
        ("done", "Submitted"),
        ("done", "Exam site: done"),
        ("done", "Results published"),
        ("done", "Results withdrawn"),
        ("now", "At the exam region"),
        ("ahead", "Publication of the results"),
    ]
    assert "wrong list" not in page(application)
    session.refresh_from_db()
    factories.publish(session)
    assert [title for _state, title in steps(application)][2:] == [
        "Results published",
        "Results withdrawn",
        "Results published",
    ]


@pytest.mark.parametrize(
    ("stages", "title"), [(Stages.SITE, "Under review at the exam site"), (Stages.REGION, "At the exam region")]
)
def test_one_stage(stages, title):
    application = factories.submitted(factories.make_session(stages=stages))
    assert steps(application) == [("done", "Submitted"), ("now", title), ("ahead", "Publication of the results")]


# --- no verdict before its time --------------------------------------------------------------------------


PAGES = (
    "/timeline/",
    "/materials/",
    "/registration/",
    "/messages/",
    "/result/",
    "/materials/receipt/1/",
    "/materials/ID/",
)


def all_pages(application: Application, *, without_own: bool = False) -> dict[str, str]:
    """What the candidate sees anywhere, but for what differs at every look: tokens against forgery.

    ``without_own``: without what is another for every candidate, and without instants, too.
    """
    photos = [photo for item in application.items.all() for photo in item.photos.all()]
    own = [application.candidate.registration_number, str(application.pk), *(photo.sha256 for photo in photos)]
    own += [str(photo.pk) for photo in photos] + [mask_id_number(application.candidate.id_number)]

    def cleaned(html: str) -> str:
        html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)
        if without_own:
            # On a receipt: its code, the time in words, and the beginnings of sums.
            html = re.sub(
                r'<div class="receipt-proof">.*?</div>|\d\d:\d\d \(UTC|[0-9a-f]{8}…', "…", html, flags=re.DOTALL
            )
            html = re.sub("|".join(map(re.escape, own)), "…", html)
            html = re.sub(
                r"<time.*?</time>|data-seen=\"\w+\"|data-message=\"\d+\"|name=\"message\" value=\"\d+\"|[\d.]+ KB",
                "…",
                html,
            )
        return html

    return {path: cleaned(page(application, path)) for path in PAGES}


@pytest.mark.parametrize("outcome", ["pass", "reject"])
def test_decided_by_the_last_stage_looks_as_waiting_there(application, at_site, at_region, outcome):
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass", note="考点意见")
    before = all_pages(application)

    desk.accept_all(at_region, application)
    desk.finish(
        at_region, application, outcome, **({"reason": "FALSE"} if outcome == "reject" else {}), note="考区意见"
    )

    assert desk.now_of(application).status in (Status.PASSED, Status.REJECTED)
    assert all_pages(application) == before


@pytest.mark.parametrize(("stages", "outcome"), [(s, o) for s in ("site", "region") for o in ("pass", "reject")])
def test_so_it_does_where_there_is_one_stage(session, stages, outcome):
    ExamSession.objects.filter(pk=session.pk).update(stages=stages)
    session.refresh_from_db()
    application = factories.submitted(session)
    before = all_pages(application)
    reviewer = factories.reviewer_for(application)
    desk.accept_all(reviewer, application)
    desk.finish(reviewer, application, outcome, **({"reason": "FALSE"} if outcome == "reject" else {}))
    assert all_pages(application) == before


def test_a_rejection_by_the_site_looks_as_its_pass(session, application, at_site):
    """Otherwise whoever stays with the site while the others go on would know."""
    other = factories.submitted(session)
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    desk.finish(at_site, other, "reject", reason="FALSE")

    assert [desk.now_of(each).status for each in (application, other)] == ["submitted", "rejected"]
    assert all_pages(application, without_own=True) == all_pages(other, without_own=True)
    # The one date that comes from a decision: of both, when the site was done.
    for each in (application, other):
        assert when(Decision.objects.get(application=each).decided_at) in item_of(each, "Exam site: done")
    assert 'data-application-status="submitted" data-stage="region"' in page(other)


def test_verdicts_that_are_given_change_nothing_yet(application, at_site):
    before = all_pages(application)
    desk.accept_all(at_site, application)
    desk.ask(at_site, application, "EDU", note="看不清")
    assert all_pages(application) == before


def test_sent_back_looks_as_if_it_had_never_left_the_site(application, at_site, at_region):
    before = all_pages(application)
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    assert all_pages(application) != before
    desk.finish(at_region, application, "send_back", note="请再核对")
    assert all_pages(application) == before


@pytest.mark.parametrize("outcome", ["pass", "reject"])
def test_sent_back_and_decided_anew_looks_the_same_either_way(session, application, at_site, at_region, outcome):
    plain = factories.submitted(session)
    for each in (application, plain):
        desk.accept_all(at_site, each)
        desk.finish(at_site, each, "pass")
    desk.finish(at_region, application, "send_back", note="请再核对")
    desk.finish(at_site, application, outcome, **({"reason": "FALSE"} if outcome == "reject" else {}))
    assert all_pages(application, without_own=True) == all_pages(plain, without_own=True)


def test_an_extension_of_what_is_decided_looks_as_of_what_waits(session, application, at_site, at_region):
    """Staff give it before they unlock an item of a pass; it is told with that, not before."""
    other = factories.submitted(session)
    for each in (application, other):
        desk.accept_all(at_site, each)
        desk.finish(at_site, each, "pass")
    desk.finish(at_region, application, "pass")
    staff = Actor(factories.region_staff(session.region))
    for each in (application, other):
        fresh, until = desk.now_of(each), session.corrections_until + timedelta(days=3)
        extend_deadline(staff, fresh.pk, version=fresh.version, until=until, reason="住院")
    assert all_pages(application, without_own=True) == all_pages(other, without_own=True)


def test_a_second_look_shows_nowhere(look, second):
    before = all_pages(look.application)
    desk.look_again(second, look, EDU=desk.Answer("change", "BLUR", "看不清"))
    assert all_pages(look.application) == before


# --- cost ----------------------------------------------------------------------------------------------


def count_queries(application: Application) -> int:
    client = client_of(application)
    with CaptureQueriesContext(connection) as captured:
        client.get("/timeline/")
    return len(captured)


def test_queries_do_not_grow(application, at_site):
    at_one = count_queries(application)
    for _ in range(2):
        desk.send_for_correction(at_site, application, "EDU")
        desk.resubmit(application, "EDU")
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    assert len(steps(application)) == 8
    assert count_queries(application) <= 8
    assert at_one <= 8
