"""The language switch: a form, so that no link changes anything, and a cookie, so that it stays.

A signed-in candidate's choice is also kept with the candidate, for what is sent by SMS and mail.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from candidates.models import User
from candidates.services.accounts import choose_language
from candidates.services.events import Actor


@login_not_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """POST ``language`` and ``next``; back to the page it was pressed on."""
    chosen = request.POST.get(LANGUAGE_QUERY_PARAMETER, "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        choose_language(Actor.of(request), chosen)
    response = set_language(request)
    if response.status_code == 302:
        response.status_code = 303
    return response
