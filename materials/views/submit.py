"""提交审核: look at everything once more, then hand in."""

from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_http_methods

from candidates.access import CandidateRequest, SeeOther, candidate_page
from candidates.refusals import Refusal
from candidates.services.events import Actor

from ..receipts.contents import all_facts
from ..services.submission import submit_application
from .cards import overview


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_page
def submit(request: CandidateRequest) -> HttpResponse:
    """Pressing twice, or after it was submitted elsewhere, leads to the same receipt."""
    if request.method != "POST":
        return _page(request)
    try:
        submission = submit_application(Actor.of(request), request.candidate, request.POST.get("checked", ""))
    except Refusal as refusal:
        return _page(request, refusal)
    return SeeOther(resolve_url("receipt", submission.number))


def _page(request: CandidateRequest, refusal: Refusal | None = None) -> HttpResponse:
    view = overview(request.candidate)
    if not view.can_submit and refusal is None:
        return (
            redirect("receipt", view.last.number) if view.last and not view.is_resubmission else redirect("materials")
        )
    context = {
        "view": view,
        "application": view.application,
        "refusal": refusal,
        "facts": all_facts(request.candidate),
    }
    return render(request, "materials/submit.html", context, status=refusal.status if refusal else 200)
