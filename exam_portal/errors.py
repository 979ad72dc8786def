"""Error pages: calm, in the visitor's language, with what to do; without database and context."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def error_page(status: int, **context: object) -> HttpResponse:
    """The page for ``status``, rendered without the request: it must appear whatever is broken."""
    return HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was made before a sign-in elsewhere, or by somebody else's page."""
    return error_page(403, outdated_form=True)


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 when it was the database that could not be reached, because then trying again helps."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable()
    return error_page(500)


def unavailable() -> HttpResponse:
    """503: a part that the portal needs does not answer."""
    response = error_page(503)
    response["Retry-After"] = "30"
    return response
