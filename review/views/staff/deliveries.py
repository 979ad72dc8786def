"""What became of a session's messages, what was sent to lists, and who was reminded when."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.enums import DeliveryStatus, MessageKind
from candidates.models import ExamSession
from candidates.selectors import Outcome, failures_of, outcomes_of, reminders_of
from candidates.services.events import Actor
from candidates.services.messages import try_again
from review.access import StaffRequest, staff_page
from review.enums import Progress
from review.models import Circular

from .pages import page, session_to_run, trail_of

MOST = 100


@dataclass(frozen=True)
class Row:
    """What became of one kind, or of one message to a list; ``cells``: number and list, by status."""

    label: Any
    cells: list[tuple[int, str]]
    error: str


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: StaffRequest, code: str) -> HttpResponse:
    """POST, with the number of a ``delivery`` or without: try that one again, or all that failed."""
    session = session_to_run(request.user, code)
    if request.method == "POST":
        given = request.POST.get("delivery", "")
        if given and not (given.isascii() and given.isdigit() and len(given) < 19):
            raise Http404
        number = try_again(Actor.of(request), session, int(given) if given else None)
        if number:
            again = ngettext("%(number)s message is tried again.", "%(number)s messages are tried again.", number)
            messages.success(request, again % {"number": number})
        else:
            messages.warning(request, _("Nothing to try again: it left meanwhile, or there is no address to send to."))
        return SeeOther(request.path)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _show(request, session)


def _show(request: StaffRequest, session: ExamSession) -> HttpResponse:
    outcomes = outcomes_of(session)
    circulars = list(session.circulars.defer("recipients").select_related("sent_by")[:MOST])
    failures = list(failures_of(session)[: MOST + 1])
    kinds = {"": _("One-time code")} | dict(MessageKind.choices)
    context = {
        "session": session,
        "statuses": DeliveryStatus.labels,
        "kinds": [_row(session, about, label, outcomes) for about, label in kinds.items() if about in outcomes],
        "circulars": [
            (circular, _whom(circular), _row(session, circular.once_key, circular.title, outcomes))
            for circular in circulars
        ],
        "failures": failures[:MOST],
        "all_failures": _list(session, status__exact=DeliveryStatus.FAILED),
        "is_more": len(failures) > MOST,
        "reminders": reminders_of(session)[:MOST],
    }
    return page(request, "admin/staff/messages.html", _("Messages"), context, trail=trail_of(session))


def _whom(circular: Circular) -> str:
    """``Draft, Returned for correction · 01, 02``: who was on the list."""
    labels = dict(Progress.choices)
    parts = [", ".join(str(labels.get(state, state)) for state in circular.states), ", ".join(circular.sites)]
    return " · ".join(filter(None, parts))


def _row(session: ExamSession, about: str, label: Any, outcomes: dict[str, Outcome]) -> Row:
    outcome = outcomes.get(about, Outcome())
    cells = [
        (outcome.numbers[status], _list(session, about__exact=about, status__exact=status)) for status in DeliveryStatus
    ]
    return Row(label, cells, outcome.error)


def _list(session: ExamSession, **chosen: Any) -> str:
    query = urlencode({"session__id__exact": session.pk} | chosen)
    return f"{reverse('admin:candidates_delivery_changelist')}?{query}"
