"""Site, then region (docs/product.md, rule 8)."""

import pytest

from candidates.enums import Stages
from candidates.refusals import Refusal
from candidates.services.events import Actor
from review.models import Decision
from review.services import claims
from tests import factories

from . import desk

pytestmark = pytest.mark.django_db


def place(application) -> tuple[str, str]:
    now = desk.now_of(application)
    return now.status, now.stage


@pytest.fixture
def at_the_region(application, at_site):
    """Passed by its site."""
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass", note="考点意见：齐全")
    return application


def test_a_sites_pass_goes_on_to_the_region(at_the_region, at_site, at_region) -> None:
    assert place(at_the_region) == ("submitted", "region")
    assert desk.now_of(at_the_region).decided_at is None
    assert claims.claim_next(Actor(at_site)) is None
    assert claims.claim_next(Actor(at_region)) == at_the_region


def test_the_regions_pass_is_the_last(at_the_region, at_region) -> None:
    desk.finish(at_region, at_the_region, "pass")

    assert place(at_the_region) == ("passed", "region")
    assert list(Decision.objects.values_list("stage", "outcome")) == [("site", "pass"), ("region", "pass")]


@pytest.mark.parametrize(("stages", "first"), [(Stages.SITE, "site"), (Stages.REGION, "region")])
def test_one_stage_passes_alone(stages, first) -> None:
    application = factories.submitted(factories.make_session(stages=stages))
    reviewer = (
        factories.site_reviewer(application.site)
        if first == "site"
        else factories.region_reviewer(application.session.region)
    )
    assert place(application) == ("submitted", first)
    desk.accept_all(reviewer, application)
    desk.finish(reviewer, application, "pass")

    assert place(application) == ("passed", first)


@pytest.mark.parametrize("stage", ["site", "region"])
def test_a_correction_comes_back_to_the_stage_that_asked(request, application, at_site, at_region, stage) -> None:
    reviewer = at_site
    if stage == "region":
        request.getfixturevalue("at_the_region")
        reviewer = at_region
    desk.send_for_correction(reviewer, application, "EDU")
    assert place(application) == ("returned", stage)
    desk.resubmit(application, "EDU")

    assert place(application) == ("submitted", stage)
    assert claims.claim_next(Actor(reviewer)) == application


def test_the_region_sees_what_the_site_said(at_the_region, at_region, at_site) -> None:
    html = desk.page(desk.signed_in(at_region), at_the_region)

    assert "考点意见：齐全" in html
    assert "王审核" in html
    assert desk.marks(html, "ID")["verdict"] == "accepted"
    # Accepted by the site, not looked at by the region yet: in sight, not folded.
    assert "accepted before and unchanged" not in html
    assert "0 of 2 judged" in html


def test_sending_back_with_a_note(at_the_region, at_region, at_site) -> None:
    client = desk.signed_in(at_region)
    response = desk.press(client, at_the_region, "finish/", outcome="send_back", note="请核对公章")

    assert response.status_code == 303
    assert place(at_the_region) == ("submitted", "site")
    assert claims.claim_next(Actor(at_site)) == at_the_region
    html = desk.page(desk.signed_in(at_site), at_the_region)
    assert "Sent back by the region" in html
    assert "请核对公章" in html
    desk.finish(at_site, at_the_region, "pass")
    assert place(at_the_region) == ("submitted", "region")
    assert desk.now_of(at_the_region).send_back_note == ""


@pytest.mark.parametrize("note", ["", "  \n"])
def test_sending_back_needs_a_note(at_the_region, at_region, note) -> None:
    response = desk.press(desk.signed_in(at_region), at_the_region, "finish/", outcome="send_back", note=note)

    assert response.status_code == 422
    with pytest.raises(Refusal) as refused:
        desk.finish(at_region, at_the_region, "send_back", note=note)
    assert refused.value.code == "note"
    assert place(at_the_region) == ("submitted", "region")


def test_a_site_cannot_send_back(application, at_site) -> None:
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "send_back", note="x")

    assert (refused.value.code, refused.value.status) == ("stage", 422)
    assert "send_back" not in desk.page(desk.signed_in(at_site), application)


def test_a_region_alone_has_nobody_to_send_back_to() -> None:
    application = factories.submitted(factories.make_session(stages=Stages.REGION))
    reviewer = factories.region_reviewer(application.session.region)
    with pytest.raises(Refusal):
        desk.finish(reviewer, application, "send_back", note="x")
    assert "send_back" not in desk.page(desk.signed_in(reviewer), application)


def test_the_other_stage_may_look_and_not_decide(at_the_region, at_site, at_region) -> None:
    for act in (
        lambda: desk.judge(at_site, at_the_region, "ID"),
        lambda: desk.finish(at_site, at_the_region, "pass"),
        lambda: desk.unlock(at_site, at_the_region, "ID"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert (refused.value.code, refused.value.status) == ("stage", 409)
    html = desk.page(desk.signed_in(at_site), at_the_region)
    assert "is with the region now" in html
    assert 'name="verdict"' not in html


def test_an_administrator_decides_at_both(application) -> None:
    admin = factories.administrator()
    desk.accept_all(admin, application)
    desk.finish(admin, application, "pass")
    desk.finish(admin, application, "pass")

    assert place(application) == ("passed", "region")
