"""Complete drafts at the close of the upload window: what a session may choose."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from candidates.enums import Action, DraftsAtClose
from candidates.models import Event, Message
from materials.enums import Status
from materials.services.closing import count_drafts
from materials.services.submission import count_draft
from review.services.publication import plan_publication
from tests import factories
from tests.candidates.staff_pages import change, signed_in
from tests.concurrency import at_once
from tests.materials.pages import status

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session(drafts_at_close=DraftsAtClose.COUNT)


def complete_draft(session):
    application = factories.draft(session)
    factories.fill(application)
    return application


def page_of(client, application):
    client.force_login(application.candidate.user, backend="candidates.backends.AccountBackend")
    return client.get("/materials/")


def test_it_is_submitted_as_of_the_close_locked_and_told(session):
    application = complete_draft(session)
    factories.close_window(session)

    assert count_drafts(session) == 1

    application.refresh_from_db()
    session.refresh_from_db()
    submission = application.submissions.get()
    assert (application.status, application.rounds) == (Status.SUBMITTED, 1)
    assert application.submitted_at == submission.submitted_at == session.closes_at
    assert submission.at_close
    assert all(application.items.values_list("locked", flat=True))
    event = Event.objects.get(action=Action.SUBMITTED)
    assert (event.actor, event.facts["at_close"]) == (None, True)
    message = Message.objects.get(candidate=application.candidate)
    assert (message.kind, message.facts["receipt"]) == ("counted", submission.receipt_number)


def test_again_does_nothing(session):
    complete_draft(session)
    factories.close_window(session)
    count_drafts(session)

    assert count_drafts(session) == 0
    assert Event.objects.filter(action=Action.SUBMITTED).count() == 1


def test_not_before_the_close(session):
    application = complete_draft(session)

    assert count_draft(application.pk) is None
    assert not application.submissions.exists()


def test_not_where_drafts_stay(session):
    application = complete_draft(session)
    factories.close_window(session)
    session.drafts_at_close = DraftsAtClose.STAY
    session.save()

    call_command("run_periodic", stdout=StringIO())

    assert not application.submissions.exists()


def test_not_what_is_incomplete_or_empty(session):
    begun, untouched = complete_draft(session), factories.draft(session)
    begun.items.get(category__code="EDU").photos.all().delete()
    factories.close_window(session)

    assert count_drafts(session) == 0
    assert count_draft(begun.pk) is None
    assert count_draft(untouched.pk) is None


def test_the_command_says_how_many_would_be_and_then_does_it(session):
    application = complete_draft(session)
    factories.close_window(session)

    said = StringIO()
    call_command("run_periodic", "--dry-run", stdout=said)
    assert said.getvalue().splitlines()[3:] == [
        f"{session.code}: 1 complete drafts counted as submitted",
        "0 pictures deleted for good",
        "0 old one-time codes deleted",
        "0 ended web sessions deleted",
        "0 large sessions counted",
    ]
    assert not application.submissions.exists()

    said = StringIO()
    call_command("run_periodic", stdout=said)
    assert f"{session.code}: 1 complete drafts counted as submitted\n" in said.getvalue()
    assert application.submissions.exists()


def test_its_candidate_reads_before_and_after_what_holds(session, client):
    application = complete_draft(session)
    open_page = page_of(client, application)
    assert "未提交的，将以截止时的内容视为已提交" in open_page.content.decode()

    factories.close_window(session)
    waiting = page_of(client, application)
    assert "您的草稿视为已提交" in waiting.content.decode()
    assert status(waiting) == "draft"

    count_drafts(session)
    assert status(page_of(client, application)) == "submitted"
    assert "截止时视为已提交" in client.get("/materials/receipt/1/").content.decode()


def test_who_lacks_something_reads_that_it_does_not_count(session, client):
    application = factories.draft(session)
    factories.close_window(session)

    assert "仍缺少必交材料" in page_of(client, application).content.decode()


def test_publishing_waits_for_them(session):
    complete_draft(session)
    factories.close_window(session)
    session.refresh_from_db()
    later = timezone.now() + timedelta(days=400)

    assert "run_periodic" in " ".join(map(str, plan_publication(session, later).obstacles))

    count_drafts(session)
    assert "run_periodic" not in " ".join(map(str, plan_publication(session, later).obstacles))


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_count_each_once():
    session = factories.make_session(drafts_at_close=DraftsAtClose.COUNT)
    for _number in range(3):
        complete_draft(session)
    factories.close_window(session)

    counted = at_once(*[lambda: count_drafts(session)] * 3)

    assert sum(counted) == 3
    assert Event.objects.filter(action=Action.SUBMITTED).count() == 3


def test_what_was_told_beforehand_stays_once_the_window_has_closed(session):
    client = signed_in(factories.region_staff(session.region))
    assert change(client, session, drafts_at_close="stay").status_code == 303
    session.refresh_from_db()
    factories.close_window(session)

    answer = change(client, session, drafts_at_close="count")

    assert answer.status_code == 422
    assert "上传已截止" in answer.content.decode()
    session.refresh_from_db()
    assert session.drafts_at_close == DraftsAtClose.STAY
    assert change(client, session, contact="9").status_code == 303
