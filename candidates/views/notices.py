"""通知: what the portal told a candidate."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from ..access import CandidateRequest, SeeOther, candidate_page
from ..dates import day_of
from ..enums import MessageKind
from ..models import Message
from ..selectors import messages_of
from ..services import messages
from ..texts import notice

PER_PAGE = 20
# Where to do what a message says: the name of the page, and the words on the way there.
_MATERIALS = ("materials", _("To my materials"))
WAYS: dict[str, tuple[str, Any]] = {
    MessageKind.RETURNED: _MATERIALS,
    MessageKind.UNLOCKED: _MATERIALS,
    MessageKind.EXTENDED: _MATERIALS,
    MessageKind.REMINDER: _MATERIALS,
    MessageKind.PUBLISHED: ("result", _("Result")),
}


@dataclass(frozen=True)
class Notice:
    """A message as the page shows it; ``way``: address and words, where there is something to do or to look at."""

    pk: int
    at: datetime
    title: str
    text: SafeString
    is_new: bool
    way: tuple[str, Any] | None


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    """The newest first, by day. Opening the page writes nothing: what it shows is marked by ``mark_read``."""
    now, zone = timezone.now(), request.candidate.session.region.time_zone
    page = Paginator(messages_of(request.candidate), PER_PAGE).get_page(request.GET.get("page"))
    notices = [_notice(message, zone, now) for message in page]
    days = [(day, list(group)) for day, group in groupby(notices, key=lambda one: day_of(one.at, now))]
    context = {"page": page, "days": days, "new": [one.pk for one in notices if one.is_new]}
    return render(request, "candidates/messages.html", context)


def _notice(message: Message, zone: str, now: datetime) -> Notice:
    title, text = notice(message, zone, now)
    way = WAYS.get(message.kind)
    if message.kind in (MessageKind.SUBMITTED, MessageKind.COUNTED):
        there: tuple[str, Any] | None = (resolve_url("receipt", message.facts["number"]), _("Receipt"))
    else:
        there = (resolve_url(way[0]), way[1]) if way else None
    return Notice(message.pk, message.created_at, title, text, message.read_at is None, there)


@require_POST
@candidate_page
def mark_read(request: CandidateRequest) -> HttpResponse:
    """``message``: the keys of those that were shown. Pressed, or sent by the page once somebody looked at it.

    The page prefers an answer without a page (RFC 7240), which nothing but this act gives.
    """
    keys = [int(key) for key in request.POST.getlist("message") if key.isascii() and key.isdecimal() and len(key) < 19]
    messages.mark_read(request.candidate, keys[:PER_PAGE])
    if request.headers.get("Prefer") == "return=minimal":
        return HttpResponse(status=204)
    return SeeOther(resolve_url("messages"))
