"""The review screen and what is pressed on it (docs/contract.md, ``/admin/review/``)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from candidates.access import SeeOther
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.enums import Verdict
from materials.models import Application

from .. import selectors
from ..access import StaffRequest, staff_page
from ..enums import Outcome
from ..forms import FinishForm, JudgementForm, UnlockForm, VerdictForm
from ..rules import stages_of
from ..services import claims, verdicts
from .boxes import Typed
from .screen import screen_for


@staff_page
@require_GET
def take_next(request: StaffRequest) -> HttpResponse:
    """Claim the next application. The one GET that writes: contract.md wants an address to open."""
    application = claims.claim_next(Actor.of(request))
    if application is not None:
        return redirect("review_screen", pk=application.pk)
    context = _admin_context(request, title=_("Queue empty")) | {
        "is_reviewer": bool(stages_of(request.user)),
        "in_other_hands": selectors.queue_for(request.user).exists(),
    }
    return render(request, "admin/review/empty.html", context, status=404)


@staff_page
@require_safe
def show(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _screen(request, pk)


@staff_page
@require_POST
def claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, Typed(), lambda: claims.claim(Actor.of(request), pk)) or _back(pk)


@staff_page
@require_POST
def release(request: StaffRequest, pk: UUID) -> HttpResponse:
    refused = _act(request, pk, Typed(), lambda: claims.release(Actor.of(request), pk))
    if refused is None:
        messages.success(request, _("Given back to the queue."))
    return refused or SeeOther(resolve_url("admin:index"))


@staff_page
@require_POST
def give_verdict(request: StaffRequest, pk: UUID, code: str) -> HttpResponse:
    """Judge one item, then go on to the next one that waits. An undone verdict stays in view."""
    form, typed = VerdictForm(request.POST), _typed(request, f"verdict-{code}")

    def judge() -> None:
        verdicts.give_verdict(Actor.of(request), pk, code, **_read(form))

    refused = _act(request, pk, typed, judge)
    if refused is not None:
        return refused
    screen = screen_for(request.user, pk)
    if screen is None or form.cleaned_data["verdict"] == Verdict.PENDING:
        return _back(pk, f"item-{code}")
    return _back(pk, screen.next_anchor(code))


@staff_page
@require_POST
def finish(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Finish, then go on to the next application while there is one."""
    form = FinishForm(request.POST)
    outcome = request.POST.get("outcome", "")
    typed = _typed(request, outcome if outcome in (Outcome.REJECT, Outcome.SEND_BACK) else "finish")
    finished: list[Application] = []

    def decide() -> None:
        finished.append(verdicts.finish_review(Actor.of(request), pk, **_read(form)))

    refused = _act(request, pk, typed, decide)
    if refused is not None:
        return refused
    done = _("%(number)s: %(outcome)s.") % {
        "number": finished[0].candidate.registration_number,
        "outcome": Outcome(outcome).label,
    }
    if selectors.count_queue(request.user, timezone.now(), 1):
        messages.success(request, done)
        return SeeOther(resolve_url("review_next"))
    messages.success(request, done + " " + _("Nothing else waits for you now."))
    return SeeOther(resolve_url("admin:index"))


@staff_page
@require_POST
def unlock(request: StaffRequest, pk: UUID, code: str) -> HttpResponse:
    form, typed = UnlockForm(request.POST), _typed(request, f"unlock-{code}")

    def open_item() -> None:
        verdicts.unlock_item(Actor.of(request), pk, code, **_read(form))

    refused = _act(request, pk, typed, open_item)
    if refused is None:
        messages.success(request, _("Unlocked. The candidate was told."))
    return refused or _back(pk, f"item-{code}")


# --- what they have in common -----------------------------------------------------------------------


def _act(request: StaffRequest, pk: UUID, typed: Typed, act: Callable[[], Any]) -> HttpResponse | None:
    """Do it; the answer is None, or the screen as it is now with the refusal and what was typed."""
    try:
        act()
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _screen(request, pk, refusal, typed)
    return None


def _read(form: JudgementForm) -> dict[str, Any]:
    """The fields of a form. Raises Refusal when it is not a form of ours."""
    if not form.is_valid():
        raise Refusal(
            "form",
            _("This form came incomplete, and nothing was changed. Look at it again and send it anew."),
            status=422,
        )
    return form.cleaned_data


def _typed(request: StaffRequest, form: str) -> Typed:
    reason, note = (request.POST.get(name, "").replace("\0", "") for name in ("reason", "note"))
    return Typed(form, reason, note)


def _screen(
    request: StaffRequest, pk: UUID, refusal: Refusal | None = None, typed: Typed | None = None
) -> HttpResponse:
    screen = screen_for(request.user, pk, typed)
    if screen is None:
        raise Http404
    context = _admin_context(request, title=str(screen.candidate)) | {
        "screen": screen,
        "refusal": refusal,
        "address": resolve_url("review_screen", pk=pk),
    }
    return render(request, "admin/review/screen.html", context, status=refusal.status if refusal else 200)


def _admin_context(request: StaffRequest, title: str) -> dict[str, Any]:
    """What the admin's own templates expect, without its sidebar: the room is for the pictures."""
    return {**admin.site.each_context(request), "title": title, "is_nav_sidebar_enabled": False}


def _back(pk: UUID, anchor: str = "") -> HttpResponse:
    address = resolve_url("review_screen", pk=pk)
    return SeeOther(f"{address}#{anchor}" if anchor else address)
