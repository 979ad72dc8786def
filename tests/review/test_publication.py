"""Publishing: rehearsed, one act, frozen by the database, told to all, withdrawn (docs/product.md, rule 9)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from candidates.models import Delivery, Event, ExamSession, Message
from candidates.refusals import Refusal, Stale
from candidates.services.events import OPERATOR, Actor
from materials.models import Application
from review.models import Publication
from review.services.publication import plan_publication, publish_results, withdraw_results
from review.services.verdicts import finish_review, unlock_item
from tests import factories
from tests.concurrency import at_once, refusals
from tests.review.desk import judge, now_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


def publish(staff, session):
    return publish_results(Actor(staff), session.code)


def test_a_session_without_candidates_is_not_published(session, staff):
    factories.close_window(session)
    assert obstacles(session) == ["本批次还没有考生。请先导入考生名册。"]
    with pytest.raises(Refusal):
        publish(staff, session)


def obstacles(session) -> list[str]:
    return [str(obstacle) for obstacle in plan_publication(session).obstacles]


# --- the rehearsal ---------------------------------------------------------------------------------


def test_the_rehearsal_counts_by_result_and_by_site(session, finished):
    other = factories.SiteFactory(region=session.region, code="ZZ")
    Application.objects.filter(pk=finished["draft"].pk).update(site=other)

    plan = plan_publication(session)

    assert plan.counts == {"passed": 1, "rejected": 1, "not_submitted": 1, "not_corrected": 1}
    assert plan.told == 4
    assert plan.obstacles == []
    assert {code: numbers for _site, code, _name, numbers in plan.sites}["ZZ"] == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("window", ["closes_at", "corrections_until"])
def test_an_open_window_stands_in_the_way(session, finished, staff, window):
    later = timezone.now() + timedelta(hours=1)
    session.corrections_until = later
    setattr(session, window, later)
    session.save()

    assert len(obstacles(session)) == (2 if window == "closes_at" else 1)
    with pytest.raises(Refusal) as refused:
        publish(staff, session)
    assert refused.value.code == "obstacles"
    assert not Publication.objects.exists()
    assert not Message.objects.filter(kind="published").exists()


@pytest.mark.parametrize("stage", ["site", "region"])
def test_what_waits_for_review_stands_in_the_way_and_is_named(session, staff, stage):
    waiting = factories.submitted(session)
    Application.objects.filter(pk=waiting.pk).update(stage=stage)
    factories.close_window(session)

    (obstacle,) = obstacles(session)
    assert waiting.site.code in obstacle
    with pytest.raises(Refusal):
        publish(staff, session)


def test_a_candidates_own_later_deadline_stands_in_the_way(session, finished, staff):
    extended = finished["returned"]
    Application.objects.filter(pk=extended.pk).update(corrections_until=timezone.now() + timedelta(hours=1))

    (obstacle,) = obstacles(session)
    assert extended.candidate.registration_number in obstacle
    with pytest.raises(Refusal):
        publish(staff, session)

    Application.objects.filter(pk=extended.pk).update(corrections_until=timezone.now() - timedelta(minutes=1))
    assert obstacles(session) == []


def test_rehearsing_writes_nothing(session, finished):
    before = Event.objects.count()
    plan_publication(session)
    assert Event.objects.count() == before
    assert ExamSession.objects.get(pk=session.pk).published_at is None


# --- the act ---------------------------------------------------------------------------------------


def test_publishing_is_one_act_recorded_and_told_to_all(session, finished, staff):
    publication = publish(staff, session)

    session.refresh_from_db()
    assert session.published_at == publication.published_at
    assert (publication.number, publication.published_by) == (1, staff)
    assert publication.counts == {"passed": 1, "rejected": 1, "not_submitted": 1, "not_corrected": 1}
    told = Message.objects.filter(kind="published").values_list("candidate", flat=True)
    assert sorted(told) == sorted(application.candidate_id for application in finished.values())
    assert Delivery.objects.filter(message__kind="published", status="waiting").count() == 4
    event = Event.objects.get(action="published")
    assert (event.actor, event.session, event.facts["counts"]) == (staff, session, publication.counts)


def test_publishing_twice_is_refused_and_tells_nobody_again(session, finished, staff):
    publish(staff, session)

    with pytest.raises(Refusal) as refused:
        publish(staff, session)

    assert refused.value.code == "obstacles"
    assert Publication.objects.count() == 1
    assert Message.objects.filter(kind="published").count() == 4


def test_only_the_regions_staff_publish(session, finished):
    for user in (
        factories.site_reviewer(session.region.sites.first()),
        factories.region_reviewer(session.region),
        factories.region_staff(factories.RegionFactory()),
    ):
        with pytest.raises(Refusal) as refused:
            publish(user, session)
        assert refused.value.code == "role"
    assert publish_results(OPERATOR, session.code).published_by is None


def test_a_form_made_before_somebody_changed_the_session_is_stale(session, finished, staff):
    version = ExamSession.objects.get(pk=session.pk).version
    publish_results(Actor(staff), session.code, version)
    withdraw_results(Actor(staff), session.code, "名单有误", version + 1)

    with pytest.raises(Stale, match="孙考务"):
        publish_results(Actor(staff), session.code, version)
    with pytest.raises(Stale):
        withdraw_results(Actor(staff), session.code, "x", version)


# --- frozen ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "status = 'submitted'",
        "stage = CASE stage WHEN 'site' THEN 'region' ELSE 'site' END",
        "corrections_until = now() + interval '1 day'",
    ],
)
def test_plain_sql_does_not_change_what_is_published(session, finished, staff, change):
    publish(staff, session)

    with pytest.raises(DatabaseError, match="published"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE materials_application SET {change} WHERE id = %s", [finished["passed"].pk])

    withdraw_results(Actor(staff), session.code, "名单有误")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE materials_application SET {change} WHERE id = %s", [finished["passed"].pk])


def test_no_act_changes_what_is_published(session, finished, staff):
    reviewer = factories.region_reviewer(session.region)
    factories.ReasonFactory(code="BLUR")
    application = now_of(finished["passed"])
    publish(staff, session)

    with pytest.raises(Refusal) as refused:
        unlock_item(Actor(reviewer), application.pk, "EDU", version=application.version, reason="BLUR")

    assert refused.value.code == "published"
    assert now_of(application).status == "passed"


# --- withdrawing -----------------------------------------------------------------------------------


def test_withdrawing_hides_the_results_and_is_recorded(session, finished, staff):
    publish(staff, session)

    publication = withdraw_results(Actor(staff), session.code, "名单有误").publication

    session.refresh_from_db()
    assert session.published_at is None
    assert (publication.withdrawn_by, publication.withdrawal_reason) == (staff, "名单有误")
    assert publication.withdrawn_at is not None
    assert Message.objects.filter(kind="withdrawn").count() == 4
    assert Event.objects.get(action="withdrawn").facts["reason"] == "名单有误"
    waiting = set(Delivery.objects.filter(status="waiting").values_list("message__kind", flat=True))
    assert "withdrawn" in waiting
    assert "published" not in waiting  # nobody is sent to a result that is hidden again


def test_what_was_withdrawn_can_be_published_again_under_the_next_number(session, finished, staff):
    publish(staff, session)
    withdraw_results(Actor(staff), session.code, "名单有误")

    assert publish(staff, session).number == 2
    assert Publication.objects.filter(withdrawn_at=None).count() == 1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_withdrawing_needs_a_reason(session, finished, staff, reason):
    publish(staff, session)

    with pytest.raises(Refusal) as refused:
        withdraw_results(Actor(staff), session.code, reason)

    assert refused.value.code == "reason"
    assert ExamSession.objects.get(pk=session.pk).published_at is not None


def test_withdrawing_what_is_not_published(session, staff):
    with pytest.raises(Refusal) as refused:
        withdraw_results(Actor(staff), session.code, "x")
    assert refused.value.code == "not_published"


# --- races -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_meets_a_publication_comes_before_it_or_not_at_all():
    """Unlocking a passed application while its session is published: never both."""
    factories.ReasonFactory(code="BLUR")
    for _ in range(6):
        session = factories.make_session()
        application = factories.decided("passed", session)
        factories.close_window(session)
        # Time is left for this candidate, so that unlocking is possible; once done it stands in the way.
        Application.objects.filter(pk=application.pk).update(corrections_until=timezone.now() + timedelta(days=1))
        staff, reviewer = factories.region_staff(session.region), factories.region_reviewer(session.region)
        version = now_of(application).version

        unlocked, published = at_once(
            lambda a=application, r=reviewer, v=version: unlock_item(Actor(r), a.pk, "EDU", version=v, reason="BLUR"),
            lambda s=session, u=staff: publish(u, s),
        )

        status = now_of(application).status
        assert len(refusals([unlocked, published])) == 1
        if isinstance(published, Publication):
            assert status == "passed"
            assert published.counts["passed"] == 1
        else:
            assert status == "returned"
            assert ExamSession.objects.get(pk=session.pk).published_at is None


@pytest.mark.django_db(transaction=True)
def test_a_finish_that_meets_a_publication_is_counted_in_it_or_stands_in_its_way():
    for _ in range(6):
        session = factories.make_session()
        application = factories.submitted(session)
        Application.objects.filter(pk=application.pk).update(stage="region")
        staff, reviewer = factories.region_staff(session.region), factories.region_reviewer(session.region)
        for code in ("ID", "EDU"):
            judge(reviewer, application, code)
        factories.close_window(session)
        version = now_of(application).version

        finish, published = at_once(
            lambda a=application, r=reviewer, v=version: finish_review(Actor(r), a.pk, version=v, outcome="pass"),
            lambda s=session, u=staff: publish(u, s),
        )

        assert isinstance(finish, Application)
        assert now_of(application).status == "passed"
        if isinstance(published, Publication):
            assert published.counts["passed"] == 1
        else:
            assert refusals([published]) == ["obstacles"]


@pytest.mark.django_db(transaction=True)
def test_published_by_two_at_once_is_published_once():
    session = factories.make_session()
    factories.decided("passed", session)
    factories.close_window(session)
    staff = factories.region_staff(session.region)

    results = at_once(*(lambda: publish(staff, session) for _ in range(4)))

    assert refusals(results) == ["obstacles"] * 3
    assert Message.objects.filter(kind="published").count() == 1
