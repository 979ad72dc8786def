"""The candidate's deadline as a calendar file."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page

from .. import rules
from ..deadline_file import deadline_file
from ..models import Application


@require_safe
@candidate_page
def download(request: CandidateRequest) -> HttpResponse:
    """There is none where nothing is to be done by then: handed in, too late, or published."""
    session, now = request.candidate.session, timezone.now()
    application = Application.objects.get(candidate=request.candidate)
    until = rules.deadline_ahead(application, session, now)
    if until is None:
        raise Http404
    content = deadline_file(application, session, until, now, request.build_absolute_uri(reverse("materials")))
    headers = {"Content-Disposition": content_disposition_header(True, "deadline.ics")}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
