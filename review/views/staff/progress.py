"""How far a session has come. Every number leads to the list that it counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from candidates.enums import Action
from candidates.models import ExamSession, Site
from materials.enums import Stage
from review.access import StaffRequest, staff_page
from review.enums import Progress
from review.progress import FEWEST, OVER_HOURS, Hour, Waiting, counts_of, forecast, hours_of, paces_of, waiting_of

from .pages import page, session_to_run, trail_of

_STEP = 16  # from one hour's bar to the next, in the chart's own units
_HEIGHT = 100
_LABEL_EVERY = 6  # hours


@dataclass(frozen=True)
class Cell:
    """A number and where the list is that it counts."""

    number: int
    address: str


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
    query = {"session__id__exact": session.pk} | ({"site__id__exact": site.pk} if site else {}) | chosen
    return f"{reverse('admin:materials_application_changelist')}?{urlencode(query)}"


def _events(session: ExamSession, action: str, hour: Hour) -> str:
    """The admin's list of events of one kind within an hour."""
    start = hour.start.astimezone(UTC)
    query = {
        "session__id__exact": session.pk,
        "action__exact": action,
        "at__gte": start.isoformat(),
        "at__lt": (start + timedelta(hours=1)).isoformat(),
    }
    return f"{reverse('admin:candidates_event_changelist')}?{urlencode(query)}"


def _waiting_row(session: ExamSession, waiting: Waiting, now: datetime) -> dict[str, Any]:
    chosen = {"progress": Progress.AT_SITE if waiting.stage == Stage.SITE else Progress.AT_REGION}
    over = [
        (Cell(number, _applications(session, waiting.site, **chosen, waiting=hours)), 100 * number / waiting.number)
        for hours, number in waiting.over.items()
    ]
    return {
        "waiting": waiting,
        "stage": Stage(waiting.stage).label,
        "all": Cell(waiting.number, _applications(session, waiting.site, **chosen)),
        "median": now - waiting.median,
        "over": over,
    }


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
    now = timezone.now()
    counts, waiting, hours = counts_of(session), waiting_of(session, now), hours_of(session, now)
    in_all = counts[0].numbers
    context = {
        "session": session,
        "now": now,
        "states": Progress.labels,
        "counts": [
            (
                row.site,
                [Cell(row.numbers[state], _applications(session, row.site, progress=state)) for state in Progress],
            )
            for row in counts
        ],
        "waiting": [_waiting_row(session, entry, now) for entry in waiting],
        "over_hours": OVER_HOURS,
        "charts": [
            _chart(_("Uploads by hour"), hours, lambda hour: hour.uploads),
            _chart(_("Submissions by hour"), hours, lambda hour: hour.submissions),
        ],
        "chart_width": len(hours) * _STEP,
        "hours": [
            (
                hour,
                Cell(hour.uploads, _events(session, Action.PHOTO_ADDED, hour)),
                Cell(hour.submissions, _events(session, Action.SUBMITTED, hour)),
            )
            for hour in reversed(hours)
        ],
        "forecasts": forecast(session, now, waiting, paces_of(session, now)),
        "fewest": FEWEST,
        "to_come": {
            state.value: Cell(in_all[state], _applications(session, None, progress=state))
            for state in (Progress.NOT_ACTIVATED, Progress.DRAFT, Progress.COMPLETE, Progress.RETURNED)
        },
    }
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return page(request, "admin/staff/progress.html", _("Progress"), context, trail=trail_of(session))
