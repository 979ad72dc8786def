"""How a session is being reviewed: each reviewer's numbers, and what is asked for most."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from candidates.models import ExamSession
from candidates.replica import reads_from_replica
from materials.templatetags.portal import span
from review.access import StaffRequest, staff_page
from review.figures import figures_of
from review.selectors import unsettled
from review.statistics import Agreement, Asked, Work, agreement_of, asked_for, work_of

from .pages import page, session_to_run, trail_of
from .tables import Cell, Table, head, number

_BAR_WIDTH = 400  # of the longest bar, in the chart's own units
_BAR_HEIGHT = 28


@dataclass(frozen=True)
class Bar:
    """One category in the chart: where it stands and how long it is, in the chart's own units."""

    asked: Asked
    top: int
    text: int
    length: int


def _bars(asked: list[Asked]) -> list[Bar]:
    most = max((entry.count for entry in asked), default=1)
    return [
        Bar(entry, number * _BAR_HEIGHT, number * _BAR_HEIGHT + 18, max(2, _BAR_WIDTH * entry.count // most))
        for number, entry in enumerate(asked)
    ]


def _work(work: list[Work]) -> Table:
    headings = [
        _("Reviewer"), _("Reviews for"), _("Decided"), _("Passed"), _("Returned"), _("Rejected"), _("Sent back"),
        _("Reversed later"), _("Median time"),
    ]  # fmt: skip
    rows = [
        [
            head(row.reviewer),
            Cell(row.reviewer.site or row.reviewer.region or "–"),
            number(row.decided),
            number(row.passed),
            number(row.returned),
            number(row.rejected),
            number(row.sent_back),
            number(row.reversed_later),
            number(span(row.median)),
        ]
        for row in work
    ]
    return Table(headings, rows, _("Reviewers"), _("Nothing is decided yet."))


def _agreement(agreement: list[Agreement]) -> Table:
    headings = [
        _("Passed by"), _("Drawn"), _("Done"), _("Agreed"), _("Disagreed"), _("Rate of disagreement"),
    ]  # fmt: skip
    rows = [
        [
            head(row.reviewer or _("All")),
            number(row.drawn),
            number(row.done),
            number(row.agreed),
            number(row.disagreed),
            number("–" if row.rate is None else f"{floatformat(row.rate, 1)} %"),
        ]
        for row in agreement
    ]
    return Table(headings, rows, _("How second looks judged what was passed"))


def _asked(asked: list[Asked]) -> Table:
    rows = [
        [
            head(entry.name),
            number(entry.count),
            Cell(" · ".join(f"{reason} {count}" for reason, count in entry.reasons)),
        ]
        for entry in asked
    ]
    return Table([_("Category"), _("Times"), _("Reasons")], rows, _("Changes asked for, by category and reason"))


@staff_page
@require_safe
def show(request: StaffRequest, code: str) -> HttpResponse:
    session = session_to_run(request.user, code)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _show(request, session)


@reads_from_replica
def _show(request: StaffRequest, session: ExamSession) -> HttpResponse:
    counted = figures_of(session, "reviews", timezone.now())
    figures = counted.figures
    asked = asked_for(session, figures)
    context = {
        "session": session,
        "counted": counted,
        "work": _work(work_of(figures)),
        "agreement": _agreement(agreement_of(figures)),
        "unsettled": unsettled(session).count(),
        "asked": _asked(asked),
        "bars": _bars(asked),
        "chart_height": max(1, len(asked)) * _BAR_HEIGHT,
    }
    return page(request, "admin/staff/reviews.html", _("Reviews in numbers"), context, trail=trail_of(session))
