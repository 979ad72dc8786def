"""Setting a session up: what it still needs, and a look at it with candidates' eyes."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from review.access import StaffRequest, staff_page
from review.setup import steps_of

from .pages import page, session_to_run, trail_of
from .preview import SampleForm


@staff_page
@require_safe
def show(request: StaffRequest, code: str) -> HttpResponse:
    session = session_to_run(request.user, code)
    context = {
        "session": session,
        "now": timezone.now(),
        "steps": steps_of(session, request.user),
        "form": SampleForm(initial={"moment": "open"}),
    }
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return page(request, "admin/staff/setup.html", _("Set-up"), context, trail=trail_of(session))
