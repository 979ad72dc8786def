"""Dates as people write them, for pages, sentences, SMS and mail. (Columns of the admin: exam_portal/formats/.)

``zone`` is the region's time zone, by name; without it the one that is active (candidates/access.py). What is meant as
an end is written by ``until``: a window that closes at midnight is open for the whole day before, so its end is 24:00
of that day. 00:00 of the next one would be read as a day more.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# One time is in force in all of mainland China, whatever IANA calls it.
BEIJING = {"Asia/Shanghai", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "PRC"}


def moment(instant: datetime, zone: str | None = None) -> str:
    """2026年11月30日（周一）18:00, Monday 30 November 2026, 18:00."""
    return formats.date_format(_local(instant, zone), _("l j F Y, H:i"))


def until(instant: datetime, zone: str | None = None, now: datetime | None = None) -> str:
    """The same for an end. With ``now``, what is near is said: 今天（11月30日）18:00.

    Only for what is read at once: in an SMS "today" would be wrong the next morning.
    """
    day, clock = _end(_local(instant, zone))
    days = (day - _local(now, zone).date()).days if now is not None and now < instant else None
    if days not in (0, 1):
        return _("{day}, {clock}").format(day=formats.date_format(day, _("l j F Y")), clock=clock)
    pattern = _("today ({day}), {clock}") if days == 0 else _("tomorrow ({day}), {clock}")
    return pattern.format(day=formats.date_format(day, _("j F")), clock=clock)


def until_briefly(instant: datetime, zone: str | None = None) -> str:
    """An end without its year, for an SMS: 11月30日（周一）18:00, Mon 30 Nov, 18:00."""
    day, clock = _end(_local(instant, zone))
    return _("{day}, {clock}").format(day=formats.date_format(day, _("D j M")), clock=clock)


def exactly(instant: datetime, zone: str | None = None) -> str:
    """To the second, for records that staff compare: 2026年11月30日 18:00:05."""
    return formats.date_format(_local(instant, zone), _("j F Y, H:i:s"))


def day_of(instant: datetime, now: datetime) -> str:
    """The day, for a heading: 今天 2026年11月30日（周一）."""
    day, today = timezone.localtime(instant).date(), timezone.localtime(now).date()
    words = formats.date_format(day, _("l j F Y"))
    if day == today:
        return _("Today, {day}").format(day=words)
    if day == today - timedelta(days=1):
        return _("Yesterday, {day}").format(day=words)
    return words


def clock(instant: datetime) -> str:
    """The time alone, where the day is said beside it."""
    return formats.time_format(timezone.localtime(instant), "TIME_FORMAT")


def moment_tag(instant: datetime, zone: str | None = None) -> SafeString:
    return tag(instant, moment(instant, zone), zone)


def until_tag(instant: datetime, zone: str | None = None, now: datetime | None = None) -> SafeString:
    return tag(instant, until(instant, zone, now), zone)


def tag(instant: datetime, words: str, zone: str | None = None) -> SafeString:
    """The words for people, the instant for machines."""
    return format_html('<time datetime="{}">{}</time>', _local(instant, zone).isoformat(timespec="seconds"), words)


def zone_name(zone: str | None = None) -> str:
    """What a candidate abroad must know: Beijing time."""
    name = zone or timezone.get_current_timezone_name()
    return _("Beijing time") if name in BEIJING else _("{zone} time").format(zone=name)


def _local(instant: datetime, zone: str | None) -> datetime:
    return timezone.localtime(instant, ZoneInfo(zone) if zone else None)


def _end(local: datetime) -> tuple[date, str]:
    """The last day before this instant, and the time on it."""
    if (local.hour, local.minute) == (0, 0):
        return (local - timedelta(days=1)).date(), "24:00"
    return local.date(), f"{local:%H:%M}"
