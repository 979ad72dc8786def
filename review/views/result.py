"""The published result, for its candidate (docs/product.md, rule 9)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page
from materials.enums import Status
from materials.models import Application
from materials.standing import standing

from ..models import Decision


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    """Before publication: that it is hidden, and until when. After: outcome and opinion. In between: withdrawn."""
    candidate, session = request.candidate, request.candidate.session
    application = Application.objects.get(candidate=candidate)
    is_published, now = session.published_at is not None, timezone.now()
    decision = None
    if is_published and application.status in (Status.PASSED, Status.REJECTED):
        decision = Decision.objects.filter(application=application).order_by("-pk").first()
    context = {
        "application": application,
        "session": session,
        "is_published": is_published,
        "standing": standing(application, session, now, to_do=0, has_pictures=False),
        "decision": decision,
        "withdrawn": None if is_published else session.publications.order_by("-withdrawn_at").first(),
        "is_open": now < session.corrections_until,
    }
    return render(request, "review/result.html", context)
