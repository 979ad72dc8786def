"""How long a signed-in browser stays signed in: as long as somebody acts in it.

Not the session of an exam. The times are settings.STAFF_SESSION_AGE and SESSION_COOKIE_AGE; the end is kept with the
session in the database, so that a cookie that was copied ends with it.
"""

import time

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from .models import User

ACTED_AT = "acted_at"
SECOND_FACTOR = "second_factor"
# What pages ask for by themselves, their pictures and what an open one sends every minute; and what machines ask.
BY_ITSELF = {"photo", "thumb", "review_beat", "review_ahead", "review_leave", "healthz", "readyz"}


def begin(request: HttpRequest, user: User) -> None:
    """Time the session from now on."""
    if user.is_staff:
        request.session.set_expiry(settings.STAFF_SESSION_AGE)
    request.session[ACTED_AT] = int(time.time())


def keep_up(request: HttpRequest, user: User) -> None:
    """Somebody acts: the session's time begins anew. Written once in a thirtieth of that time, not at every request."""
    acted_at = request.session.get(ACTED_AT)
    if acted_at is None:
        begin(request, user)
    elif time.time() - acted_at >= request.session.get_expiry_age() / 30:
        request.session[ACTED_AT] = int(time.time())


def a_person_acts(request: HttpRequest) -> bool:
    """Whether somebody pressed or opened something, rather than a page that lies open asked by itself.

    An open review screen says with its minute's beat whether somebody typed, pointed or turned the wheel since the
    last: who reads one application for half an hour is not away.
    """
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name == "review_beat":
        return "acted" in request.POST
    return name not in BY_ITSELF and "by-itself" not in request.GET


def note_second_factor(request: HttpRequest, *, is_given: bool) -> None:
    """Remember that this session has had it; or that its owner is about to set up another."""
    request.session[SECOND_FACTOR] = is_given


def had_second_factor(request: HttpRequest) -> bool:
    return bool(request.session.get(SECOND_FACTOR))


def delete_expired(*, dry_run: bool = False) -> int:
    """Delete the sessions whose time is over, with who was signed in; how many. Safe beside everything else."""
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    return expired.count() if dry_run else expired.delete()[0]
