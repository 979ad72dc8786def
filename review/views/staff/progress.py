"""How far a session has come. Every number leads to the list that it counts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from candidates.enums import Action
from candidates.models import Event, ExamSession, Site
from candidates.replica import reads_from_replica
from materials.enums import Stage
from materials.models import Application
from materials.session_acts import list_of
from materials.templatetags.portal import moment
from review.access import StaffRequest, staff_page
from review.enums import Progress
from review.figures import figures_of
from review.progress import (
    FEWEST,
    Forecast,
    Hour,
    Standing,
    Waiting,
    counts_of,
    forecast,
    hours_of,
    paces_of,
    waiting_choices,
    waiting_of,
)

from .pages import page, session_to_run, trail_of
from .tables import Cell, Table, head, number, site_head

_STEP = 16  # from one hour's bar to the next, in the chart's own units
_HEIGHT = 100
_LABEL_EVERY = 6  # hours


@dataclass(frozen=True)
class Bar:
    """One hour in a chart, in the chart's own units; ``label`` only at every sixth."""

    left: int
    top: int
    height: int
    label: str


@dataclass(frozen=True)
class Chart:
    title: str
    most: int
    bars: list[Bar]


def _applications(session: ExamSession, site: Site | None, **chosen: Any) -> str:
    """The admin's list of applications, narrowed."""
    return list_of(Application, session, **({"site__id__exact": site.pk} if site else {}), **chosen)


def _events(session: ExamSession, action: str, hour: Hour) -> str:
    """The admin's list of events of one kind within an hour."""
    start = hour.start.astimezone(UTC)
    end = start + timedelta(hours=1)
    return list_of(Event, session, action__exact=action, at__gte=start.isoformat(), at__lt=end.isoformat())


def _counts(session: ExamSession, standings: list[Standing]) -> Table:
    def row(standing: Standing) -> list[Cell]:
        numbers, site = standing.numbers, standing.site
        in_all = sum(numbers[state] for state in Progress if state != Progress.COMPLETE)
        return [
            site_head(site, _("All")),
            number(in_all, _applications(session, site)),
            *(number(numbers[state], _applications(session, site, progress=state)) for state in Progress),
        ]

    headings = [_("Site"), _("Candidates"), *Progress.labels]
    return Table(headings, [row(standing) for standing in standings], _("Where the applications are"))


def _waiting(session: ExamSession, waiting: list[Waiting], now: datetime) -> Table:
    def row(entry: Waiting) -> list[Cell]:
        chosen = {"progress": Progress.AT_SITE if entry.stage == Stage.SITE else Progress.AT_REGION}
        over = [
            number(
                count,
                _applications(session, entry.site, **chosen, waiting=hours),
                f"· {round(100 * count / entry.number)} %",
            )
            for hours, count in entry.over.items()
        ]
        return [
            Cell(Stage(entry.stage).label),
            site_head(entry.site, _("All")),
            number(entry.number, _applications(session, entry.site, **chosen)),
            number(timesince(entry.oldest, now)),
            number(timesince(now - entry.median, now)),
            *over,
        ]

    headings = [_("Stage"), _("Site"), _("Waiting for a decision"), _("Oldest"), _("Median")]
    headings += [label for _hours, label in waiting_choices()]
    caption = _("What waits for a decision, since it was last submitted")
    return Table(headings, [row(entry) for entry in waiting], caption)


def _forecasts(session: ExamSession, forecasts: list[Forecast]) -> Table:
    headings = [
        _("Who decides"),
        _("Waiting for a decision"),
        _("Still to come from the sites"),
        _("Decided in 24 hours"),
        _("Done"),
    ]
    rows = [
        [
            site_head(entry.site, session.region),
            number(entry.waiting),
            number("–" if entry.site else entry.coming),
            number(entry.decided),
            Cell(_done(session, entry)),
        ]
        for entry in forecasts
    ]
    return Table(headings, rows, _("When what waits now would be done, at the pace of the last 24 hours"))


def _done(session: ExamSession, entry: Forecast) -> Any:
    if entry.is_unknown:
        fewest = {"fewest": FEWEST}
        return _("Too little to forecast from: fewer than %(fewest)s decisions in 24 hours.") % fewest
    if entry.done_at is None:
        return _("Cannot be said as long as a site cannot be forecast.")
    done = moment(entry.done_at)
    if entry.done_at <= session.closes_at:
        return format_html("{} · {}", done, _("before the upload window closes"))
    if entry.done_at <= session.corrections_until:
        return format_html("{} · {}", done, _("before corrections end"))
    return format_html("<strong>{} · {}</strong>", done, _("too late: after corrections end"))


def _hours(session: ExamSession, hours: list[Hour]) -> Table:
    rows = [
        [
            head(moment(hour.start)),
            number(hour.uploads, _events(session, Action.PHOTO_ADDED, hour)),
            number(hour.submissions, _events(session, Action.SUBMITTED, hour)),
        ]
        for hour in reversed(hours)
    ]
    headings = [_("From"), _("Uploads"), _("Submitted")]
    return Table(headings, rows, _("Uploads and submissions by hour, the newest first"))


def _to_come(session: ExamSession, numbers: Counter[str], now: datetime) -> dict[str, Cell]:
    """What may still come in; nothing once corrections are over."""
    states = (Progress.NOT_ACTIVATED, Progress.DRAFT, Progress.COMPLETE, Progress.RETURNED)
    if now >= session.corrections_until:
        return {}
    return {state.value: number(numbers[state], _applications(session, None, progress=state)) for state in states}


def _chart(title: str, hours: list[Hour], number_of: Callable[[Hour], int]) -> Chart:
    most = max(number_of(hour) for hour in hours)
    bars = []
    for place, hour in enumerate(hours):
        # A single one among thousands is still to be seen.
        height = -(-_HEIGHT * number_of(hour) // most) if most else 0
        label = "" if hour.start.hour % _LABEL_EVERY else f"{hour.start:%H:%M}"
        bars.append(Bar(place * _STEP, _HEIGHT - height, height, label))
    return Chart(title, most, bars)


@staff_page
@require_safe
def show(request: StaffRequest, code: str) -> HttpResponse:
    session = session_to_run(request.user, code)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _show(request, session, timezone.now())


@reads_from_replica
def _show(request: StaffRequest, session: ExamSession, now: datetime) -> HttpResponse:
    counted = figures_of(session, "progress", now)
    figures, now = counted.figures, counted.at
    sites = {site.pk: site for site in session.region.sites.order_by("code")}
    counts, waiting, hours = counts_of(sites, figures), waiting_of(sites, figures), hours_of(session, now, figures)
    context = {
        "session": session,
        "counted": counted,
        "counts": _counts(session, counts),
        "waiting": _waiting(session, waiting, now),
        "forecasts": _forecasts(session, forecast(session, now, waiting, paces_of(figures))),
        "charts": [
            _chart(_("Uploads by hour"), hours, lambda hour: hour.uploads),
            _chart(_("Submissions by hour"), hours, lambda hour: hour.submissions),
        ],
        "chart_width": len(hours) * _STEP,
        "hours": _hours(session, hours),
        "to_come": _to_come(session, counts[0].numbers, now),
    }
    return page(request, "admin/staff/progress.html", _("Progress"), context, trail=trail_of(session))
