"""Loading a roster: the same form checks and loads, because a browser does not keep the file between the two."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal
from candidates.roster import COLUMNS, fault_lines
from candidates.roster_columns import columns_for
from candidates.services.events import Actor
from candidates.spreadsheet import lines_of
from materials.models import RosterLoad
from materials.services.roster import RosterReport, phones_kept_sentence
from materials.services.roster_loads import faults_of, take_in_roster
from review.access import StaffRequest, staff_page
from review.staff_forms import RosterForm

from .pages import page, session_to_run, trail_of
from .tables import Cell, Table, head, number

FAULTS_SHOWN = 2000
TAKEN_UP_WITHIN = timedelta(seconds=30)


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: StaffRequest, code: str) -> Any:
    """POST ``file`` and ``act``: check, faults (checks too, and answers what is wrong as a CSV) or load.

    A long file is answered with 303: it is checked or loaded by ``load_rosters``, and the page shows
    how far that is and what came of it. GET ``faults``: what was wrong with it as a CSV; ``template``: a file
    with nothing but the columns' names.
    """
    session = session_to_run(request.user, code)
    if "template" in request.GET:
        return _attachment(lines_of(COLUMNS, ()), f"roster-{session.code}.csv")
    last = RosterLoad.objects.defer("content").filter(session=session).first()
    if last and last.faults and "faults" in request.GET:
        return _attachment([faults_of(last)], f"faults-{session.code}.csv")
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    report: RosterReport | None = None
    refusal: Refusal | None = None
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        act, file = form.cleaned_data["act"], form.cleaned_data["file"].file
        dry_run = act != "load"
        try:
            report = take_in_roster(Actor.of(request), request.user, session, file, dry_run=dry_run)
        except Refusal as refused:
            refusal, status = refused, refused.status
        else:
            if report is None:
                return SeeOther(request.path)
            if not report.faults and not dry_run:
                counts = {"new": report.new, "changed": report.changed, "same": report.same}
                messages.success(request, _("Loaded: %(new)s new, %(changed)s changed, %(same)s the same.") % counts)
                if report.phones_kept:
                    messages.warning(request, phones_kept_sentence(report.phones_kept))
                return SeeOther(request.path)
            if report.faults and act == "faults":
                return _attachment(fault_lines(report.faults), f"faults-{session.code}.csv")
            status = 200 if dry_run else 422
    context = {
        "form": form,
        "columns": _columns(session),
        "session": session,
        "refusal": refusal and refusal.sentence,
        "report": report,
        "faults": _faults(report) if report else None,
        "phones_kept": phones_kept_sentence(report.phones_kept) if report else "",
        "last_phones_kept": phones_kept_sentence(last.phones_kept) if last else "",
        "changes": _changes(report) if report and not report.faults else None,
        "more_faults": max(0, len(report.faults) - FAULTS_SHOWN) if report else 0,
        # What is on its way, always; what came of it, until something else is to be said.
        "last": last if last and (last.ended_at is None or request.method != "POST") else None,
        "is_left_waiting": last and not last.percent and last.created_at < timezone.now() - TAKEN_UP_WITHIN,
    }
    return page(request, "admin/staff/roster.html", _("Load roster"), context, trail=trail_of(session), status=status)


def _attachment(lines: Any, name: str) -> HttpResponse | StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _changes(report: RosterReport) -> Table:
    """Whom the file would change, and the names of what it changes."""
    labels = {field.name: str(field.verbose_name) for field in Candidate._meta.fields}
    rows = [
        [
            number(change.row.line),
            head(f"{change.row.registration_number} {change.row.name}"),
            Cell(", ".join(labels[name] for name in change.fields)),
        ]
        for change in report.changes
    ]
    return Table([_("Line"), _("Candidate"), _("What changes")], rows, _("Whose registration would change"))


def _faults(report: RosterReport) -> Table:
    rows = [
        [number(fault.line), _code(fault.column), Cell(fault.value), Cell(fault.reason)]
        for fault in report.faults[:FAULTS_SHOWN]
    ]
    return Table([_("Line"), _("Column"), _("Value"), _("What is wrong")], rows, label=_("Faults"))


def _columns(session: ExamSession) -> Table:
    rows = []
    for column in columns_for(session.region.sites.order_by("code")):
        codes = format_html_join(" · ", "<code>{}</code> {}", column.codes)
        rule = format_html("<p>{}</p>", column.rule) if column.rule else ""
        rows.append([_code(column.name, "head"), Cell(column.meaning, kind="word"), Cell(rule, more=codes)])
    return Table([_("Column"), _("Meaning"), _("What may stand there")], rows)


def _code(text: str, kind: str = "") -> Cell:
    return Cell(format_html("<code>{}</code>", text), kind=kind)
