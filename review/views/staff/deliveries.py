"""What became of a session's messages, what was sent to lists, and who was reminded when."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.enums import DeliveryStatus, MessageKind
from candidates.models import Delivery, Event, ExamSession
from candidates.replica import reads_from_replica
from candidates.selectors import Outcome, failures_of, outcomes_of, reminders_of
from candidates.services.events import Actor
from candidates.services.messages import try_again
from materials.enums import Status
from materials.session_acts import list_of
from materials.templatetags.portal import moment
from review.access import StaffRequest, staff_page
from review.enums import Progress
from review.models import Circular

from .pages import page, session_to_run, trail_of
from .tables import Cell, Table, head, number

MOST = 100
#: What became of deliveries, as columns.
OUTCOMES = [*DeliveryStatus.labels, gettext_lazy("Last error")]


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: StaffRequest, code: str) -> HttpResponse:
    """POST, with the number of a ``delivery`` or without: try that one again, or all that failed."""
    session = session_to_run(request.user, code)
    if request.method == "POST":
        given = request.POST.get("delivery", "")
        if given and not (given.isascii() and given.isdigit() and len(given) < 19):
            raise Http404
        tried = try_again(Actor.of(request), session, int(given) if given else None)
        if tried:
            again = ngettext("%(number)s message is tried again.", "%(number)s messages are tried again.", tried)
            messages.success(request, again % {"number": tried})
        else:
            messages.warning(request, _("Nothing to try again: it left meanwhile, or there is no address to send to."))
        return SeeOther(request.path)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _show(request, session)


@reads_from_replica
def _show(request: StaffRequest, session: ExamSession) -> HttpResponse:
    outcomes = outcomes_of(session)
    circulars = list(session.circulars.defer("recipients").select_related("sent_by")[:MOST])
    failures = list(failures_of(session)[: MOST + 1])
    context = {
        "session": session,
        "kinds": _kinds(session, outcomes),
        "circulars": _circulars(session, circulars, outcomes),
        "failures": failures[:MOST],
        "all_failures": list_of(Delivery, session, status__exact=DeliveryStatus.FAILED),
        "is_more": len(failures) > MOST,
        "reminders": _reminders(reminders_of(session)[:MOST]),
    }
    return page(request, "admin/staff/messages.html", _("Messages"), context, trail=trail_of(session))


def _kinds(session: ExamSession, outcomes: dict[str, Outcome]) -> Table:
    kinds = {"": _("One-time code")} | dict(MessageKind.choices)
    rows = [[head(label), *_became(session, about, outcomes)] for about, label in kinds.items() if about in outcomes]
    return Table([_("kind"), *OUTCOMES], rows, _("By kind, SMS and mail together"))


def _circulars(session: ExamSession, circulars: list[Circular], outcomes: dict[str, Outcome]) -> Table:
    headings = [_("Title"), _("When"), _("Candidates"), _("Written to"), *OUTCOMES]
    rows = [
        [
            head(_words(circular)),
            Cell(format_html("{} · {}", moment(circular.sent_at), circular.sent_by)),
            number(circular.number),
            number(circular.written),
            *_became(session, circular.once_key, outcomes),
        ]
        for circular in circulars
    ]
    return Table(headings, rows)


def _became(session: ExamSession, about: str, outcomes: dict[str, Outcome]) -> list[Cell]:
    """What became of one kind, or of one message to a list: the columns of OUTCOMES."""
    outcome = outcomes.get(about, Outcome())
    lists = {status: list_of(Delivery, session, about__exact=about, status__exact=status) for status in DeliveryStatus}
    return [*(number(outcome.numbers[status], lists[status]) for status in DeliveryStatus), Cell(outcome.error or "–")]


def _words(circular: Circular) -> Any:
    """Its title; what it said and who was on the list when one opens it."""
    labels = dict(Progress.choices)
    whom = [", ".join(str(labels.get(state, state)) for state in circular.states), ", ".join(circular.sites)]
    return format_html(
        '<details><summary>{}</summary><p>{}</p><p lang="zh-Hans">{}</p><p lang="en">{}</p></details>',
        circular.title,
        " · ".join(filter(None, whom)),
        linebreaksbr(circular.text_zh),
        linebreaksbr(circular.text_en),
    )


def _reminders(events: Iterable[Event]) -> Table:
    rows = [
        [
            head(moment(event.at)),
            Cell(_("Not submitted") if event.facts["status"] == Status.DRAFT else _("Not submitted again")),
            number(event.facts["days"]),
            number(event.facts["number"]),
        ]
        for event in events
    ]
    return Table([_("When"), _("Who"), _("Days left"), _("Candidates")], rows)
