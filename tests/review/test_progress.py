"""How far a session has come: the numbers, the lists behind them, the hours and the forecast."""

import re
from datetime import datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Site
from candidates.services.events import OPERATOR, make_event
from materials.models import Application, Category
from materials.rules import is_missing
from materials.selectors import complete_drafts, items_of
from review.enums import Progress
from review.progress import (
    DAY,
    FEWEST,
    Pace,
    Waiting,
    count_progress,
    counts_of,
    forecast,
    hours_of,
    paces_of,
    waiting_of,
)
from tests import factories

from . import desk

NOON = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def sites_of(session) -> dict[int, Site]:
    return {site.pk: site for site in session.region.sites.order_by("code")}


def address(session) -> str:
    return reverse("staff_progress", args=[session.code])


@pytest.fixture
def everywhere(session) -> dict[str, int]:
    """Applications in every state at two sites, some in another session; how many are where at the first."""
    elsewhere = factories.SiteFactory(region=session.region, code="Z")
    factories.draft(session, activated=False)
    factories.draft(session, activated=False)
    for _ in range(3):
        factories.draft(session)
    factories.fill(factories.draft(session))
    for site in (None, elsewhere, elsewhere):
        factories.submitted(session, site=site)
    at_region = factories.submitted(session)
    desk.pass_through(at_region, factories.site_reviewer(at_region.site))
    factories.returned(session)
    factories.decided("passed", session)
    factories.decided("passed", session)
    factories.decided("rejected", session)
    other = factories.SessionFactory(region=session.region)
    factories.load_catalogue(other, ("ID", "EDU"))
    factories.fill(factories.draft(other))
    return {
        "not_activated": 2,
        "draft": 4,
        "complete": 1,
        "at_site": 1,
        "at_region": 1,
        "returned": 1,
        "passed": 2,
        "rejected": 1,
    }


def test_how_many_are_where(session, everywhere) -> None:
    in_all, first, second = counts_of(sites_of(session), count_progress(session, timezone.now()))

    assert {state: first.numbers[state] for state in Progress} == everywhere
    assert +second.numbers == {"at_site": 2}
    assert in_all.numbers["at_site"] == 3
    once = [in_all.numbers[state] for state in Progress if state != Progress.COMPLETE]
    assert sum(once) == Application.objects.filter(session=session).count()


def test_the_page_says_how_many_there_are_in_all(session, everywhere) -> None:
    client = desk.signed_in(factories.region_staff(session.region))
    in_all, first, second = client.get(address(session)).context["counts"].rows
    assert (first[1].text, second[1].text) == (sum(everywhere.values()) - everywhere["complete"], 2)
    assert in_all[1].text == Application.objects.filter(session=session).count()


def test_every_number_leads_to_a_list_of_that_length(session, everywhere) -> None:
    Application.objects.filter(session=session, stage="region", status="submitted").update(
        submitted_at=timezone.now() - timedelta(hours=80)
    )
    client = desk.signed_in(factories.region_staff(session.region))
    html = client.get(address(session)).content.decode()
    numbers = re.findall(r'<a href="(/admin/(?:materials|candidates)/\w+/\?[^"]+)">\s*(\d+)', html)

    assert len(numbers) > 100
    assert len({number for _address, number in numbers}) > 3
    for link, number in numbers:
        assert client.get(unescape(link)).context["cl"].result_count == int(number), link


# --- complete drafts -------------------------------------------------------------------------------


def without(application: Application, code: str) -> None:
    application.items.get(category__code=code).photos.filter(position=1).delete()


@pytest.mark.parametrize(
    ("change", "complete"),
    [
        ({}, True),
        ({"levels": ["assistant"]}, True),
        ({"levels": ["physician", "assistant"]}, False),
        ({"tracks": ["dental"]}, True),
        ({"tracks": ["clinical"]}, False),
        ({"flags_any": ["military"]}, True),
        ({"flags_any": ["military", "repeat"]}, False),
        ({"requirement": "off"}, True),
        ({"requirement": "optional"}, True),
    ],
)
def test_a_draft_is_complete_when_the_rules_miss_nothing(session, change, complete) -> None:
    application = factories.draft(session, flags=["repeat"])
    factories.fill(application)
    changed = {"requirement": "required", "min_photos": 1} | change
    if change:
        Category.objects.filter(session=session, code="OTHER").update(**changed)

    items = items_of(application, application.candidate)
    missing = [item for item in items if is_missing(item, len(item.photo_list), application.candidate)]

    assert (missing == []) is complete
    assert Application.objects.filter(complete_drafts()).exists() is complete


def test_an_optional_item_that_is_begun_must_be_finished(session) -> None:
    application = factories.draft(session)
    factories.fill(application)
    factories.make_photo(application, "OTHER")
    Category.objects.filter(session=session, code="OTHER").update(min_photos=2, max_photos=2)

    assert not Application.objects.filter(complete_drafts()).exists()


def test_neither_an_empty_draft_nor_half_an_item_is_complete(session) -> None:
    factories.draft(session)
    half = factories.draft(session)
    factories.fill(half)
    without(half, "ID")

    assert not Application.objects.filter(complete_drafts()).exists()


# --- what waits ------------------------------------------------------------------------------------


def test_how_long_it_waits(session) -> None:
    now = timezone.now()
    for hours in (1, 30, 80):
        application = factories.submitted(session)
        Application.objects.filter(pk=application.pk).update(submitted_at=now - timedelta(hours=hours))
    factories.draft(session)

    in_all, at_site = waiting_of(sites_of(session), count_progress(session, now))

    assert (in_all.site, in_all.stage, in_all.number) == (None, "site", 3)
    assert (at_site.site, at_site.oldest) == (application.site, now - timedelta(hours=80))
    assert at_site.median == timedelta(hours=30)
    assert at_site.over == {24: 2, 72: 1}


# --- by the hour -----------------------------------------------------------------------------------


def happened(action: str, session, at: datetime) -> None:
    event = make_event(action, OPERATOR, session=session)
    event.at = at
    event.save()


def test_hours_are_the_regions(session) -> None:
    session.region.time_zone = "Asia/Kathmandu"  # a quarter past UTC's hours
    other = factories.make_session(region=session.region)
    now = datetime(2026, 11, 24, 6, 20, tzinfo=ZoneInfo("UTC"))  # 12:05
    for minutes in (1, 4, 6):
        happened(Action.PHOTO_ADDED, session, now - timedelta(minutes=minutes))
    happened(Action.SUBMITTED, session, now - timedelta(minutes=6))
    happened(Action.SUBMITTED, session, now - timedelta(hours=48))
    happened(Action.SUBMITTED, other, now)

    hours = hours_of(session, now, count_progress(session, now))

    assert len(hours) == 48
    assert f"{hours[-1].start:%H:%M}" == "12:00"
    assert [(hour.uploads, hour.submissions) for hour in hours[-2:]] == [(1, 1), (2, 0)]
    assert sum(hour.uploads + hour.submissions for hour in hours) == 4


# --- the forecast ----------------------------------------------------------------------------------


def waits(site, stage: str, number: int) -> Waiting:
    return Waiting(site, stage, number, NOON, timedelta(), {})


def test_decisions_of_a_day_are_the_pace(session, application, at_site) -> None:
    others = [factories.submitted(session) for _ in range(2)]
    desk.accept_all(at_site, application)
    desk.finish(at_site, application, "pass")
    desk.send_for_correction(at_site, others[0], "EDU")
    desk.unlock(at_site, others[1], "EDU")
    now = timezone.now()

    assert paces_of(count_progress(session, now)) == {(application.site_id, "site"): Pace(decided=2, passed=1)}
    assert paces_of(count_progress(session, now + DAY)) == {}


def test_the_region_gets_what_the_sites_pass_and_ends_after_them(session) -> None:
    site = session.region.sites.get()
    waiting = [waits(None, "site", 40), waits(site, "site", 40), waits(None, "region", 10), waits(site, "region", 10)]

    fast = {(site.pk, "site"): Pace(20, 10), (site.pk, "region"): Pace(60, 60)}
    at_site, at_region = forecast(session, NOON, waiting, fast)
    assert (at_site.waiting, at_site.done_at) == (40, NOON + 2 * DAY)
    assert (at_region.waiting, at_region.coming, at_region.done_at) == (10, 20, NOON + 2 * DAY)

    slow = fast | {(site.pk, "region"): Pace(10, 10)}
    assert forecast(session, NOON, waiting, slow)[1].done_at == NOON + 3 * DAY


def test_too_little_to_forecast_from(session) -> None:
    site = session.region.sites.get()
    waiting = [waits(None, "site", 40), waits(site, "site", 40)]
    paces = {(site.pk, "site"): Pace(FEWEST - 1, 0), (site.pk, "region"): Pace(100, 100)}

    at_site, at_region = forecast(session, NOON, waiting, paces)

    assert (at_site.is_unknown, at_site.done_at) == (True, None)
    assert (at_region.is_unknown, at_region.coming, at_region.done_at) == (False, 40, None)


def test_nothing_waits_nothing_is_forecast(session) -> None:
    assert forecast(session, NOON, [], {}) == []


def test_a_session_of_one_stage_ends_with_it(session) -> None:
    site = session.region.sites.get()
    session.stages = "site"

    (only,) = forecast(
        session, NOON, [waits(None, "site", 5), waits(site, "site", 5)], {(site.pk, "site"): Pace(10, 9)}
    )

    assert only.done_at == NOON + DAY / 2


@pytest.mark.parametrize(
    ("closes", "corrections", "sentence"),
    [(20, 30, "before the upload window closes"), (-1, 30, "before corrections end"), (-2, -1, "too late")],
)
def test_the_forecast_against_the_deadlines(session, application, at_site, closes, corrections, sentence) -> None:
    for _ in range(FEWEST):
        desk.send_for_correction(at_site, factories.submitted(session, site=application.site), "EDU")
    now = timezone.now()
    session.opens_at = now - timedelta(days=9)
    session.closes_at, session.corrections_until = now + timedelta(days=closes), now + timedelta(days=corrections)
    session.save()

    html = desk.signed_in(factories.region_staff(session.region)).get(address(session)).content.decode()

    assert sentence in html
    # Once corrections are over nothing more comes in.
    assert ("10 corrections" in html) is (corrections > 0)


# --- the page --------------------------------------------------------------------------------------


def test_the_page_of_a_session_in_which_nothing_happened(session) -> None:
    html = desk.signed_in(factories.region_staff(session.region)).get(address(session)).content.decode()

    assert "Nothing waits" in html
    assert html.count("<svg") >= 2
    assert "<rect" not in html.split('id="content-main"')[1]
    assert 'style="' not in html.split('id="content-main"')[1]


def test_the_session_leads_to_it(session) -> None:
    client = desk.signed_in(factories.region_staff(session.region))

    assert address(session) in client.get(reverse("admin:candidates_examsession_changelist")).content.decode()


def queries(session) -> int:
    client = desk.signed_in(factories.region_staff(session.region))
    with CaptureQueriesContext(connection) as context:
        assert client.get(address(session)).status_code == 200
    return len(context)


def test_the_same_number_of_queries(session, application) -> None:
    at_one = queries(session)
    for _ in range(2):
        factories.submitted(session, site=factories.SiteFactory(region=session.region))
        factories.returned(session)

    assert queries(session) == at_one
    assert at_one <= 14
