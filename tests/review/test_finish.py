"""Finishing a review: pass, return, reject, send back; each outcome and each refusal (docs/product.md, rule 6)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from candidates.enums import Stages
from candidates.models import Event, ExamSession, Message
from candidates.refusals import Refusal
from materials.models import Item
from review.models import Decision
from tests import factories

from . import desk


@pytest.fixture
def session(db: None) -> ExamSession:
    """One stage: the site's decision is the last. The stages' own tests are in test_stages.py."""
    factories.ReasonFactory(code="BLUR")
    factories.ReasonFactory(code="FALSE", name_en="False material", use="reject")
    return factories.make_session(stages=Stages.SITE)


def states(application) -> dict[str, tuple]:
    items = Item.objects.filter(application=application)
    return {
        code: (locked, shown) for code, locked, shown in items.values_list("category__code", "locked", "shown_verdict")
    }


def test_passing(application, at_site) -> None:
    desk.accept_all(at_site, application)
    response = desk.press(desk.signed_in(at_site), application, "finish/", outcome="pass", note="合格")

    assert response.status_code == 303
    now = desk.now_of(application)
    assert (now.status, now.stage) == ("passed", "site")
    assert now.decided_at is not None
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reviewer, decision.round, decision.note) == ("pass", at_site, 1, "合格")
    assert decision.requests == []
    assert decision.claimed_at is not None
    assert all(locked for locked, _ in states(application).values())


def test_passing_tells_the_candidate_nothing_before_publication(application, at_site) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")

    assert set(states(application).values()) == {(True, "pending")}
    assert set(Message.objects.values_list("kind", flat=True)) == {"submitted"}


@pytest.mark.parametrize("left_open", ["pending", "change_requested"])
def test_passing_needs_every_item_with_pictures_accepted(application, at_site, left_open) -> None:
    desk.judge(at_site, application, "ID")
    if left_open == "change_requested":
        desk.ask(at_site, application, "EDU")
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "pass")

    assert (refused.value.code, refused.value.status) == ("not_accepted", 422)
    assert "毕业证书" in str(refused.value)
    assert "身份证明" not in str(refused.value)
    assert desk.now_of(application).status == "submitted"
    assert not Decision.objects.exists()


def test_passing_needs_a_missing_picture_that_was_asked_for(application, at_site) -> None:
    desk.accept_all(at_site, application)
    desk.ask(at_site, application, "OTHER")
    with pytest.raises(Refusal):
        desk.finish(at_site, application, "pass")


def test_returning_unlocks_exactly_what_was_asked_for(application, at_site) -> None:
    desk.judge(at_site, application, "ID")
    desk.ask(at_site, application, "EDU", note="第二页看不清")
    response = desk.press(desk.signed_in(at_site), application, "finish/", outcome="return")

    assert response.status_code == 303
    assert desk.now_of(application).status == "returned"
    shown = states(application)
    assert shown.pop("EDU") == (False, "change_requested")
    assert shown.pop("ID") == (True, "accepted")
    assert all(locked for locked, _ in shown.values())
    assert Decision.objects.get().requests == [{"item": "EDU", "reason": "BLUR", "note": "第二页看不清"}]
    message = Message.objects.get(kind="returned")
    assert message.candidate_id == application.candidate_id
    assert message.facts["items"] == ["EDU"]


def test_returning_needs_a_change_asked_for(application, at_site) -> None:
    desk.accept_all(at_site, application)
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "return")

    assert refused.value.code == "nothing_requested"


def test_returning_needs_time_to_correct(session, application, at_site) -> None:
    desk.ask(at_site, application, "EDU")
    factories.close_window(session)
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "return")
    assert refused.value.code == "deadline"
    assert states(application)["EDU"] == (True, "pending")

    application.corrections_until = timezone.now() + timedelta(days=1)
    application.save(update_fields=["corrections_until"])
    assert desk.finish(at_site, application, "return").status == "returned"


def test_rejecting(application, at_site) -> None:
    client = desk.signed_in(at_site)
    response = desk.press(client, application, "finish/", outcome="reject", reason="FALSE", note="印章系伪造")

    assert response.status_code == 303
    assert desk.now_of(application).status == "rejected"
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reason.code, decision.note) == ("reject", "FALSE", "印章系伪造")
    assert all(locked for locked, _ in states(application).values())
    assert not Message.objects.exclude(kind="submitted").exists()


@pytest.mark.parametrize("reason", ["", "BLUR", "NO_SUCH"])
def test_rejecting_needs_a_reason_for_rejecting(application, at_site, reason) -> None:
    client = desk.signed_in(at_site)
    response = desk.press(client, application, "finish/", outcome="reject", reason=reason, note="写好的意见")

    assert response.status_code == 422
    assert "Rejecting needs a reason" in response.content.decode()
    assert "写好的意见" in response.content.decode()
    assert desk.now_of(application).status == "submitted"


@pytest.mark.parametrize("outcome", ["", "unlock", "PASS", "maybe"])
def test_other_outcomes_are_refused(application, at_site, outcome) -> None:
    desk.accept_all(at_site, application)
    response = desk.press(desk.signed_in(at_site), application, "finish/", outcome=outcome, note="意见")

    assert response.status_code == 422
    assert "意见" in response.content.decode()
    assert desk.now_of(application).status == "submitted"


def test_a_note_that_is_too_long_is_refused_and_kept(application, at_site) -> None:
    desk.accept_all(at_site, application)
    response = desk.press(desk.signed_in(at_site), application, "finish/", outcome="pass", note="字" * 10_000)

    assert response.status_code == 422
    assert "字" * 10_000 in response.content.decode()


def test_finishing_is_an_event(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")

    event = Event.objects.get(action="finished")
    assert (event.actor, event.candidate_id, event.site) == (at_site, application.candidate_id, application.site)
    assert event.facts["outcome"] == "return"
    assert event.facts["items"] == ["EDU"]


def test_it_is_final_for_the_reviewer(application, at_site) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "reject", reason="FALSE")

    assert refused.value.code == "state"
    assert Decision.objects.count() == 1


def test_after_publication_nothing_is_decided(session, application, at_site) -> None:
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    factories.publish(session)
    with pytest.raises(Refusal) as refused:
        desk.finish(at_site, application, "pass")

    assert refused.value.code == "published"


def test_the_way_leads_to_the_next_one_while_there_is_one(session, application, at_site) -> None:
    other = factories.submitted(session, site=application.site)
    client = desk.signed_in(at_site)
    desk.accept_all(at_site, application)
    response = desk.press(client, application, "finish/", outcome="pass")
    assert response["Location"] == "/admin/review/next/"
    response = client.get("/admin/review/next/", follow=True)
    assert f"{application.candidate.registration_number}: Pass." in response.content.decode()

    desk.accept_all(at_site, other)
    response = desk.press(client, other, "finish/", outcome="pass")
    assert response["Location"] == "/admin/"
    assert "Nothing else waits" in client.get("/admin/").content.decode()


def test_an_unknown_application_is_a_404(application, at_site) -> None:
    stranger = factories.site_reviewer(factories.SiteFactory(region=application.session.region))

    assert desk.press(desk.signed_in(stranger), application, "finish/", outcome="pass").status_code == 404
