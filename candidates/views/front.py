"""The front page."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..models import ExamSession
from ..rules import is_window_open
from ..selectors import open_sessions


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the sessions and their dates, where to sign in."""
    now = timezone.now()
    sessions = [
        {
            "session": session,
            "is_open": is_window_open(session, now),
            "is_ahead": now < session.opens_at,
            "dates": _dates(session, now),
        }
        for session in open_sessions()
    ]
    return render(request, "home.html", {"sessions": sessions})


def _dates(session: ExamSession, now: datetime) -> list[dict]:
    """The session's dates in order, each with its ``state``: past, next (the first that is ahead) or empty."""
    named = (
        (_("Upload opens"), session.opens_at, False),
        (_("Upload closes"), session.closes_at, True),
        (_("Corrections until"), session.corrections_until, True),
    )
    ahead = [at for _name, at, _is_end in named if at > now]
    states = {at: "next" if at == ahead[0] else "" for at in ahead}
    return [{"name": name, "at": at, "is_end": is_end, "state": states.get(at, "past")} for name, at, is_end in named]
