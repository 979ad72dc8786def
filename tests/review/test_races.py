"""Reviewers at the same moment, on real PostgreSQL, each on their own connection (docs/quality.md, 27 to 29, 39)."""

from collections import Counter
from functools import partial

import pytest
from django.db import close_old_connections, connection

from candidates.models import Candidate, Event, Message, User
from candidates.refusals import Stale
from candidates.services.events import Actor
from materials.models import Application, Item, Submission
from materials.services.submission import submit_application
from review.models import Claim, Decision, Publication, SecondLook
from review.rules import Answer
from review.selectors import unsettled
from review.services import claims, second_looks, verdicts
from review.services.publication import publish_results
from tests import factories
from tests.concurrency import at_once, refusals

from . import desk

pytestmark = pytest.mark.django_db(transaction=True)


def make_queue(length: int) -> list[Application]:
    session = factories.make_session(codes=["EDU"])
    return [factories.submitted(session) for _ in range(length)]


def test_ten_reviewers_one_queue() -> None:
    """Each takes the next, decides, and again, until nothing is left; half of them keep what comes next ahead."""
    queue = make_queue(200)
    reviewers = [factories.site_reviewer(queue[0].site) for _ in range(10)]
    session = queue[0].session

    def work(reviewer, looks_ahead) -> list:
        done = []
        while application := claims.claim_next(Actor(reviewer)):
            if looks_ahead:
                claims.claim_ahead(Actor(reviewer), application.pk)
            version = Application.objects.get(pk=application.pk).version
            given = verdicts.give_verdict(Actor(reviewer), application.pk, "EDU", version=version, verdict="accepted")
            verdicts.finish_review(Actor(reviewer), application.pk, version=given.version, outcome="pass")
            done.append(application.pk)
        return done

    results = at_once(*(partial(work, reviewer, number % 2 == 0) for number, reviewer in enumerate(reviewers)))

    assert refusals(results) == []
    taken = Counter(pk for done in results for pk in done)
    assert set(taken) == {application.pk for application in queue}
    assert set(taken.values()) == {1}
    assert Decision.objects.filter(application__session=session).count() == 200
    assert Event.objects.filter(action="claimed").count() == 200


def test_ten_reviewers_take_ten_different_ones() -> None:
    queue = make_queue(30)
    reviewers = [factories.site_reviewer(queue[0].site) for _ in range(10)]
    results = at_once(*(partial(claims.claim_next, Actor(reviewer)) for reviewer in reviewers))

    assert refusals(results) == []
    assert len({application.pk for application in results}) == 10
    assert Claim.objects.count() == 10
    assert set(Claim.objects.values_list("reviewer", flat=True)) == {reviewer.pk for reviewer in reviewers}


def test_nobody_waits_for_a_row_that_another_is_deciding() -> None:
    from django.db import transaction

    queue = make_queue(2)
    reviewer = factories.site_reviewer(queue[0].site)

    def take() -> Application | None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return claims.claim_next(Actor(reviewer))

    with transaction.atomic():
        Application.objects.select_for_update(no_key=True).get(pk=queue[0].pk)
        (taken,) = at_once(take)
    assert taken == queue[1]


def test_two_take_the_same_one_by_its_address() -> None:
    (application,) = make_queue(1)
    reviewers = [factories.site_reviewer(application.site) for _ in range(2)]
    results = at_once(*(partial(claims.claim, Actor(reviewer), application.pk) for reviewer in reviewers))

    assert refusals(results) == ["claimed"]
    assert Claim.objects.count() == 1


def test_two_finish_at_once_one_wins_and_the_other_keeps_the_text() -> None:
    (application,) = make_queue(1)
    factories.ReasonFactory(code="FALSE", use="reject")
    reviewers = [factories.site_reviewer(application.site) for _ in range(2)]
    desk.accept_all(reviewers[0], application)
    claims.release(Actor(reviewers[0]), application.pk)
    version = desk.now_of(application).version
    clients = [desk.signed_in(reviewer) for reviewer in reviewers]

    def press(client, number):
        close_old_connections()
        fields = {"version": version, "outcome": "reject", "reason": "FALSE", "note": f"意见 {number}"}
        return client.post(desk.address(application, "finish/"), fields)

    responses = at_once(*(partial(press, client, number) for number, client in enumerate(clients)))

    assert sorted(response.status_code for response in responses) == [303, 409]
    loser = next(number for number, response in enumerate(responses) if response.status_code == 409)
    html = responses[loser].content.decode()
    assert f"意见 {loser}" in html
    assert "Meanwhile: Review finished" in html
    decision = Decision.objects.get()
    assert decision.reviewer == reviewers[1 - loser]
    assert Event.objects.filter(action="finished").count() == 1


def test_two_verdicts_from_one_version_one_wins() -> None:
    (application,) = make_queue(1)
    reviewer = factories.site_reviewer(application.site)
    version = desk.now_of(application).version
    act = partial(verdicts.give_verdict, Actor(reviewer), application.pk, "EDU", version=version, verdict="accepted")
    results = at_once(act, act)

    assert refusals(results) == ["stale"]
    assert desk.now_of(application).version == version + 1
    assert Event.objects.filter(action="verdict_given").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_unlock_against_resubmission(attempt) -> None:
    """A returned application: its candidate hands in again while a reviewer unlocks one item more."""
    factories.ReasonFactory(code="BLUR")
    application = factories.submitted(factories.make_session(codes=["EDU", "ID"]))
    reviewer = factories.site_reviewer(application.site)
    desk.send_for_correction(reviewer, application, "EDU")
    desk.replace_picture(application, "EDU")
    version = desk.now_of(application).version
    candidate = Candidate.objects.select_related("user").get(pk=application.candidate_id)

    unlocked, submitted = at_once(
        partial(verdicts.unlock_item, Actor(reviewer), application.pk, "ID", version=version, reason="BLUR"),
        partial(submit_application, Actor(candidate.user), candidate),
    )

    now = desk.now_of(application)
    open_items = set(
        Item.objects.filter(application=application, locked=False).values_list("category__code", flat=True)
    )
    if isinstance(unlocked, Stale):
        assert isinstance(submitted, Submission)
        assert (now.status, now.rounds, open_items) == ("submitted", 2, set())
        assert not Message.objects.filter(kind="unlocked").exists()
    else:
        # Unlocked first: an item that did not change keeps the candidate from handing in.
        assert refusals([unlocked, submitted]) == ["unchanged"]
        assert (now.status, now.rounds, open_items) == ("returned", 1, {"EDU", "ID"})
        assert Message.objects.filter(kind="unlocked").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_unlock_against_finish(attempt) -> None:
    factories.ReasonFactory(code="BLUR")
    (application,) = make_queue(1)
    reviewer = factories.site_reviewer(application.site)
    desk.accept_all(reviewer, application)
    version = desk.now_of(application).version

    results = at_once(
        partial(verdicts.unlock_item, Actor(reviewer), application.pk, "EDU", version=version, reason="BLUR"),
        partial(verdicts.finish_review, Actor(reviewer), application.pk, version=version, outcome="pass"),
    )

    # After the site's pass it is the region's; after the unlock it is the candidate's.
    assert len(refusals(results)) == 1
    assert Decision.objects.count() == 1
    assert (desk.now_of(application).status, desk.now_of(application).stage) in {
        ("submitted", "region"),
        ("returned", "site"),
    }


# --- second looks ----------------------------------------------------------------------------------


def drawn(length: int) -> list[SecondLook]:
    """Second looks at as many passed applications of one session, the oldest first."""
    factories.ReasonFactory(code="BLUR")
    session = factories.make_session(codes=["EDU"], second_look_percent=100)
    for _ in range(length):
        factories.decided("passed", session)
    return list(SecondLook.objects.select_related("application__session__region").order_by("drawn_at"))


def answering(look: SecondLook, reviewer: User, answer: Answer) -> partial[SecondLook]:
    version = desk.now_of(look.application).version
    return partial(second_looks.answer, Actor(reviewer), look.pk, version=version, answers={"EDU": answer})


def test_ten_second_reviewers_take_ten_different_ones() -> None:
    looks = drawn(12)
    reviewers = [factories.region_reviewer(looks[0].application.session.region) for _ in range(10)]
    results = at_once(*(partial(second_looks.claim_next, Actor(reviewer)) for reviewer in reviewers))

    assert refusals(results) == []
    assert len({look.pk for look in results}) == 10
    assert set(SecondLook.objects.exclude(reviewer=None).values_list("reviewer", flat=True)) == {
        r.pk for r in reviewers
    }
    assert Event.objects.filter(action="second_look_claimed").count() == 10


@pytest.mark.parametrize("attempt", range(5))
def test_the_last_second_look_goes_to_one(attempt) -> None:
    (look,) = drawn(1)
    reviewers = [factories.region_reviewer(look.application.session.region) for _ in range(4)]
    results = at_once(*(partial(second_looks.claim_next, Actor(reviewer)) for reviewer in reviewers))

    assert refusals(results) == []
    assert [found for found in results if found is not None] == [look]
    assert Event.objects.filter(action="second_look_claimed").count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_two_answers_one_counts(attempt) -> None:
    (look,) = drawn(1)
    reviewers = [factories.region_reviewer(look.application.session.region) for _ in range(2)]
    results = at_once(
        answering(look, reviewers[0], Answer("fine")), answering(look, reviewers[1], Answer("change", "BLUR"))
    )

    assert refusals(results) == ["answered"]
    (winner,) = (number for number, result in enumerate(results) if isinstance(result, SecondLook))
    look.refresh_from_db()
    assert look.reviewer == reviewers[winner]
    assert bool(look.findings) == (winner == 1)
    assert Event.objects.filter(action="second_look_answered").count() == 1


@pytest.mark.parametrize("attempt", range(5))
def test_an_answer_against_unlocking(attempt) -> None:
    """Either it counts and the pass is taken back afterwards, or it is refused with what happened."""
    (look,) = drawn(1)
    application = desk.now_of(look.application)
    region = application.session.region
    first, second = factories.region_reviewer(region), factories.region_reviewer(region)

    unlocked, answered = at_once(
        partial(verdicts.unlock_item, Actor(first), application.pk, "EDU", version=application.version, reason="BLUR"),
        answering(look, second, Answer("change", "BLUR")),
    )

    assert isinstance(unlocked, Application)
    look.refresh_from_db()
    assert look.taken_back_at is not None
    assert not unsettled(application.session).exists()
    if isinstance(answered, SecondLook):
        assert look.answered_at is not None
    else:
        assert refusals([answered]) == ["stale"]
        assert (look.answered_at, look.findings) == (None, [])


@pytest.mark.parametrize("attempt", range(6))
def test_an_answer_against_a_claim(attempt) -> None:
    """A claim that lapsed: its reviewer answers while another takes the look. It is one's or the other's."""
    (look,) = drawn(1)
    region = look.application.session.region
    slow, quick = factories.region_reviewer(region), factories.region_reviewer(region)
    second_looks.claim_next(Actor(slow))
    SecondLook.objects.update(expires_at=look.drawn_at)

    answered, taken = at_once(answering(look, slow, Answer("fine")), partial(second_looks.claim_next, Actor(quick)))

    look.refresh_from_db()
    if taken is None:
        assert isinstance(answered, SecondLook)
        assert (look.reviewer, look.answered_at is None) == (slow, False)
    else:
        assert refusals([answered]) == ["claimed"]
        assert (look.reviewer, look.answered_at) == (quick, None)


@pytest.mark.parametrize("attempt", range(5))
def test_a_claim_against_unlocking(attempt) -> None:
    (look,) = drawn(1)
    application = desk.now_of(look.application)
    region = application.session.region
    first, second = factories.region_reviewer(region), factories.region_reviewer(region)

    results = at_once(
        partial(verdicts.unlock_item, Actor(first), application.pk, "EDU", version=application.version, reason="BLUR"),
        partial(second_looks.claim_next, Actor(second)),
    )

    assert refusals(results) == []
    assert SecondLook.objects.get().taken_back_at is not None
    assert second_looks.claim_next(Actor(second)) is None


@pytest.mark.parametrize("attempt", range(6))
def test_an_answer_against_publishing(attempt) -> None:
    """A disagreement stands in the way of the results, or comes too late; it is never published over unseen."""
    (look,) = drawn(1)
    session = look.application.session
    factories.close_window(session)
    second, staff = factories.region_reviewer(session.region), factories.region_staff(session.region)

    answered, published = at_once(
        answering(look, second, Answer("change", "BLUR")), partial(publish_results, Actor(staff), session.code)
    )

    if isinstance(published, Publication):
        assert refusals([answered]) == ["published"]
        assert not unsettled(session).exists()
    else:
        assert isinstance(answered, SecondLook)
        assert refusals([published]) == ["obstacles"]


@pytest.mark.parametrize("attempt", range(3))
def test_settling_against_unlocking(attempt) -> None:
    (look,) = drawn(1)
    application = desk.now_of(look.application)
    region = application.session.region
    first, second = factories.region_reviewer(region), factories.region_reviewer(region)
    staff = factories.region_staff(region)
    answering(look, second, Answer("change", "BLUR"))()

    unlocked, settled = at_once(
        partial(verdicts.unlock_item, Actor(first), application.pk, "EDU", version=application.version, reason="BLUR"),
        partial(second_looks.let_pass_stand, Actor(staff), look.pk, version=application.version, note="两处印章清楚"),
    )

    assert isinstance(unlocked, Application)
    look.refresh_from_db()
    assert look.taken_back_at is not None
    assert (look.settled_at is None) == (refusals([settled]) == ["stale"])
