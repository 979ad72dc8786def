"""隐私告知: to read again at any time, and to agree to again where a new version asks for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..access import CandidateRequest, SeeOther, activation_page
from ..notice import notice_for
from ..refusals import Refusal
from ..rules import must_consent_again
from ..services.events import Actor
from ..services.notices import agree


@require_http_methods(["GET", "HEAD", "POST"])
@activation_page
def notice(request: CandidateRequest) -> HttpResponse:
    """POST ``consent`` and ``notice``, the version that was read."""
    refusal = None
    if request.method == "POST":
        refusal = _consent(request)
        if refusal is None:
            messages.success(request, _("Thank you. Your consent is recorded."))
            return SeeOther(resolve_url("materials"))
    return notice_page(request, refusal)


def notice_page(request: CandidateRequest, refusal: Refusal | None = None) -> HttpResponse:
    candidate = request.candidate
    context = {
        "notice": notice_for(candidate),
        "is_asked": candidate.activated_at is not None and must_consent_again(candidate, candidate.session),
        "refusal": refusal,
        "address": resolve_url("notice"),
    }
    return render(request, "candidates/notice.html", context, status=refusal.status if refusal else 200)


def _consent(request: CandidateRequest) -> Refusal | None:
    if not request.POST.get("consent"):
        sentence = _("Read the privacy notice and tick the box: without consent we may not go on.")
        return Refusal("consent", sentence, status=422)
    try:
        agree(Actor.of(request), request.candidate, request.POST.get("notice", ""))
    except Refusal as refusal:
        return refusal
    return None
