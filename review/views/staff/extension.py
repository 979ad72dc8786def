"""One candidate's own deadline for a correction."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.refusals import Refusal, Stale
from candidates.rules import may_run_session
from candidates.services.events import Actor
from materials.models import Application
from materials.rules import correction_deadline
from materials.selectors import applications_for
from materials.services.extension import extend_deadline
from review.access import StaffRequest, staff_page
from review.services.verdicts import what_happened
from review.staff_forms import ExtensionForm

from .pages import page


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: StaffRequest, pk: Any) -> HttpResponse:
    """POST ``version``, ``until`` (in the region's time zone) and ``reason``."""
    application = _find(request, pk)
    with timezone.override(ZoneInfo(application.session.region.time_zone)):
        return _answer(request, application)


def _answer(request: StaffRequest, application: Application) -> HttpResponse:
    back = reverse("admin:materials_application_change", args=[application.pk])
    deadline = correction_deadline(application, application.session)
    form = ExtensionForm(initial={"version": application.version, "until": deadline})
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = ExtensionForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            try:
                extend_deadline(Actor.of(request), application.pk, **form.cleaned_data)
            except Refusal as refused:
                application = _find(request, application.pk)
                refusal = what_happened(application) if isinstance(refused, Stale) else refused.sentence
                status = refused.status
            else:
                messages.success(request, _("The deadline is set; the candidate is told if a correction is open."))
                return SeeOther(back)
        form = ExtensionForm.again(request.POST, application.version)
    trail = [
        (reverse("admin:materials_application_changelist"), application._meta.verbose_name_plural),
        (back, application),
    ]
    context = {
        "session": application.session,
        "application": application,
        "form": form,
        "refusal": refusal,
        "deadline": correction_deadline(application, application.session),
    }
    return page(request, "admin/staff/extension.html", _("Extend deadline"), context, trail=trail, status=status)


def _find(request: StaffRequest, pk: Any) -> Application:
    """404 out of scope, 403 for those who only review."""
    facts = ("candidate", "session__region", "site")
    application = applications_for(request.user).select_related(*facts).filter(pk=pk).first()
    if application is None:
        raise Http404
    if not may_run_session(request.user, application.session):
        raise PermissionDenied
    return application
