"""Putting aside, leaving, taking over, and seeing only a part of the queue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Application
from review import selectors
from review.models import Claim, Skip
from review.selectors import Narrowing
from review.services import claims
from tests import factories

from . import desk

NEXT = "/admin/review/next/"


@pytest.fixture
def later(session, application) -> Application:
    return factories.submitted(session, site=application.site)


def lapse(application) -> None:
    Claim.objects.filter(application=application).update(expires_at=timezone.now() - timedelta(seconds=1))


# --- skip ------------------------------------------------------------------------------------------


def test_what_is_skipped_comes_back_when_nothing_else_waits(application, later, at_site) -> None:
    client = desk.signed_in(at_site)
    assert client.get(NEXT)["Location"] == desk.address(application)

    assert desk.press(client, application, "skip/")["Location"] == NEXT

    assert client.get(NEXT)["Location"] == desk.address(later)
    desk.accept_all(at_site, later)
    desk.finish(at_site, later, "pass")
    assert client.get(NEXT)["Location"] == desk.address(application)
    assert Event.objects.filter(action="skipped", actor=at_site, candidate=application.candidate).count() == 1


def test_what_one_skips_another_gets_first(application, later, at_site, at_site_too) -> None:
    claims.claim_next(Actor(at_site))
    claims.skip(Actor(at_site), application.pk)

    assert claims.claim_next(Actor(at_site_too)) == application


def test_a_skip_lasts_an_hour(application, later, at_site) -> None:
    claims.skip(Actor(at_site), application.pk)
    Skip.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert claims.claim_next(Actor(at_site)) == application


def test_skipping_twice_is_one_skip(application, at_site) -> None:
    for _ in range(2):
        claims.skip(Actor(at_site), application.pk)

    assert Skip.objects.count() == 1


def test_skipping_takes_nothing_from_others(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site_too), application.pk)

    claims.skip(Actor(at_site), application.pk)

    assert Claim.objects.get().reviewer == at_site_too


# --- leave and beat ----------------------------------------------------------------------------------


def test_a_page_that_was_left_gives_its_claim_back_soon(application, at_site) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)

    assert desk.press(client, application, "leave/").status_code == 204

    assert Claim.objects.get().expires_at - timezone.now() <= timedelta(seconds=30)


def test_a_page_that_comes_back_keeps_it(application, at_site) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)
    desk.press(client, application, "leave/")

    answer = desk.press(client, application, "beat/")

    assert answer.status_code == 200
    assert answer.json()["version"] == desk.now_of(application).version
    assert Claim.objects.get().expires_at - timezone.now() > timedelta(minutes=14)
    assert Event.objects.filter(action="claimed").count() == 1


def test_a_late_beat_takes_nothing_back(application, later, at_site) -> None:
    """A page that is just being put aside must not hold on to it."""
    client = desk.signed_in(at_site)
    client.get(NEXT)
    desk.press(client, application, "skip/")

    answer = desk.press(client, application, "beat/")

    assert answer.status_code == 409
    assert "not in your hands" in answer.json()["message"]
    assert not Claim.objects.exists()
    assert client.get(NEXT)["Location"] == desk.address(later)


def test_leaving_ends_no_claim_of_others_and_lengthens_none(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site), application.pk)
    claims.leave(Actor(at_site_too), application.pk)
    assert Claim.objects.get().expires_at - timezone.now() > timedelta(minutes=14)

    soon = timezone.now() + timedelta(seconds=5)
    Claim.objects.update(expires_at=soon)
    claims.leave(Actor(at_site), application.pk)
    assert Claim.objects.get().expires_at == soon


def test_a_beat_tells_who_has_it_now(application, at_site, at_site_too) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)
    lapse(application)
    claims.claim(Actor(at_site_too), application.pk)

    answer = desk.press(client, application, "beat/")

    assert answer.status_code == 409
    assert "李审核" in answer.json()["message"]


def test_a_beat_tells_that_it_is_decided(application, at_site) -> None:
    client = desk.signed_in(at_site)
    client.get(NEXT)
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    assert desk.press(client, application, "beat/").status_code == 409


def test_none_of_it_for_those_out_of_scope(application) -> None:
    client = desk.signed_in(factories.site_reviewer(factories.SiteFactory(region=application.site.region)))
    for act in ("skip/", "leave/", "beat/", "take-over/", "accept-rest/"):
        assert desk.press(client, application, act).status_code == 404


# --- take over ---------------------------------------------------------------------------------------


def test_an_administrator_takes_over(application, at_site) -> None:
    claims.claim(Actor(at_site), application.pk)
    administrator = factories.administrator()
    client = desk.signed_in(administrator)
    assert "take-over/" in desk.page(client, application)

    assert desk.press(client, application, "take-over/")["Location"] == desk.address(application)

    assert Claim.objects.get().reviewer == administrator
    event = Event.objects.get(action="taken_over")
    assert (event.actor, event.facts) == (administrator, {"holder": at_site.username})
    with pytest.raises(Refusal):
        desk.judge(at_site, application, "EDU")


def test_nobody_else_does(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site), application.pk)
    client = desk.signed_in(at_site_too)
    assert "take-over/" not in desk.page(client, application)

    assert desk.press(client, application, "take-over/").status_code == 403

    assert Claim.objects.get().reviewer == at_site


def test_taking_over_what_nobody_holds_is_a_claim(application) -> None:
    administrator = factories.administrator()
    claims.take_over(Actor(administrator), application.pk)

    assert Claim.objects.get().reviewer == administrator
    assert not Event.objects.filter(action="taken_over").exists()


# --- narrow --------------------------------------------------------------------------------------------


def test_a_queue_narrowed_to_a_track(session, application, at_site) -> None:
    dental = factories.submitted(session, site=application.site)
    dental.candidate.track = "dental"
    dental.candidate.save()

    assert claims.claim_next(Actor(at_site), Narrowing(track="dental")) == dental
    assert claims.claim_next(Actor(at_site), Narrowing(track="tcm")) is None


def test_a_queue_narrowed_to_a_site(session, application) -> None:
    elsewhere = factories.submitted(session, site=factories.SiteFactory(region=session.region))
    administrator = factories.administrator()

    assert claims.claim_next(Actor(administrator), Narrowing(site=elsewhere.site.code)) == elsewhere


def test_a_queue_narrowed_to_a_category_still_to_judge(application, later, at_site) -> None:
    desk.judge(at_site, application, "EDU")
    claims.release(Actor(at_site), application.pk)

    assert claims.claim_next(Actor(at_site), Narrowing(item="EDU")) == later
    assert claims.claim_next(Actor(at_site), Narrowing(item="NOPE")) is None


def test_it_holds_from_one_application_to_the_next(session, application, at_site) -> None:
    dental = factories.submitted(session, site=application.site)
    dental.candidate.track = "dental"
    dental.candidate.save()
    client = desk.signed_in(at_site)

    assert client.post("/admin/review/queue/", {"track": "dental"})["Location"] == "/admin/"

    assert client.get(NEXT)["Location"] == desk.address(dental)
    client.post("/admin/review/queue/", {"track": ""})
    claims.release(Actor(at_site), dental.pk)
    assert client.get(NEXT)["Location"] == desk.address(application)


@pytest.mark.parametrize("fields", [{"track": "nonsense"}, {"site": "ELSEWHERE"}, {"item": "NOPE"}])
def test_what_is_not_offered_is_not_taken(application, at_site, fields) -> None:
    client = desk.signed_in(factories.administrator())
    factories.SiteFactory(region=application.site.region)

    assert client.post("/admin/review/queue/", fields).status_code == 404


def test_categories_are_offered_in_the_catalogues_order(session, application, at_site) -> None:
    session.categories.filter(code="OTHER").update(requirement="off")
    session.categories.filter(code="ID").update(position=99)
    assert [code for code, _name in selectors.codes_in_review(at_site)] == ["EDU", "ID"]
