"""What comes next is kept for a reviewer while they finish, so that its pictures can load."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Event
from candidates.services.events import Actor
from materials.models import Application, Photo
from review.models import Claim
from review.services import claims
from tests import factories

from . import desk

NEXT = "/admin/review/next/"


@pytest.fixture
def later(session, application) -> Application:
    return factories.submitted(session, site=application.site)


def test_the_next_one_is_kept_with_its_pictures(application, later, at_site) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)

    answer = desk.press(client, application, "ahead/")

    photos = Photo.objects.filter(item__application=later)
    assert set(answer.json()["pictures"]) == {f"/photos/{photo.pk}/" for photo in photos}
    claim = Claim.objects.get(application=later)
    assert (claim.reviewer, claim.ahead) == (at_site, True)


def test_nobody_else_gets_what_is_kept(application, later, at_site, at_site_too) -> None:
    claims.claim_next(Actor(at_site))
    claims.claim_ahead(Actor(at_site), application.pk)

    assert claims.claim_next(Actor(at_site_too)) is None


def test_only_one_is_kept_and_each_call_keeps_it_alive(session, application, later, at_site) -> None:
    factories.submitted(session, site=application.site)
    claims.claim_next(Actor(at_site))
    claims.claim_ahead(Actor(at_site), application.pk)
    Claim.objects.filter(ahead=True).update(expires_at=timezone.now() + timedelta(seconds=20))

    assert claims.claim_ahead(Actor(at_site), application.pk) == later

    claim = Claim.objects.get(ahead=True)
    assert claim.application == later
    assert claim.expires_at - timezone.now() > timedelta(minutes=14)


def test_it_is_opened_next_and_its_time_runs_from_then(application, later, at_site) -> None:
    claims.claim_next(Actor(at_site))
    claims.claim_ahead(Actor(at_site), application.pk)
    Claim.objects.filter(ahead=True).update(claimed_at=timezone.now() - timedelta(minutes=9))
    assert claims.claim_next(Actor(at_site)) == application
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    events = Event.objects.filter(candidate=later.candidate, action__in=["kept_ahead", "claimed"])
    assert [event.action for event in events] == ["kept_ahead"]

    assert claims.claim_next(Actor(at_site)) == later

    claim = Claim.objects.get()
    assert not claim.ahead
    assert timezone.now() - claim.claimed_at < timedelta(minutes=1)
    assert Event.objects.filter(action="claimed", candidate=later.candidate).count() == 1


def test_what_is_locked_at_this_moment_is_kept_all_the_same(session, application, later, at_site) -> None:
    """Somebody else turns a picture of it, say: no second one is taken in its place."""
    factories.submitted(session, site=application.site)
    claims.claim_next(Actor(at_site))
    claims.claim_ahead(Actor(at_site), application.pk)
    Application.objects.filter(pk=later.pk).update(status="returned")  # out of reach of the queue's query

    assert claims.claim_ahead(Actor(at_site), application.pk) is None
    assert list(Claim.objects.filter(ahead=True).values_list("application", flat=True)) == [later.pk]


def test_nothing_is_kept_beside_what_is_not_in_hand(application, later, at_site, at_site_too) -> None:
    claims.claim_next(Actor(at_site_too))

    assert claims.claim_ahead(Actor(at_site), application.pk) is None
    assert not Claim.objects.filter(ahead=True).exists()


def test_nothing_is_kept_when_nothing_else_waits(application, at_site) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)

    assert desk.press(client, application, "ahead/").json() == {"pictures": []}


def test_what_was_skipped_is_not_kept(application, later, at_site) -> None:
    claims.claim(Actor(at_site), later.pk)
    claims.skip(Actor(at_site), later.pk)
    claims.claim_next(Actor(at_site))

    assert claims.claim_ahead(Actor(at_site), application.pk) is None


def test_a_page_that_is_left_gives_both_back(application, later, at_site) -> None:
    claims.claim_next(Actor(at_site))
    claims.claim_ahead(Actor(at_site), application.pk)

    claims.leave(Actor(at_site), application.pk)

    assert all(claim.expires_at - timezone.now() <= timedelta(seconds=30) for claim in Claim.objects.all())
    assert Claim.objects.count() == 2


def test_what_is_ticked_already_loads_when_it_is_looked_at(session, application, later, at_site) -> None:
    desk.send_for_correction(at_site, later, "EDU")
    desk.resubmit(later, "EDU")
    claims.claim(Actor(at_site), application.pk)

    answer = desk.press(desk.signed_in(at_site), application, "ahead/")

    (photo,) = Photo.objects.filter(item__application=later, item__category__code="EDU", superseded_at=None)
    assert answer.json()["pictures"] == [f"/photos/{photo.pk}/"]
