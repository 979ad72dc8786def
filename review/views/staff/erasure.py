"""A candidate's personal data removed on their request, by those who run the session."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import Candidate
from candidates.refusals import Refusal
from candidates.rules import may_run_session
from candidates.selectors import candidates_for
from candidates.services.events import Actor
from materials.rules import why_not_erase
from review.access import StaffRequest, staff_page
from review.services.erasure import erase_candidate
from review.staff_forms import ErasureForm

from .pages import page


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: StaffRequest, pk: int) -> HttpResponse:
    """POST ``version``, ``typed`` (the registration number) and ``reason``."""
    candidate = _find(request, pk)
    back = reverse("admin:candidates_candidate_change", args=[candidate.pk])
    form = ErasureForm(initial={"version": candidate.version})
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = ErasureForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            try:
                erase_candidate(Actor.of(request), candidate.pk, **form.cleaned_data)
            except Refusal as refused:
                candidate = _find(request, candidate.pk)
                refusal, status = refused.sentence, refused.status
            else:
                messages.success(request, _("The personal data of this candidate is removed."))
                return SeeOther(back)
        form = ErasureForm.again(request.POST, candidate.version)
    # Said before anything is typed.
    hindrance = why_not_erase(candidate, candidate.application, candidate.session)
    trail = [
        (reverse("admin:candidates_candidate_changelist"), candidate._meta.verbose_name_plural),
        (back, candidate),
    ]
    context = {"candidate": candidate, "form": form, "refusal": refusal, "hindrance": hindrance}
    return page(request, "admin/staff/erasure.html", _("Remove personal data"), context, trail=trail, status=status)


def _find(request: StaffRequest, pk: int) -> Candidate:
    """404 out of scope, 403 for those who only review."""
    facts = ("session__region", "site", "application")
    candidate = candidates_for(request.user).select_related(*facts).filter(pk=pk).first()
    if candidate is None:
        raise Http404
    if not may_run_session(request.user, candidate.session):
        raise PermissionDenied
    return candidate
