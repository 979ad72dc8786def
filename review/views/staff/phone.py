"""A candidate's phone number, corrected by staff of the site or region."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import Candidate
from candidates.refusals import Refusal
from candidates.rules import mask_phone, may_change_phone
from candidates.selectors import candidates_for
from candidates.services.events import Actor
from candidates.services.phone import change_phone
from review.access import StaffRequest, staff_page
from review.staff_forms import PhoneForm

from .pages import page


@staff_page
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """POST ``version``, ``phone``, ``checked`` (in_person, video, old_number) and ``reason``."""
    candidate = _find(request, pk)
    back = reverse("admin:candidates_candidate_change", args=[candidate.pk])
    form = PhoneForm(initial={"version": candidate.version})
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = PhoneForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            try:
                changed = change_phone(Actor.of(request), candidate.pk, **form.cleaned_data)
            except Refusal as refused:
                candidate = _find(request, candidate.pk)
                refusal, status = refused.sentence, refused.status
            else:
                told = _("The phone number is %(phone)s now. The candidate is told, on the old number too.")
                messages.success(request, told % {"phone": mask_phone(changed.phone)})
                return SeeOther(back)
        form = PhoneForm.again(request.POST, candidate.version)
    trail = [
        (reverse("admin:candidates_candidate_changelist"), candidate._meta.verbose_name_plural),
        (back, candidate),
    ]
    context = {"candidate": candidate, "phone": mask_phone(candidate.phone), "form": form, "refusal": refusal}
    return page(request, "admin/staff/phone.html", _("Change phone number"), context, trail=trail, status=status)


def _find(request: StaffRequest, pk: int) -> Candidate:
    """404 out of scope, 403 for those who may look only."""
    candidate = candidates_for(request.user).select_related("session__region", "site").filter(pk=pk).first()
    if candidate is None:
        raise Http404
    if not may_change_phone(request.user, candidate):
        raise PermissionDenied
    return candidate
