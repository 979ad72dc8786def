"""``send_reminders``: by days left, never twice, nobody who has done it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.dates import until_briefly
from candidates.enums import DraftsAtClose
from candidates.models import Delivery, Event, Message
from materials.services.reminders import send_reminders
from tests import factories
from tests.concurrency import at_once
from tests.review import desk

pytestmark = pytest.mark.django_db


def session_closing_in(**delta):
    now = timezone.now()
    return factories.make_session(closes_at=now + timedelta(**delta), corrections_until=now + timedelta(days=30))


def reminders(application):
    return list(Message.objects.filter(candidate=application.candidate, kind="reminder"))


@pytest.mark.parametrize(("delta", "days"), [({"days": 6}, 7), ({"days": 2}, 3), ({"hours": 5}, 1)])
def test_a_draft_is_reminded_by_the_days_left(delta, days):
    application = factories.draft(session_closing_in(**delta))

    assert send_reminders()[f"draft:{days}"] == 1

    (message,) = reminders(application)
    assert message.facts["until"] == application.session.closes_at.isoformat()
    sms = Delivery.objects.get(message=message, channel="sms").text
    assert f"最多还剩{days}天" in sms
    assert until_briefly(application.session.closes_at, "Asia/Shanghai") in sms


@pytest.mark.parametrize("policy", DraftsAtClose)
def test_what_becomes_of_a_draft_is_said_as_the_session_has_it(policy):
    session = session_closing_in(days=2)
    session.drafts_at_close = policy
    session.save()
    application = factories.draft(session, email="someone@example.com")

    send_reminders()

    (message,) = reminders(application)
    mail = Delivery.objects.get(message=message, channel="mail").text
    assert ("草稿不算提交" in mail) == (policy == DraftsAtClose.STAY)
    assert ("材料齐全的草稿才视为已提交" in mail) == (policy == DraftsAtClose.COUNT)
    assert "草稿" not in Delivery.objects.get(message=message, channel="sms").text


def test_nobody_is_reminded_twice():
    application = factories.draft(session_closing_in(days=2))
    send_reminders()

    assert sum(send_reminders().values()) == 0
    assert len(reminders(application)) == 1


def test_a_nearer_deadline_is_another_reminder():
    application = factories.draft(session_closing_in(days=6))
    send_reminders()

    send_reminders(timezone.now() + timedelta(days=4))

    assert len(reminders(application)) == 2


def test_a_returned_application_is_reminded_of_its_own_deadline():
    application = factories.returned(factories.make_session())
    application.corrections_until = application.session.corrections_until + timedelta(days=3)
    application.save()

    told = send_reminders(application.corrections_until - timedelta(days=2))

    assert told["returned:3"] == 1
    (message,) = reminders(application)
    assert message.facts["until"] == application.corrections_until.isoformat()


@pytest.mark.parametrize("state", ["submitted", "closed", "far", "not_open"])
def test_others_are_left_alone(state):
    session = session_closing_in(days=20 if state == "far" else 2)
    if state == "submitted":
        factories.submitted(session)
    else:
        factories.draft(session)
    if state == "closed":
        factories.close_window(session)
    if state == "not_open":
        session.opens_at = timezone.now() + timedelta(days=1)
        session.save()

    assert sum(send_reminders().values()) == 0


def test_a_dry_run_counts_and_tells_nobody():
    application = factories.draft(session_closing_in(days=2))

    assert send_reminders(dry_run=True)["draft:3"] == 1

    assert reminders(application) == []


def test_who_has_submitted_again_is_left_alone():
    application = factories.returned(factories.make_session())
    due = application.session.corrections_until - timedelta(days=2)
    desk.resubmit(application, "EDU")

    assert sum(send_reminders(due).values()) == 0


def test_a_second_return_is_another_matter():
    application = factories.returned(factories.make_session())
    due = application.session.corrections_until - timedelta(days=2)
    assert send_reminders(due)["returned:3"] == 1
    desk.resubmit(application, "EDU")
    factories.review(desk.now_of(application), "return", ask=["EDU"])

    assert send_reminders(due)["returned:3"] == 1
    assert sum(send_reminders(due).values()) == 0
    assert len(reminders(application)) == 2


def test_how_many_were_reminded_is_an_event_of_each_session():
    first, second = session_closing_in(days=2), session_closing_in(days=2)
    for session in (first, first, second):
        factories.draft(session)

    send_reminders()
    send_reminders()

    events = Event.objects.filter(action="reminded")
    facts = {"status": "draft", "days": 3}
    assert {event.session: event.facts for event in events} == {
        first: facts | {"number": 2},
        second: facts | {"number": 1},
    }
    assert events.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remind_once():
    session = session_closing_in(days=2)
    for _ in range(5):
        factories.draft(session)

    told = at_once(*(send_reminders for _ in range(3)))

    assert sum(run["draft:3"] for run in told) == 5
    assert Message.objects.filter(kind="reminder").count() == 5
