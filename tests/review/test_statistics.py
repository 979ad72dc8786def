"""How a session is being reviewed, in numbers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.services.events import Actor
from review.models import Claim
from review.services import claims
from review.statistics import asked_for, count_reviews, work_of
from tests import factories

from . import desk


def took(user, application, minutes: int) -> None:
    """Claim it so long before the decision."""
    claims.claim(Actor(user), application.pk)
    claim = Claim.objects.get(application=application)
    Claim.objects.filter(pk=claim.pk).update(claimed_at=claim.claimed_at - timedelta(minutes=minutes))


def test_nothing_decided(session, application) -> None:
    assert work_of(count_reviews(session)) == []
    assert asked_for(session, count_reviews(session)) == []


def test_each_reviewers_numbers(session, application, at_site, at_site_too) -> None:
    others = [factories.submitted(session, site=application.site) for _ in range(3)]
    for entry, minutes in zip([application, *others[:2]], (1, 2, 9), strict=True):
        took(at_site, entry, minutes)
        desk.accept_all(at_site, entry)
        desk.finish(at_site, entry, "pass")
    desk.send_for_correction(at_site_too, others[2], "EDU")

    first, second = work_of(count_reviews(session))

    assert (first.reviewer, first.decided, first.passed, first.returned) == (at_site, 3, 3, 0)
    assert timedelta(minutes=2) <= first.median < timedelta(minutes=2, seconds=30)
    assert (second.reviewer, second.decided, second.passed, second.returned) == (at_site_too, 1, 0, 1)


def test_a_pass_that_the_region_took_back(session, application, at_site, at_region) -> None:
    agreed = factories.submitted(session, site=application.site)
    for entry in (application, agreed):
        desk.accept_all(at_site, entry)
        desk.finish(at_site, entry, "pass")
    desk.accept_all(at_region, agreed)
    desk.finish(at_region, agreed, "pass")
    desk.send_for_correction(at_region, application, "EDU")

    numbers = {work.reviewer: work.reversed_later for work in work_of(count_reviews(session))}

    assert numbers == {at_site: 1, at_region: 0}


def test_a_correction_in_the_next_round_takes_nothing_back(session, application, at_site, at_region) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.resubmit(application, "EDU")
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    (work,) = work_of(count_reviews(session))

    assert (work.decided, work.returned, work.passed, work.reversed_later) == (2, 1, 1, 0)


def test_an_item_unlocked_alone_is_no_decision(session, application, at_site) -> None:
    desk.unlock(at_site, application, "EDU")

    assert work_of(count_reviews(session)) == []
    assert [entry.count for entry in asked_for(session, count_reviews(session))] == [1]


def test_what_is_asked_for_most(session, application, at_site) -> None:
    other = factories.submitted(session, site=application.site)
    desk.accept_all(at_site, application)
    desk.ask(at_site, application, "ID")
    desk.ask(at_site, application, "EDU", "NO_SEAL")
    desk.finish(at_site, application, "return")
    desk.send_for_correction(at_site, other, "EDU")

    edu, identity = asked_for(session, count_reviews(session))

    assert (edu.count, identity.count) == (2, 1)
    assert sorted(count for _reason, count in edu.reasons) == [1, 1]
    assert "No seal" in {reason for reason, _count in edu.reasons} or "未盖章" in {reason for reason, _ in edu.reasons}


def test_the_page(session, application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    client = desk.signed_in(factories.region_staff(session.region))

    page = client.get(reverse("staff_reviews", args=[session.code])).content.decode()

    assert "王审核" in page
    assert "<svg" in page
    assert 'style="' not in page.split('id="content-main"')[1]


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_number_of_queries(session, application, at_site, count) -> None:
    for _ in range(count):
        desk.send_for_correction(
            factories.site_reviewer(application.site), factories.submitted(session, site=application.site), "EDU"
        )
    with CaptureQueriesContext(connection) as queries:
        figures = count_reviews(session)
        work_of(figures)
        asked_for(session, figures)

    assert len(queries) == 6
