"""办理进度: what happened, where it is, what comes."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page
from materials.models import Application

from ..timeline import steps_of


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    candidate = request.candidate
    application = Application.objects.get(candidate=candidate)
    application.candidate = candidate
    steps = steps_of(application, candidate.session, timezone.now())
    return render(request, "review/timeline.html", {"application": application, "steps": steps})
