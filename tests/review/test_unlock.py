"""Unlocking one item alone, with feedback (docs/product.md, "Reviewer")."""

import re

import pytest

from candidates.enums import Stages
from candidates.models import Event, Message
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Item
from review.models import Claim, Decision
from review.selectors import decisions_of, last_requests
from review.services import claims
from tests import factories

from . import desk


def unlocked(application) -> set[str]:
    return set(Item.objects.filter(application=application, locked=False).values_list("category__code", flat=True))


def test_one_item_opens_at_once_and_the_candidate_is_told(application, at_site) -> None:
    response = desk.press(desk.signed_in(at_site), application, "unlock/EDU/", reason="BLUR", note="电话里说过")

    assert response.status_code == 303
    assert response["Location"] == desk.address(application) + "#item-EDU"
    assert desk.now_of(application).status == "returned"
    assert unlocked(application) == {"EDU"}
    item = Item.objects.get(application=application, category__code="EDU")
    assert (item.shown_verdict, item.reason.code, item.note) == ("change_requested", "BLUR", "电话里说过")
    assert Message.objects.get(kind="unlocked").facts["items"] == ["EDU"]
    assert Decision.objects.get().requests == [{"item": "EDU", "reason": "BLUR", "note": "电话里说过"}]
    assert Event.objects.get(action="unlocked").actor == at_site
    assert not Claim.objects.exists()


def test_verdicts_in_the_making_are_not_told(application, at_site) -> None:
    desk.judge(at_site, application, "ID")
    desk.unlock(at_site, application, "EDU")

    assert Item.objects.get(application=application, category__code="ID").shown_verdict == "pending"


def test_also_after_a_pass_and_before_publication(session, at_site) -> None:
    session.stages = Stages.SITE
    session.save()
    application = factories.submitted(session)
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    desk.unlock(at_site, application, "ID")

    assert desk.now_of(application).status == "returned"
    assert unlocked(application) == {"ID"}
    desk.resubmit(application, "ID")
    now = desk.now_of(application)
    assert (now.status, now.stage, now.rounds) == ("submitted", "site", 2)


def test_a_second_item_of_one_that_is_returned(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    desk.unlock(at_site, application, "ID")

    assert unlocked(application) == {"EDU", "ID"}
    # Both requests stand, and the second round shows both.
    assert set(last_requests(decisions_of(application))) == {"EDU", "ID"}
    desk.resubmit(application, "EDU", "ID")
    html = desk.page(desk.signed_in(at_site), application)
    assert html.count("Asked for") == 2


def test_an_optional_item_without_pictures(application, at_site) -> None:
    desk.unlock(at_site, application, "OTHER", note="请补交")

    assert unlocked(application) == {"OTHER"}


@pytest.mark.parametrize("reason", ["", "NO_SEAL", "FALSE", "NO_SUCH"])
def test_it_needs_a_reason_that_fits(application, at_site, reason) -> None:
    response = desk.press(desk.signed_in(at_site), application, "unlock/ID/", reason=reason, note="打好的字")

    assert response.status_code == 422
    assert "打好的字" in response.content.decode()
    assert unlocked(application) == set()
    assert desk.now_of(application).status == "submitted"


@pytest.mark.parametrize(("state", "code"), [("draft", "state"), ("rejected", "state"), ("published", "published")])
def test_not_in_these_states(session, state, code) -> None:
    if state == "draft":
        application = factories.draft(session)
    else:
        application = factories.decided("rejected" if state == "rejected" else "passed", session)
    if state == "published":
        factories.publish(session)
    admin = factories.administrator()
    with pytest.raises(Refusal) as refused:
        desk.unlock(admin, application, "ID")

    assert refused.value.code == code
    response = desk.press(desk.signed_in(admin), application, "unlock/ID/", reason="BLUR", note="打好的字")
    assert response.status_code == 409
    assert "打好的字" in response.content.decode()


def test_not_when_there_is_no_time_left_to_correct(session, application, at_site) -> None:
    factories.close_window(session)
    with pytest.raises(Refusal) as refused:
        desk.unlock(at_site, application, "ID")

    assert refused.value.code == "deadline"


def test_a_publication_that_was_faster_is_a_sentence(session, monkeypatch) -> None:
    """Judged before the publication, written after it: the database holds the outcome, and it is said."""
    application = factories.decided("passed", session)
    factories.publish(session)
    for rule in ("why_not_unlock", "why_no_time_left"):
        monkeypatch.setattr(f"review.rules.{rule}", lambda *_: None)
    with pytest.raises(Refusal) as refused:
        desk.unlock(factories.administrator(), application, "ID")

    assert refused.value.code == "published"
    assert desk.now_of(application).status == "passed"
    assert unlocked(application) == set()


def test_not_twice(application, at_site) -> None:
    desk.unlock(at_site, application, "ID")
    with pytest.raises(Refusal) as refused:
        desk.unlock(at_site, application, "ID")

    assert refused.value.code == "unlocked"
    assert Decision.objects.count() == 1


def test_not_while_another_reviews_it(application, at_site, at_site_too) -> None:
    claims.claim(Actor(at_site_too), application.pk)
    with pytest.raises(Refusal) as refused:
        desk.unlock(at_site, application, "ID")

    assert refused.value.code == "claimed"
    assert unlocked(application) == set()


def test_the_screen_offers_it_where_it_may_be_done(session, application, at_site, at_region) -> None:
    assert "unlock/ID/" in desk.page(desk.signed_in(at_site), application)
    assert "unlock/ID/" not in desk.page(desk.signed_in(at_region), application)
    desk.unlock(at_site, application, "ID")
    html = desk.page(desk.signed_in(at_site), application)
    assert "unlock/ID/" not in html
    assert "unlock/EDU/" in html
    factories.close_window(session)
    assert "unlock/EDU/" not in desk.page(desk.signed_in(at_site), application)


def test_from_the_applications_page_in_the_admin(application, at_site) -> None:
    client = desk.signed_in(at_site)
    html = client.get(f"/admin/materials/application/{application.pk}/change/").content.decode()

    forms = re.findall(r'<form method="post"\s+action="([^"]*unlock[^"]*)"', html)
    assert forms == [desk.address(application, f"unlock/{code}/") for code in ("ID", "EDU", "OTHER")]
    admins_own = html[html.index('id="application_form"') :]
    assert "<form" not in admins_own[: admins_own.index("</form>")]
    assert html.count(f'name="version" value="{application.version}"') == 3


def test_the_applications_page_offers_it_to_nobody_else(application) -> None:
    client = desk.signed_in(factories.region_staff(application.session.region))
    html = client.get(f"/admin/materials/application/{application.pk}/change/").content.decode()

    assert "/unlock/" not in html
