"""The final results as a file, and the page on which it is chosen."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from candidates.models import ExamSession
from candidates.services.events import Actor
from materials.enums import Status
from materials.selectors import applications_for
from review.access import StaffRequest, staff_page
from review.rules import RESULT_LABELS
from review.services.exports import STATUSES, export_results
from review.staff_forms import ExportForm

from .pages import page, session_to_run, trail_of


@staff_page
@require_safe
def choose(request: StaffRequest, code: str) -> HttpResponse:
    """A form that leads to the file."""
    session = session_to_run(request.user, code)
    return _form_page(request, session, _form(session, None))


@staff_page
@require_safe
def results_csv(request: StaffRequest) -> Any:
    """``session``, and optionally ``site``, ``status``, ``headers`` (zh or code): the CSV, streamed."""
    session = session_to_run(request.user, request.GET.get("session", ""))
    form = _form(session, request.GET)
    if not form.is_valid():
        return _form_page(request, session, form, status=400)
    chosen = form.cleaned_data
    lines = export_results(
        Actor.of(request),
        applications_for(request.user),
        session,
        headers=chosen["headers"] or "zh",
        site=chosen["site"],
        status=chosen["status"],
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="results-{session.code}.csv"'
    return response


def _form(session: ExamSession, data: Any) -> ExportForm:
    sites = [(site.code, f"{site.code} {site}") for site in session.region.sites.all()]
    labels = {**dict(Status.choices), **RESULT_LABELS}
    return ExportForm(data, sites=sites, statuses=[(status, labels[status]) for status in STATUSES])


def _form_page(request: HttpRequest, session: ExamSession, form: ExportForm, status: int = 200) -> HttpResponse:
    context = {"session": session, "form": form}
    return page(
        request, "admin/staff/export.html", _("Export results"), context, trail=trail_of(session), status=status
    )
