"""Publishing by two persons: one proposes, another confirms exactly that, one of them a lead (rule 9)."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Event, ExamSession, Message
from candidates.refusals import Refusal, Stale
from candidates.services.events import OPERATOR, Actor
from materials.models import Application
from review.models import Proposal, Publication
from review.services.proposals import confirm, propose, take_back
from review.services.publication import publish_results, withdraw_results
from tests import factories
from tests.candidates.staff_pages import change, signed_in
from tests.concurrency import at_once, refusals

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return finished_session()


def finished_session():
    session = factories.make_session(two_persons=True)
    for status in ("passed", "rejected"):
        factories.decided(status, session)
    factories.close_window(session)
    return session


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


@pytest.fixture
def lead(session):
    return factories.region_lead(session.region, name="周主任")


def version(session) -> int:
    return ExamSession.objects.get(pk=session.pk).version


def proposed(user, session) -> Proposal:
    return propose(Actor(user), session.code, version(session))


def confirmed(user, session) -> Publication:
    return confirm(Actor(user), session.code, version(session))


def test_one_proposes_and_another_confirms(session, staff, lead):
    proposal = proposed(staff, session)
    assert ExamSession.objects.get(pk=session.pk).published_at is None
    assert not Message.objects.filter(kind="published").exists()

    publication = confirmed(lead, session)

    assert (publication.proposed_by, publication.published_by) == (staff, lead)
    assert (publication.sha256, publication.counts) == (proposal.sha256, proposal.counts)
    assert not Proposal.objects.exists()
    assert Message.objects.filter(kind="published").count() == 2
    event = Event.objects.get(action="proposed")
    assert (event.actor, event.facts["sha256"]) == (staff, proposal.sha256)
    assert Event.objects.get(action="published").facts["proposed_by"] == staff.username


def test_the_lead_may_be_either_of_the_two(session, staff, lead):
    proposed(lead, session)
    assert confirmed(staff, session).proposed_by == lead


def test_two_of_whom_none_is_a_lead_do_not_publish(session, staff):
    proposed(staff, session)

    with pytest.raises(Refusal) as refused:
        confirmed(factories.region_staff(session.region), session)

    assert refused.value.code == "lead"
    assert confirmed(factories.administrator(), session).number == 1


@pytest.mark.parametrize("who", ["region_staff", "region_lead"])
def test_nobody_is_both(session, who):
    user = getattr(factories, who)(session.region)
    proposed(user, session)

    with pytest.raises(Refusal) as refused:
        confirmed(user, session)

    assert refused.value.code == "same"


def test_the_database_too_knows_two(session, staff):
    for published_by in (staff, None):
        with pytest.raises(IntegrityError, match="by_two"), transaction.atomic():
            Publication.objects.create(
                session=session, number=1, counts={}, published_by=published_by, proposed_by=staff
            )


def test_nobody_publishes_alone_not_even_a_command(session, lead):
    for actor in (Actor(lead), OPERATOR):
        with pytest.raises(Refusal) as refused:
            publish_results(actor, session.code)
        assert refused.value.code == "two_persons"
    for dry_run in (True, False):
        said = io.StringIO()
        with pytest.raises(CommandError, match="双人"):
            call_command("publish_results", session=session.code, dry_run=dry_run, stdout=said)
        assert "passed: 1" in said.getvalue()
    for act in (propose, confirm):
        with pytest.raises(Refusal):
            act(OPERATOR, session.code, version(session))


def test_a_session_of_one_person_needs_no_proposal(staff):
    session = factories.make_session()
    user = factories.region_staff(session.region)
    with pytest.raises(Refusal) as refused:
        proposed(user, session)
    assert refused.value.code == "one_person"
    with pytest.raises(Refusal) as refused:
        confirmed(user, session)
    assert refused.value.code == "not_proposed"


def test_only_those_who_run_the_session(session, staff):
    proposed(staff, session)
    for user in (
        factories.region_reviewer(session.region),
        factories.region_lead(factories.RegionFactory()),
        factories.site_reviewer(session.region.sites.get()),
    ):
        for act in (propose, confirm, take_back):
            with pytest.raises(Refusal) as refused:
                act(Actor(user), session.code, version(session))
            assert refused.value.code == "role"


def test_what_stands_in_the_way_stands_in_the_way_of_a_proposal(session, staff):
    application = Application.objects.filter(session=session).first()
    Application.objects.filter(pk=application.pk).update(status="submitted")

    with pytest.raises(Refusal) as refused:
        proposed(staff, session)

    assert refused.value.code == "obstacles"
    assert application.site.code in str(refused.value.sentence)
    assert not Proposal.objects.exists()


# --- what is confirmed is what was proposed --------------------------------------------------------


def change_counts(session):
    Application.objects.filter(session=session, status="rejected").update(status="passed")


def change_name(session):
    Candidate.objects.filter(session=session).update(name="改名")


def change_session(session):
    ExamSession.objects.filter(pk=session.pk).update(version=99)


@pytest.mark.parametrize(
    ("changed", "says"),
    [(change_counts, "1 → 2"), (change_name, "名单本身"), (change_session, "名单本身")],
)
def test_what_changed_meanwhile_is_not_confirmed(session, staff, lead, changed, says):
    proposed(staff, session)
    changed(session)

    with pytest.raises(Refusal) as refused:
        confirmed(lead, session)

    assert refused.value.code == "changed"
    assert says in str(refused.value.sentence)
    assert "孙考务" in str(refused.value.sentence)
    take_back(Actor(lead), session.code, version(session))
    proposed(staff, session)
    assert confirmed(lead, session).number == 1


def test_what_happened_since_is_named(session, staff, lead):
    proposed(staff, session)
    assert change(signed_in(lead), session, contact="010").status_code == 303

    with pytest.raises(Refusal) as refused:
        confirmed(lead, session)

    label = str(Event.objects.filter(action="session_changed").first().get_action_display())
    assert f"{label} (1)" in str(refused.value.sentence)


def test_a_page_from_before_the_proposal_is_stale(session, staff, lead):
    before = version(session)
    proposed(staff, session)
    for act in (propose, confirm, take_back):
        with pytest.raises(Stale, match="孙考务"):
            act(Actor(lead), session.code, before)


def test_a_proposal_lapses_after_a_day(session, staff, lead):
    proposed(staff, session)
    Proposal.objects.update(proposed_at=timezone.now() - timedelta(days=1))

    with pytest.raises(Refusal) as refused:
        confirmed(lead, session)
    assert refused.value.code == "lapsed"

    proposed(lead, session)
    assert confirmed(staff, session).proposed_by == lead


def test_a_proposal_that_holds_is_not_replaced(session, staff, lead):
    proposed(staff, session)

    with pytest.raises(Refusal) as refused:
        proposed(lead, session)

    assert refused.value.code == "proposed"
    assert Proposal.objects.get().proposed_by == staff


@pytest.mark.parametrize("who", ["staff", "lead"])
def test_a_proposal_is_taken_back(session, staff, lead, who):
    proposed(staff, session)

    take_back(Actor({"staff": staff, "lead": lead}[who]), session.code, version(session))

    with pytest.raises(Refusal) as refused:
        confirmed(lead, session)
    assert refused.value.code == "not_proposed"
    assert Event.objects.get(action="proposal_taken_back").facts["proposed_by"] == staff.username


# --- the session's choice --------------------------------------------------------------------------


def test_two_persons_are_policy_and_only_a_lead_ends_it(staff, lead, session):
    plain = factories.make_session(region=session.region)
    assert not plain.two_persons
    client = signed_in(staff)
    assert change(client, plain, two_persons="on").status_code == 303
    assert Event.objects.filter(action="session_changed").last().facts["changes"] == {"two_persons": [False, True]}

    assert change(client, plain, two_persons=None).status_code == 403
    assert ExamSession.objects.get(pk=plain.pk).two_persons
    assert change(signed_in(lead), plain, two_persons=None).status_code == 303
    assert not ExamSession.objects.get(pk=plain.pk).two_persons


def test_a_proposal_ends_where_two_are_asked_no_more(session, staff, lead):
    proposed(staff, session)
    assert change(signed_in(lead), session, two_persons=None).status_code == 303

    assert publish_results(Actor(staff), session.code).proposed_by is None
    assert not Proposal.objects.exists()


def test_what_two_published_a_lead_withdraws(session, staff, lead):
    proposed(staff, session)
    confirmed(lead, session)

    with pytest.raises(Refusal) as refused:
        withdraw_results(Actor(staff), session.code, "名单有误")

    assert refused.value.code == "lead"
    assert withdraw_results(Actor(lead), session.code, "名单有误").publication.withdrawn_by == lead


# --- races -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_confirmed_and_taken_back_at_once_is_one_of_the_two():
    for _ in range(4):
        session = finished_session()
        staff, lead = factories.region_staff(session.region), factories.region_lead(session.region)
        proposed(staff, session)
        now = version(session)

        results = at_once(
            lambda s=session, u=lead, v=now: confirm(Actor(u), s.code, v),
            lambda s=session, u=lead, v=now: confirm(Actor(u), s.code, v),
            lambda s=session, u=staff, v=now: take_back(Actor(u), s.code, v),
        )

        assert refusals(results) == ["stale", "stale"]
        published = Publication.objects.filter(session=session).count()
        assert published == (0 if results[2] is None else 1)
        assert Message.objects.filter(candidate__session=session, kind="published").count() == 2 * published


@pytest.mark.django_db(transaction=True)
def test_proposed_by_many_at_once_is_proposed_once():
    session = finished_session()
    people = [factories.region_staff(session.region) for _ in range(4)]
    now = version(session)

    results = at_once(*(lambda u=user: propose(Actor(u), session.code, now) for user in people))

    assert refusals(results) == ["stale"] * 3
    assert Proposal.objects.count() == 1


# --- the page --------------------------------------------------------------------------------------


def post(user, session, act):
    address = reverse("staff_publish", args=[session.code])
    return signed_in(user).post(address, {"version": version(session), "act": act})


def page(user, session) -> str:
    return signed_in(user).get(reverse("staff_publish", args=[session.code])).content.decode()


def test_the_page_leads_through_both_acts(session, staff, lead):
    html = page(staff, session)
    assert 'value="propose"' in html
    assert 'value="confirm"' not in html

    assert post(staff, session, "propose").status_code == 303
    own, others = page(staff, session), page(lead, session)
    assert 'value="confirm"' not in own
    assert 'value="take_back"' in own
    assert 'value="confirm"' in others
    assert Proposal.objects.get().sha256 in others
    assert 'value="propose"' not in own + others

    assert post(staff, session, "confirm").status_code == 403
    assert post(lead, session, "confirm").status_code == 303
    assert Publication.objects.get().proposed_by == staff
    assert "孙考务" in page(lead, session)


def test_the_page_says_what_changed_and_offers_no_button(session, staff, lead):
    proposed(staff, session)
    change_counts(session)

    html = page(lead, session)

    assert "1 → 2" in html
    assert 'value="confirm"' not in html
    assert post(lead, session, "confirm").status_code == 409
    assert post(lead, session, "take_back").status_code == 303


def test_the_plain_button_of_a_page_from_before_is_refused(session, staff):
    address = reverse("staff_publish", args=[session.code])

    assert signed_in(staff).post(address, {"version": version(session)}).status_code == 409
    assert signed_in(staff).post(address, {"version": version(session), "act": "x"}).status_code == 422
    assert not Publication.objects.exists()


def test_the_page_costs_the_same_at_one_candidate_and_at_three(session, staff, lead, django_assert_num_queries):
    proposed(staff, session)
    client = signed_in(lead)
    address = reverse("staff_publish", args=[session.code])
    client.get(address)
    with django_assert_num_queries(8):
        client.get(address)
