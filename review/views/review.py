"""The review screen and what is pressed on it (docs/contract.md, ``/admin/review/``)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from candidates.services.events import Actor
from materials.enums import Turn, Verdict
from materials.models import Application
from materials.selectors import items_of

from .. import rules, selectors
from ..access import StaffRequest, staff_page
from ..enums import Outcome
from ..forms import FinishForm, JudgementForm, TurnForm, UnlockForm, VerdictForm
from ..models import PictureTurn
from ..services import pictures, verdicts
from .answers import back_to, go_to, read_form, refusal_of, screen_page, typed_into
from .boxes import Typed
from .queue import narrowing_of


@staff_page
@require_safe
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    return screen_page(request, pk)


@staff_page
@require_POST
def give_verdict(request: StaffRequest, pk: UUID, code: str) -> HttpResponse:
    """Judge one item, then go on to the next one that waits. An undone verdict stays in view."""
    form, typed = VerdictForm(request.POST), typed_into(request, f"verdict-{code}")
    judged: list[Application] = []

    def judge() -> None:
        judged.append(verdicts.give_verdict(Actor.of(request), pk, code, **read_form(form)))

    refused = refusal_of(request, pk, typed, judge)
    if refused is not None:
        return refused
    if form.cleaned_data["verdict"] == Verdict.PENDING:
        return back_to(request, pk, f"item-{code}")
    items = items_of(judged[0], judged[0].candidate)
    following = rules.next_to_judge(items, judged[0], after=code)
    return back_to(request, pk, f"item-{following.category.code}" if following else "finish")


@staff_page
@require_POST
def accept_rest(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Accept all that remain, then go on to the finish."""
    form = JudgementForm(request.POST)

    def accept() -> None:
        verdicts.accept_rest(Actor.of(request), pk, version=read_form(form)["version"])

    return refusal_of(request, pk, Typed(), accept) or back_to(request, pk, "finish")


@staff_page
@require_POST
def finish(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Finish, then go on to the next application while there is one."""
    form = FinishForm(request.POST)
    outcome = request.POST.get("outcome", "")
    typed = typed_into(request, outcome if outcome in (Outcome.REJECT, Outcome.SEND_BACK) else "finish")
    finished: list[Application] = []

    def decide() -> None:
        finished.append(verdicts.finish_review(Actor.of(request), pk, **read_form(form)))

    refused = refusal_of(request, pk, typed, decide)
    if refused is not None:
        return refused
    done = _("%(number)s: %(outcome)s.") % {
        "number": finished[0].candidate.registration_number,
        "outcome": Outcome(outcome).label,
    }
    if selectors.count_queue(request.user, timezone.now(), 1, narrowing_of(request)):
        messages.success(request, done)
        return go_to(request, resolve_url("review_next"))
    messages.success(request, done + " " + _("Nothing else waits for you now."))
    return go_to(request, resolve_url("admin:index"))


@staff_page
@require_POST
def unlock(request: StaffRequest, pk: UUID, code: str) -> HttpResponse:
    form, typed = UnlockForm(request.POST), typed_into(request, f"unlock-{code}")

    def open_item() -> None:
        verdicts.unlock_item(Actor.of(request), pk, code, **read_form(form))

    refused = refusal_of(request, pk, typed, open_item)
    if refused is None:
        messages.success(request, _("Unlocked. The candidate was told."))
    return refused or back_to(request, pk, f"item-{code}")


@staff_page
@require_POST
def turn_picture(request: StaffRequest, pk: UUID, photo_id: UUID) -> HttpResponse:
    form = TurnForm(request.POST)
    turned: list[PictureTurn] = []

    def turn() -> None:
        turned.append(pictures.turn_picture(Actor.of(request), pk, photo_id, Turn(read_form(form)["turn"])))

    refused = refusal_of(request, pk, Typed(), turn)
    return refused or back_to(request, pk, f"item-{turned[0].photo.item.category.code}")
