"""How a session is being reviewed: each reviewer's numbers, and what is asked for most."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from review.access import StaffRequest, staff_page
from review.selectors import unsettled
from review.statistics import Asked, agreement_of, asked_for, work_of

from .pages import page, session_to_run, trail_of

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


@staff_page
@require_safe
def show(request: StaffRequest, code: str) -> HttpResponse:
    session = session_to_run(request.user, code)
    asked = asked_for(session)
    context = {
        "session": session,
        "work": work_of(session),
        "agreement": agreement_of(session),
        "unsettled": unsettled(session).count(),
        "asked": asked,
        "bars": _bars(asked),
        "chart_height": max(1, len(asked)) * _BAR_HEIGHT,
    }
    return page(request, "admin/staff/reviews.html", _("Reviews in numbers"), context, trail=trail_of(session))
