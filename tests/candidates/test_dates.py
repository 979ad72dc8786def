"""Dates as people write them (candidates/dates.py): both languages, midnight, what is near, the time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

from candidates import dates
from tests import factories

ZONE = "Asia/Shanghai"


def beijing(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(ZONE))


EVENING = beijing(2026, 11, 30, 18, 0)
MIDNIGHT = beijing(2026, 12, 1, 0, 0)


@pytest.mark.parametrize(
    ("write", "instant", "chinese", "english"),
    [
        (dates.moment, EVENING, "2026年11月30日（周一）18:00", "Monday 30 November 2026, 18:00"),
        (dates.moment, MIDNIGHT, "2026年12月1日（周二）00:00", "Tuesday 1 December 2026, 00:00"),
        (dates.until, EVENING, "2026年11月30日（周一）18:00", "Monday 30 November 2026, 18:00"),
        (dates.until, MIDNIGHT, "2026年11月30日（周一）24:00", "Monday 30 November 2026, 24:00"),
        (dates.until_briefly, EVENING, "11月30日（周一）18:00", "Mon 30 Nov, 18:00"),
        (dates.until_briefly, MIDNIGHT, "11月30日（周一）24:00", "Mon 30 Nov, 24:00"),
        (dates.exactly, EVENING.replace(second=5), "2026年11月30日 18:00:05", "30 November 2026, 18:00:05"),
    ],
)
def test_written_in_both_languages(write, instant, chinese, english):
    for language, expected in (("zh-hans", chinese), ("en", english)):
        with override(language):
            assert write(instant.astimezone(UTC), ZONE) == expected


@pytest.mark.parametrize(
    ("now", "chinese", "english"),
    [
        (beijing(2026, 11, 30, 8, 0), "今天（11月30日）18:00", "today (30 November), 18:00"),
        (beijing(2026, 11, 29, 23, 59), "明天（11月30日）18:00", "tomorrow (30 November), 18:00"),
        (beijing(2026, 11, 28, 23, 59), "2026年11月30日（周一）18:00", "Monday 30 November 2026, 18:00"),
        # What is over is not near.
        (EVENING, "2026年11月30日（周一）18:00", "Monday 30 November 2026, 18:00"),
    ],
)
def test_a_near_end_is_today_or_tomorrow_with_its_date(now, chinese, english):
    for language, expected in (("zh-hans", chinese), ("en", english)):
        with override(language):
            assert dates.until(EVENING, ZONE, now) == expected


def test_midnight_ends_the_day_before_it():
    with override("zh-hans"):
        assert dates.until(MIDNIGHT, ZONE, MIDNIGHT - timedelta(minutes=5)) == "今天（11月30日）24:00"
        assert dates.until(MIDNIGHT, ZONE, MIDNIGHT - timedelta(hours=25)) == "明天（11月30日）24:00"


def test_what_day_it_is_depends_on_the_regions_time_zone():
    now = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)  # 23:59 in Beijing, 21:59 in Urumqi by its own clocks
    end = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    with override("zh-hans"):
        assert dates.until(end, ZONE, now) == "明天（12月1日）01:00"
        assert dates.until(end, "Asia/Urumqi", now) == "今天（11月30日）23:00"


def test_the_time_zone_by_name():
    for language, beijing_time, other in (("zh-hans", "北京时间", "Asia/Urumqi时间"), ("en", "Beijing time", None)):
        with override(language):
            assert dates.zone_name(ZONE) == beijing_time
            assert dates.zone_name("Asia/Urumqi") == (other or "Asia/Urumqi time")


def test_machines_get_the_instant_itself():
    page = Template("{% load portal %}{{ at|moment }} {{ at|deadline }} {{ at|exact }} {{ none|moment }}")
    with timezone.override(ZoneInfo(ZONE)), override("en"):
        html = page.render(Context({"at": MIDNIGHT, "none": None}))
    assert html.count('<time datetime="2026-12-01T00:00:00+08:00">') == 3
    assert "Monday 30 November 2026, 24:00</time>" in html


@pytest.mark.django_db
def test_a_window_that_closes_at_midnight_is_shown_as_open_the_whole_day(client, monkeypatch):
    # Whatever else the pages say: no other date may be a 1 December.
    monkeypatch.setattr(timezone, "now", lambda: beijing(2036, 11, 4, 12, 0))
    session = factories.make_session(
        closes_at=beijing(2036, 12, 1, 0, 0), corrections_until=beijing(2036, 12, 11, 0, 0)
    )
    client.force_login(factories.make_candidate(session).user)
    for path in ("/", "/registration/", "/materials/"):
        page = client.get(path).content.decode()
        assert '<time datetime="2036-12-01T00:00:00+08:00">2036年11月30日（周日）24:00</time>' in page, path
        assert "12月1日" not in page, path
