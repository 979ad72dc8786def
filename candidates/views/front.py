"""The front page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..rules import is_window_open
from ..selectors import open_sessions


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the sessions and their dates, where to sign in."""
    now = timezone.now()
    sessions = [
        {"session": session, "is_open": is_window_open(session, now), "is_ahead": now < session.opens_at}
        for session in open_sessions()
    ]
    return render(request, "home.html", {"sessions": sessions})
