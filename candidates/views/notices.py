"""通知: what the portal told a candidate."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..access import CandidateRequest, candidate_page
from ..selectors import messages_of
from ..texts import describe


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    candidate = request.candidate
    zone = candidate.session.region.time_zone
    notices = []
    for message in messages_of(candidate):
        subject, text = describe(message, zone)
        notices.append({"subject": subject, "text": text, "at": message.created_at})
    return render(request, "candidates/messages.html", {"notices": notices})
