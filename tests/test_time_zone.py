"""Staff see every time in their region's time zone: what was typed on one page is what stands on the next."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.services.events import Actor
from review.services import claims
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db

OPENS = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def session():
    """In Ürümqi it is two hours earlier than in the installation's own time zone, Shanghai."""
    region = factories.RegionFactory(time_zone="Asia/Urumqi")
    factories.SiteFactory(region=region)
    return factories.make_session(region=region, opens_at=OPENS)


@pytest.fixture
def application(session):
    return factories.submitted(session)


def listed(client, model: str) -> str:
    return client.get(reverse(f"admin:{model}_changelist")).content.decode()


def test_a_list_says_what_the_page_says(session):
    staff = signed_in(factories.region_staff(session.region))

    assert "2026年3月1日（周日）09:00" in listed(staff, "candidates_examsession")
    assert 'value="2026-03-01T09:00:00"' in staff.get(change_address(session)).content.decode()


def test_events_are_told_in_the_region_s_time(session, application):
    staff = signed_in(factories.region_staff(session.region))
    event = application.candidate.events.first()

    here = timezone.localtime(event.at, ZoneInfo("Asia/Urumqi"))
    assert f"{here:%H:%M}" in listed(staff, "candidates_event")


def test_nobody_else_s_time_zone_changes(session):
    administrator = signed_in(factories.administrator())

    assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    signed_in(factories.region_staff(session.region)).get("/admin/")
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"
    # An administrator has no region: a session's times are its own region's all the same.
    assert "2026年3月1日（周日）09:00" in listed(administrator, "candidates_examsession")


def test_the_page_of_a_session_names_the_time_zone(session):
    assert "Asia/Urumqi" in signed_in(factories.administrator()).get(change_address(session)).content.decode()


@pytest.mark.parametrize("make", [factories.region_reviewer, None])
def test_a_beat_tells_the_time_that_the_screen_tells(session, application, make):
    session.stages = "region"
    session.save()
    application = factories.submitted(session)
    user = make(session.region) if make else factories.administrator()
    claims.claim(Actor(user), application.pk)
    client = signed_in(user)

    said = client.post(reverse("review_beat", args=[application.pk])).json()["until"]

    assert (
        f"<strong data-until>{said}</strong>"
        in client.get(reverse("review_screen", args=[application.pk])).content.decode()
    )
