"""What holds for everybody who is signed in: staff give a second factor first, and nobody stays signed in for ever."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from candidates import web_sessions
from candidates.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
# What somebody who gave their password and no second factor yet may reach: the way to it, the way out, the language.
OPEN_BEFORE = {"second_factor", "admin:logout", "logout", "set_language", "healthz", "readyz"}


class SecondFactorMiddleware:
    """Lead staff to the second factor from every address but those few, whatever asked: a page, a form, a script.

    Every address, and not each view by a decorator of its own, which the next view could lack.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not settings.STAFF_SECOND_FACTOR or name == "readyz":
            return None
        user = request.user
        if not isinstance(user, User) or not user.is_staff or getattr(user, "otp_device", None) is not None:
            return None
        if web_sessions.had_second_factor(request):
            # It was taken away since: who sits before this browser must know the password to set up another.
            logout(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if name in OPEN_BEFORE:
            return None
        query = urlencode({"next": request.get_full_path()}) if request.method in ("GET", "HEAD") else ""
        return HttpResponseRedirect(f"{reverse('second_factor')}{'?' if query else ''}{query}")


class SessionTimeMiddleware:
    """Let a session's time begin anew when somebody acts (candidates/web_sessions.py)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        # Who has no session is not looked for: that would cost every visitor's page a query.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and web_sessions.a_person_acts(request):
            user = request.user
            if isinstance(user, User):
                web_sessions.keep_up(request, user)
