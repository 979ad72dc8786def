"""What a later act must not leave behind from an earlier one: ticks, claims, frozen sessions."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal
from candidates.services.events import OPERATOR, Actor
from materials.services import roster, submission
from materials.services.extension import extend_deadline
from materials.services.roster import load_roster
from materials.services.submission import submit_application
from review.services import claims
from review.services.verdicts import finish_review, give_verdict, unlock_item
from tests import factories

pytestmark = pytest.mark.django_db


def row_of(candidate: Candidate, **changes: str) -> bytes:
    """A roster of one row: the candidate as stored, but for ``changes``."""
    facts = {
        "registration_number": candidate.registration_number,
        "name": candidate.name,
        "id_number": candidate.id_number,
        "phone": candidate.phone,
        "email": candidate.email,
        "site": candidate.site.code,
        "track": candidate.track,
        "level": candidate.level,
        "flags": "|".join(candidate.flags),
    } | changes
    return f"{','.join(facts)}\n{','.join(facts.values())}\n".encode()


def session_of(application) -> ExamSession:
    return ExamSession.objects.select_related("region").get(pk=application.session_id)


def test_a_tick_taken_back_is_taken_back_for_the_candidate_too():
    application = factories.returned(codes=("EDU",))
    assert application.items.get(category__code="ID").shown_verdict == "accepted"
    factories.make_photo(application, "EDU")
    factories.submit(application)
    reviewer, reason = Actor(factories.site_reviewer(application.site)), factories.ReasonFactory().code

    application = give_verdict(reviewer, application.pk, "ID", version=application.version, verdict="pending")
    application = give_verdict(
        reviewer, application.pk, "EDU", version=application.version, verdict="change_requested", reason=reason
    )
    finish_review(reviewer, application.pk, version=application.version, outcome="return")

    assert application.items.get(category__code="ID").shown_verdict == "pending"
    assert application.items.get(category__code="EDU").shown_verdict == "change_requested"


def test_a_claim_of_the_site_that_the_candidate_left_holds_nobody_up():
    application = factories.submitted()
    there = factories.SiteFactory(region=application.session.region)
    claims.claim(Actor(factories.site_reviewer(application.site)), application.pk)

    load_roster(OPERATOR, session_of(application), io.BytesIO(row_of(application.candidate, site=there.code)))

    assert claims.claim_next(Actor(factories.site_reviewer(there))) == application


def test_an_activation_during_a_roster_stays(monkeypatch):
    candidate = factories.make_candidate(activated=False)
    apply_row = roster.apply_row

    def activated_meanwhile(fresh, *arguments):
        Candidate.objects.filter(pk=fresh.pk).update(activated_at=timezone.now(), consent_version="1")
        apply_row(fresh, *arguments)

    monkeypatch.setattr(roster, "apply_row", activated_meanwhile)

    report = load_roster(OPERATOR, session_of(candidate), io.BytesIO(row_of(candidate, name="李四")))

    assert (report.changed, report.faults) == (1, [])
    candidate.refresh_from_db()
    assert candidate.name == "李四"
    assert candidate.activated_at is not None
    assert candidate.consent_version == "1"


def test_many_changed_rows_cost_no_more_queries_than_one(django_assert_max_num_queries):
    session = factories.make_session()
    candidates = [factories.make_candidate(session) for _ in range(20)]
    rows = [row_of(candidate, name="改名").decode().splitlines() for candidate in candidates]
    data = "\n".join([rows[0][0], *(row for _header, row in rows)]).encode()

    with django_assert_max_num_queries(20):
        assert load_roster(OPERATOR, session_of(candidates[0]), io.BytesIO(data)).changed == 20

    assert set(Candidate.objects.values_list("name", flat=True)) == {"改名"}


def test_a_roster_that_meets_another_is_refused_and_changes_nothing(monkeypatch):
    candidate = factories.make_candidate()

    def taken(*_arguments):
        raise IntegrityError

    monkeypatch.setattr(roster, "create_candidates", taken)

    with pytest.raises(Refusal) as refused:
        load_roster(OPERATOR, session_of(candidate), io.BytesIO(row_of(candidate, name="李四")))
    assert refused.value.code == "roster"

    candidate.refresh_from_db()
    assert candidate.name != "李四"


def test_a_submission_overtaken_by_a_publication_is_refused(monkeypatch):
    application = factories.draft()
    factories.fill(application)
    items_of = submission.items_of

    def published_meanwhile(*arguments):
        ExamSession.objects.update(published_at=timezone.now())
        return items_of(*arguments)

    monkeypatch.setattr(submission, "items_of", published_meanwhile)

    with pytest.raises(Refusal) as refused:
        submit_application(Actor(application.candidate.user), application.candidate)
    assert refused.value.code == "published"


def test_after_a_withdrawal_a_passed_application_can_be_extended_and_unlocked():
    session = factories.make_session()
    application = factories.decided("passed", session)
    factories.close_window(session)
    staff, reviewer = factories.region_staff(session.region), factories.region_reviewer(session.region)

    application = extend_deadline(
        Actor(staff),
        application.pk,
        version=application.version,
        until=timezone.now() + timedelta(days=2),
        reason="withdrawn by mistake",
    )
    application = unlock_item(
        Actor(reviewer), application.pk, "EDU", version=application.version, reason=factories.ReasonFactory().code
    )

    assert application.status == "returned"
