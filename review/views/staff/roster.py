"""Loading a roster: the same form checks and loads, because a browser does not keep the file between the two."""

from typing import Any

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.roster import COLUMNS, fault_lines
from candidates.services.events import Actor
from materials.services.roster import RosterReport, load_roster
from review.access import StaffRequest, staff_page
from review.staff_forms import RosterForm

from .pages import page, session_to_run, trail_of

FAULTS_SHOWN = 2000


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: StaffRequest, code: str) -> Any:
    """POST ``file`` and ``act``: check, faults (checks too, and answers what is wrong as a CSV) or load."""
    session = session_to_run(request.user, code)
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    report: RosterReport | None = None
    refusal: Refusal | None = None
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        act = form.cleaned_data["act"]
        dry_run = act != "load"
        try:
            report = load_roster(Actor.of(request), session, form.cleaned_data["file"].file, dry_run=dry_run)
        except Refusal as refused:
            refusal, status = refused, refused.status
        else:
            if not report.faults and not dry_run:
                counts = {"new": report.new, "changed": report.changed, "same": report.same}
                messages.success(request, _("Loaded: %(new)s new, %(changed)s changed, %(same)s the same.") % counts)
                return SeeOther(request.path)
            if report.faults and act == "faults":
                return _faults_csv(session, report)
            status = 200 if dry_run else 422
    context = {
        "form": form,
        "columns": COLUMNS,
        "session": session,
        "refusal": refusal and refusal.sentence,
        "report": report,
        "faults": report.faults[:FAULTS_SHOWN] if report else [],
        "more_faults": max(0, len(report.faults) - FAULTS_SHOWN) if report else 0,
    }
    return page(request, "admin/staff/roster.html", _("Load roster"), context, trail=trail_of(session), status=status)


def _faults_csv(session: ExamSession, report: RosterReport) -> StreamingHttpResponse:
    response = StreamingHttpResponse(fault_lines(report.faults), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="faults-{session.code}.csv"'
    return response
