"""Django's signals of signing in and out. Both doors send them, so that each act is recorded once, in one place, and
every session is timed from its beginning.
"""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from . import web_sessions
from .models import User
from .services import accounts

HOW = "signed_in_by"


@receiver(user_logged_in, dispatch_uid="candidates.signed_in")
def signed_in(sender: Any, request: HttpRequest | None, user: User, **_: Any) -> None:
    """A view that lets somebody in without a password says with what (``HOW``)."""
    accounts.note_signed_in(request, user, vars(user).get(HOW, "password"))
    if request is not None:
        web_sessions.begin(request, user)


@receiver(user_logged_out, dispatch_uid="candidates.signed_out")
def signed_out(sender: Any, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """``user`` is None when nobody was signed in."""
    if user is not None:
        accounts.note_signed_out(request, user)


@receiver(user_login_failed, dispatch_uid="candidates.sign_in_failed")
def sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    accounts.note_failed_sign_in(request, str(credentials.get("username") or ""))
