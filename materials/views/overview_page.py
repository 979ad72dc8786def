"""The materials page: what is asked, what is there, where it stands."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page
from candidates.refusals import Refusal

from .cards import overview


@require_safe
@candidate_page
def show(request: CandidateRequest) -> HttpResponse:
    return materials_page(request)


def materials_page(
    request: CandidateRequest,
    *,
    refusal: Refusal | None = None,
    code: str | None = None,
    typed_reply: str | None = None,
    now: datetime | None = None,
) -> HttpResponse:
    """The page; with a refusal, at the item ``code`` that it is about and with what was typed there.

    ``now``: another moment, for looking ahead.
    """
    view = overview(request.candidate, now)
    card = view.card(code) if code else None
    if card is not None:
        card.refusal, card.typed_reply = refusal, typed_reply
    context = {
        "view": view,
        "application": view.application,
        "refusal": refusal,
        "refused_card": card,
        "address": resolve_url("materials"),
    }
    return render(request, "materials/overview.html", context, status=refusal.status if refusal else 200)
