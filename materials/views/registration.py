"""报名信息: who the portal thinks the candidate is, and where their materials stand: every sign-in leads here."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page
from candidates.enums import Flag
from candidates.rules import mask_id_number, mask_phone

from .cards import overview


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    return registration_page(request)


def registration_page(request: CandidateRequest, *, now: datetime | None = None) -> HttpResponse:
    """The page; ``now``: another moment, for looking ahead."""
    candidate = request.candidate
    labels = dict(Flag.choices)
    view = overview(candidate, now)
    context = {
        "view": view,
        "application": view.application,
        "id_number": mask_id_number(candidate.id_number),
        "phone": mask_phone(candidate.phone),
        "flags": [labels.get(flag, flag) for flag in candidate.flags],
    }
    return render(request, "materials/registration.html", context)
