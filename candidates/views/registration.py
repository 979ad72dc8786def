"""报名信息: who the portal thinks the candidate is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..access import CandidateRequest, candidate_page
from ..enums import Flag
from ..rules import mask_id_number, mask_phone


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    return registration_page(request)


def registration_page(request: CandidateRequest) -> HttpResponse:
    candidate = request.candidate
    labels = dict(Flag.choices)
    context = {
        "id_number": mask_id_number(candidate.id_number),
        "phone": mask_phone(candidate.phone),
        "flags": [labels.get(flag, flag) for flag in candidate.flags],
    }
    return render(request, "candidates/registration.html", context)
