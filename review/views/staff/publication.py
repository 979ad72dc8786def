"""Publishing results after a rehearsal, and withdrawing them."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.rules import retained_until
from candidates.selectors import erased_in
from candidates.services.events import Actor
from materials.enums import Stage, Status
from materials.models import Application
from materials.session_acts import list_of
from review.access import StaffRequest, staff_page
from review.enums import Progress
from review.rules import HOW_TO_CHECK, PROPOSAL_LIFETIME, RESULT_LABELS, RESULTS, has_lapsed, why_not_confirm
from review.selectors import proposal_of, standing_publication
from review.services.proposals import confirm, propose, take_back, what_changed
from review.services.publication import (
    COLUMNS,
    Obstacle,
    PublicationPlan,
    plan_publication,
    publish_results,
    withdraw_results,
)
from review.staff_forms import PublishForm, WithdrawForm

from .pages import page, session_to_run, trail_of
from .tables import Table, head, number

ACTS: dict[str, tuple[Callable[[Actor, str, int], Any], Any]] = {
    "publish": (publish_results, _("The results are published.")),
    "propose": (propose, _("Proposed. Somebody else has a day to confirm it.")),
    "confirm": (confirm, _("The results are published.")),
    "take_back": (take_back, _("The proposal is taken back.")),
}


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: StaffRequest, code: str) -> HttpResponse:
    """GET: what publishing would do now and what stands in the way. POST ``version``: publish.

    Where the session asks for two persons, ``act``: propose, confirm or take_back.
    """
    session = session_to_run(request.user, code)
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = PublishForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            act, said = ACTS[form.cleaned_data["act"] or "publish"]
            try:
                act(Actor.of(request), code, form.cleaned_data["version"])
            except Refusal as refused:
                # The obstacles are listed anyway, as they are at this moment.
                refusal = _("Not published.") if refused.code == "obstacles" else refused.sentence
                status = refused.status
            else:
                messages.success(request, said)
                return SeeOther(request.path)
        session = session_to_run(request.user, code)
    return _show(request, session, refusal, status)


def _show(request: StaffRequest, session: ExamSession, refusal: Any, status: int) -> HttpResponse:
    with timezone.override(ZoneInfo(session.region.time_zone)):
        plan = plan_publication(session, tallied=True)
    context: dict[str, Any] = {
        "plan": plan,
        "obstacles": [(obstacle, _where(session, obstacle)) for obstacle in plan.obstacles],
        "counts": [(label, plan.counts[result]) for result, label in RESULT_LABELS.items()],
        "sites": _sites(session, plan),
        "refusal": refusal,
    }
    if session.two_persons:
        context |= _proposal(request, session, plan)
    return _page(request, session, "admin/staff/publish.html", _("Publish results"), context, status)


def _where(session: ExamSession, obstacle: Obstacle) -> tuple[str, Any] | None:
    """Where an obstacle is removed: address and label."""
    if obstacle.window:
        settings = reverse("admin:candidates_examsession_change", args=[session.pk])
        return f"{settings}#id_{obstacle.window}", _("Settings")
    if obstacle.site is not None:
        progress = Progress.AT_SITE if obstacle.stage == Stage.SITE else Progress.AT_REGION
        waiting = list_of(Application, session, site__id__exact=obstacle.site, progress=progress)
        return waiting, _("Look at them")
    if obstacle.application is not None:
        return reverse("admin:materials_application_change", args=[obstacle.application]), _("Look at it")
    if obstacle.is_disagreement:
        return reverse("staff_disagreements", args=[session.code]), _("Disagreements")
    return None


def _sites(session: ExamSession, plan: PublicationPlan) -> Table:
    rows = [
        [
            head(f"{code} {name}"),
            *(number(n, _listed(session, site, column)) for column, n in zip(COLUMNS, numbers, strict=True)),
        ]
        for site, code, name, numbers in plan.sites
    ]
    headings = [_("Site"), *RESULT_LABELS.values(), _("Waiting for review")]
    return Table(headings, rows, _("By site"), _("This session has no candidates yet."))


def _listed(session: ExamSession, site: int, column: str) -> str:
    """The list of what one number of the table counts."""
    states = {result: status for status, result in RESULTS.items()}
    return list_of(Application, session, site__id__exact=site, status__exact=states.get(column, Status.SUBMITTED))


def _proposal(request: StaffRequest, session: ExamSession, plan: PublicationPlan) -> dict[str, Any]:
    """What was proposed, and why this account cannot confirm it; whether names in the list changed is seen then."""
    proposal, now = proposal_of(session), timezone.now()
    if proposal is None:
        return {}
    refused = why_not_confirm(request.user, proposal, now)
    hindrance: Any = refused.sentence if refused else None
    if not refused and (proposal.version, proposal.counts) != (session.version, plan.counts):
        hindrance = what_changed(proposal, plan.counts)
    until = proposal.proposed_at + PROPOSAL_LIFETIME
    return {"proposal": proposal, "hindrance": hindrance, "is_lapsed": has_lapsed(proposal, now), "until": until}


def _page(
    request: StaffRequest, session: ExamSession, template: str, title: Any, context: dict[str, Any], status: int
) -> HttpResponse:
    """With the publication that stands, in the region's time zone."""
    context |= {
        "session": session,
        "standing": standing_publication(session),
        "erased": erased_in(session),
        "retained": retained_until(session),
        "how_to_check": HOW_TO_CHECK % {"file": f"results-{session.code}.csv"},
    }
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return page(request, template, title, context, trail=trail_of(session), status=status)


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StaffRequest, code: str) -> HttpResponse:
    """POST ``version`` and ``reason``: take the publication that stands back."""
    session = session_to_run(request.user, code)
    form = WithdrawForm(initial={"version": session.version})
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = WithdrawForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            try:
                withdraw_results(Actor.of(request), code, form.cleaned_data["reason"], form.cleaned_data["version"])
            except Refusal as refused:
                refusal, status = refused.sentence, refused.status
            else:
                messages.success(request, _("The publication is withdrawn; results are hidden again."))
                return SeeOther(reverse("staff_publish", args=[session.code]))
        session = session_to_run(request.user, code)
        form = WithdrawForm.again(request.POST, session.version)
    context = {"form": form, "refusal": refusal}
    return _page(request, session, "admin/staff/withdraw.html", _("Withdraw results"), context, status)
