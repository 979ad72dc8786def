"""Signing in and out, and the events that say so."""

from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest

from ..enums import Action
from ..models import Candidate, User
from .events import Actor, record


@transaction.atomic
def sign_in(request: HttpRequest, user: User, candidate: Candidate | None) -> None:
    """Start a session for an account that was authenticated; its key is a new one."""
    login(request, user, backend="candidates.backends.AccountBackend")
    _record(Action.SIGNED_IN, request, user, candidate)


def note_failed_sign_in(request: HttpRequest) -> None:
    """Record that somebody failed: from where, and nothing of what was typed."""
    record(Action.SIGN_IN_FAILED, Actor(None, Actor.of(request).ip_address))


@transaction.atomic
def sign_out(request: HttpRequest, candidate: Candidate | None) -> None:
    """End the session."""
    if isinstance(request.user, User):
        _record(Action.SIGNED_OUT, request, request.user, candidate)
    logout(request)


def _record(action: Action, request: HttpRequest, user: User, candidate: Candidate | None) -> None:
    record(action, Actor.of(request), candidate=candidate, site=user.site, region=user.region)
