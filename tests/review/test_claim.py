"""Taking an application in hand, alone, for a while (docs/product.md, "Reviewer")."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.models import Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Application
from review.models import Claim
from review.services import claims
from tests import factories

from . import desk

NEXT = "/admin/review/next/"


def lapse(application) -> None:
    Claim.objects.filter(application=application).update(expires_at=timezone.now() - timedelta(seconds=1))


def test_next_claims_and_leads_to_the_screen(application, at_site) -> None:
    response = desk.signed_in(at_site).get(NEXT)

    assert response.status_code == 302
    assert response["Location"] == desk.address(application)
    claim = Claim.objects.get()
    assert (claim.application_id, claim.reviewer) == (application.pk, at_site)
    assert timedelta(minutes=14) < claim.expires_at - timezone.now() <= timedelta(minutes=15)
    assert Event.objects.filter(action="claimed", actor=at_site, candidate=application.candidate).count() == 1


def test_next_again_is_the_one_still_held(session, application, at_site) -> None:
    factories.submitted(session, site=application.site)
    client = desk.signed_in(at_site)

    assert client.get(NEXT)["Location"] == client.get(NEXT)["Location"]
    assert Event.objects.filter(action="claimed").count() == 1


def test_what_is_still_held_comes_before_what_waits_longer(session, application, at_site) -> None:
    later = factories.submitted(session, site=application.site)
    claims.claim(Actor(at_site), later.pk)

    assert claims.claim_next(Actor(at_site)) == later


def test_next_passes_over_what_another_holds(session, application, at_site, at_site_too) -> None:
    other = factories.submitted(session, site=application.site)
    desk.signed_in(at_site).get(NEXT)

    assert desk.signed_in(at_site_too).get(NEXT)["Location"] == desk.address(other)


def test_a_lapsed_claim_is_anybodys(application, at_site, at_site_too) -> None:
    claims.claim_next(Actor(at_site))
    lapse(application)

    assert claims.claim_next(Actor(at_site_too)) == application
    assert Claim.objects.get().reviewer == at_site_too


def test_resubmissions_come_first_then_the_oldest(session, at_site_too, application, at_site) -> None:
    second = factories.submitted(session, site=application.site)
    resubmitted = factories.submitted(session, site=application.site)
    desk.send_for_correction(at_site_too, resubmitted, "EDU")
    desk.resubmit(resubmitted, "EDU")
    order = []
    for _ in range(3):
        order.append(claims.claim_next(Actor(at_site)))
        desk.accept_all(at_site, order[-1])
        desk.finish(at_site, order[-1], "pass")

    assert order == [resubmitted, application, second]


def test_an_empty_queue_is_a_404_that_says_so(session) -> None:
    client = desk.signed_in(factories.site_reviewer(session.region.sites.get()))
    response = client.get(NEXT)

    assert response.status_code == 404
    assert "Queue empty" in response.content.decode()


def test_in_other_hands_is_said(application, at_site, at_site_too) -> None:
    claims.claim_next(Actor(at_site))
    response = desk.signed_in(at_site_too).get(NEXT)
    assert response.status_code == 404
    assert "in other reviewers’ hands" in response.content.decode()


@pytest.mark.parametrize("state", ["draft", "returned", "elsewhere", "published"])
def test_what_does_not_wait_here_is_not_offered(session, state) -> None:
    site = session.region.sites.get()
    if state == "draft":
        factories.draft(session)
    elif state == "returned":
        factories.returned(session)
    elif state == "elsewhere":
        factories.submitted(factories.make_session())
    else:
        factories.decided("passed", session)
        factories.publish(session)

    assert claims.claim_next(Actor(factories.site_reviewer(site))) is None


def test_take_it_and_give_it_back(application, at_site) -> None:
    client = desk.signed_in(at_site)

    response = client.post(desk.address(application, "claim/"))
    assert (response.status_code, response["Location"]) == (303, desk.address(application))
    assert Claim.objects.get().reviewer == at_site

    response = client.post(desk.address(application, "release/"))
    assert response.status_code == 303
    assert not Claim.objects.exists()


def test_what_another_holds_is_refused_by_name(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site), application.pk)

    response = desk.signed_in(at_site_too).post(desk.address(application, "claim/"))
    assert response.status_code == 409
    assert "王审核" in response.content.decode()
    assert Claim.objects.get().reviewer == at_site


def test_releasing_touches_nobody_elses_claim(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site), application.pk)
    claims.release(Actor(at_site_too), application.pk)

    assert Claim.objects.get().reviewer == at_site


def test_only_in_scope(application) -> None:
    stranger = factories.site_reviewer(factories.SiteFactory(region=application.session.region))

    for act in (claims.claim, claims.release):
        with pytest.raises(Application.DoesNotExist):
            act(Actor(stranger), application.pk)
    assert desk.signed_in(stranger).post(desk.address(application, "claim/")).status_code == 404


def test_only_what_waits_at_ones_own_stage(application, at_region) -> None:
    with pytest.raises(Refusal) as refused:
        claims.claim(Actor(at_region), application.pk)
    assert refused.value.code == "stage"
    draft = factories.draft(application.session)
    with pytest.raises(Refusal) as refused:
        claims.claim(Actor(factories.site_reviewer(draft.site)), draft.pk)
    assert refused.value.code == "state"


def test_a_verdict_takes_a_free_application_and_renews_ones_own(application, at_site) -> None:
    desk.judge(at_site, application, "ID")
    assert Claim.objects.get().reviewer == at_site
    Claim.objects.update(expires_at=timezone.now() + timedelta(minutes=1))

    desk.judge(at_site, application, "EDU")
    assert Claim.objects.get().expires_at > timezone.now() + timedelta(minutes=14)


def test_finishing_ends_the_claim(application, at_site) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    assert not Claim.objects.exists()


def test_the_front_page_says_how_many_wait(session, application, at_site, at_site_too) -> None:
    factories.submitted(session, site=application.site)
    client = desk.signed_in(at_site)
    assert "2 applications wait" in client.get("/admin/").content.decode()

    claims.claim_next(Actor(at_site_too))
    html = client.get("/admin/").content.decode()
    assert "1 application waits" in html
    assert NEXT in html
    assert NEXT not in desk.signed_in(factories.region_staff(session.region)).get("/admin/").content.decode()
