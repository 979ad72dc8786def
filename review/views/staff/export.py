"""The final results as a file, and the page on which it is chosen."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from candidates.models import ExamSession
from candidates.rules import may_run_sessions, retained_until
from candidates.selectors import erased_in, sessions_for, sites_for
from candidates.services.events import Actor
from materials.enums import Status
from materials.models import Application
from materials.selectors import applications_for
from review.access import StaffRequest, staff_page
from review.rules import RESULT_LABELS
from review.services.exports import STATUSES, Chosen, export_results
from review.staff_forms import ExportForm

from .pages import page, session_to_run, trail_of

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@staff_page
@require_safe
def choose(request: StaffRequest, code: str) -> HttpResponse:
    """A form that leads to the file; what stands in the address is filled in."""
    session = session_to_run(request.user, code)
    return _form_page(request, session, _form(session, initial=request.GET.dict()))


@staff_page
@require_safe
def choose_session(request: StaffRequest) -> HttpResponse:
    """The same form, asking for the session too."""
    if not may_run_sessions(request.user):
        raise PermissionDenied
    form = ExportForm(
        sites=_sites(sites_for(request.user)),
        statuses=_statuses(),
        sessions=[(session.code, str(session)) for session in sessions_for(request.user)],
        initial=request.GET.dict(),
    )
    return _form_page(request, None, form)


@staff_page
@require_safe
def results(request: StaffRequest, kind: str) -> Any:
    """``session``, and optionally the fields of ExportForm (``headers``: zh or code): the file."""
    session = session_to_run(request.user, request.GET.get("session", ""))
    form = _form(session, request.GET)
    if not form.is_valid():
        return _form_page(request, session, form, status=400)
    chosen = dict(form.cleaned_data)
    headers = chosen.pop("headers") or "zh"
    pieces = export_results(
        Actor.of(request),
        applications_for(request.user),
        session,
        headers=headers,
        kind=kind,
        chosen=Chosen(**chosen),
    )
    response = StreamingHttpResponse(pieces, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="results-{session.code}.{kind}"'
    return response


def _form(session: ExamSession, data: Any = None, initial: Any = None) -> ExportForm:
    return ExportForm(data, sites=_sites(session.region.sites.all()), statuses=_statuses(), initial=initial)


def _sites(sites: Any) -> list[tuple[str, str]]:
    return [(site.code, f"{site.code} {site}") for site in sites]


def _statuses() -> list[tuple[str, Any]]:
    labels = {**dict(Status.choices), **RESULT_LABELS}
    return [(status, labels[status]) for status in STATUSES]


def _form_page(request: HttpRequest, session: ExamSession | None, form: ExportForm, status: int = 200) -> HttpResponse:
    applications = reverse("admin:materials_application_changelist")
    trail = trail_of(session) if session else [(applications, Application._meta.verbose_name_plural)]
    context: dict[str, Any] = {"session": session, "form": form}
    if session:
        context |= {"erased": erased_in(session), "retained": retained_until(session)}
    return page(request, "admin/staff/export.html", _("Export results"), context, trail=trail, status=status)
