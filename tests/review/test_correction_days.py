"""Days for a correction that a session grants at least (docs/product.md, rule 1)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from candidates.models import Message
from candidates.refusals import Refusal
from materials.enums import Status
from materials.rules import correction_deadline, days_after_return
from tests import factories
from tests.review.desk import accept_all, finish, now_of, resubmit, send_for_correction, unlock

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def session_ending(until: timedelta, **fields: object):
    now = timezone.now()
    factories.ReasonFactory(code="BLUR")
    return factories.make_session(
        opens_at=now - timedelta(days=9), closes_at=now + until / 2, corrections_until=now + until, **fields
    )


def days_granted(session, before):
    """For what was done since ``before``: midnight may have come meanwhile."""
    return {days_after_return(session, at) for at in (before, timezone.now())}


def test_days_are_whole_days_of_the_region():
    session = factories.make_session(correction_days=3)
    asked = datetime(2026, 11, 24, 23, 30, tzinfo=SHANGHAI)

    assert days_after_return(session, asked) == datetime(2026, 11, 28, tzinfo=SHANGHAI)


def test_a_late_return_has_its_days_and_its_candidate_is_told_so():
    session = session_ending(timedelta(hours=2), correction_days=3)
    application = factories.submitted(session)
    before = timezone.now()

    send_for_correction(factories.reviewer_for(application), application, "EDU")

    application = now_of(application)
    granted = application.corrections_until
    assert application.status == Status.RETURNED
    assert granted in days_granted(session, before)
    assert granted > session.corrections_until
    assert correction_deadline(application, session) == granted
    assert datetime.fromisoformat(Message.objects.get(kind="returned").facts["until"]) == granted


def test_the_common_deadline_holds_where_it_is_later():
    session = session_ending(timedelta(days=20), correction_days=3)
    application = factories.submitted(session)

    send_for_correction(factories.reviewer_for(application), application, "EDU")

    assert now_of(application).corrections_until is None


def test_without_days_a_return_after_the_deadline_is_refused_and_with_them_it_is_not():
    session = session_ending(timedelta(days=1))
    application = factories.submitted(session)
    factories.close_window(session)
    reviewer = factories.reviewer_for(application)
    with pytest.raises(Refusal, match="截止时间已过"):
        send_for_correction(reviewer, application, "EDU")

    session.correction_days = 2
    session.save()
    send_for_correction(reviewer, now_of(application), "EDU")
    assert now_of(application).corrections_until > timezone.now()
    resubmit(now_of(application), "EDU")
    assert now_of(application).status == Status.SUBMITTED


def test_an_unlocked_item_has_its_days_too_and_an_own_deadline_that_is_later_stays():
    session = session_ending(timedelta(hours=2), correction_days=2)
    application = factories.submitted(session)
    application.corrections_until = own = timezone.now() + timedelta(days=30)
    application.save()

    unlock(factories.reviewer_for(application), application, "EDU")
    assert now_of(application).corrections_until == own

    other = factories.submitted(session)
    reviewer = factories.reviewer_for(other)
    accept_all(reviewer, other)
    finish(reviewer, now_of(other), "pass")
    before = timezone.now()
    unlock(factories.region_reviewer(session.region), now_of(other), "EDU")
    assert now_of(other).corrections_until in days_granted(session, before)
