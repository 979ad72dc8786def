"""Error pages: calm, in the visitor's language, with what to do; without database and context."""

import logging
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exam_portal import request_id
from materials.middleware import UPLOAD_ADDRESS

logger = logging.getLogger(__name__)


def error_page(status: int, **context: object) -> HttpResponse:
    """The page for ``status``, rendered without the request: it must appear whatever is broken."""
    try:
        page: str = render_to_string(f"errors/{status}.html", context)
    except Exception:
        logger.exception("the page for %s cannot be rendered", status)
        page = _bare_page(status)
    return HttpResponse(page, status=status)


def _bare_page(status: int) -> str:
    """Without a template, because those need the list of static files, which an installation may lack."""
    return format_html(
        '<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
        '<body><h1>{}</h1><p>{}</p><p><a href="/">{}</a></p></body></html>',
        get_language() or "zh-hans",
        status,
        status,
        _("This did not work, and the page that would say why cannot be shown. Try again in a minute."),
        _("To the front page"),
    )


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Told apart: more files at once than are taken, because whoever chose them can do something about it."""
    if isinstance(exception, TooManyFilesSent) and UPLOAD_ADDRESS.match(request.path_info):
        return error_page(
            400,
            back=request.path_info,
            files=settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            megabytes=settings.UPLOAD_MAX_BYTES // (1024 * 1024),
        )
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
    return error_page(500, reference=request_id.of(request)[: request_id.SHOWN])


def unavailable() -> HttpResponse:
    """503: a part that the portal needs does not answer."""
    response = error_page(503)
    response["Retry-After"] = "30"
    return response
