"""The language switch: a form, so that no link changes anything, and a cookie, so that it stays."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language


@login_not_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """POST ``language`` and ``next``; back to the page it was pressed on."""
    response = set_language(request)
    if response.status_code == 302:
        response.status_code = 303
    return response
