"""Where a second look disagrees with a pass: people settle it."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Category, Item
from review import selectors
from review.access import StaffRequest, staff_page
from review.models import SecondLook
from review.services.second_looks import let_pass_stand
from review.staff_forms import SettlementForm

from .pages import page, session_to_run, trail_of

MOST = 100


@dataclass(frozen=True)
class Finding:
    """What the second reviewer would have asked for, beside the item as the first one left it."""

    code: str
    name: str
    reason: str
    note: str
    item: Item | None


@dataclass(frozen=True)
class Disagreement:
    """``typed``: the note of a form about it that was refused."""

    look: SecondLook
    findings: list[Finding]
    typed: str


def _with_findings(session: ExamSession, looks: list[SecondLook], typed: dict[str, str]) -> list[Disagreement]:
    items = selectors.items_by_code([look.application for look in looks])
    names = {category.code: category.name for category in Category.objects.filter(session=session)}
    # A region's own reason comes last, so that it stands.
    reasons = {reason.code: reason.name for reason in reversed(selectors.known_reasons(session))}

    def finding(look: SecondLook, found: dict[str, str]) -> Finding:
        code, reason = found["item"], found["reason"]
        item = items.get((look.application_id, code))
        return Finding(code, names.get(code, code), reasons.get(reason, reason), found["note"], item)

    return [
        Disagreement(look, [finding(look, found) for found in look.findings], typed.get(str(look.pk), ""))
        for look in looks
    ]


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: StaffRequest, code: str) -> HttpResponse:
    """POST ``look``, ``version`` and ``note``: the pass stands."""
    session = session_to_run(request.user, code)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _answer(request, session)


def _answer(request: StaffRequest, session: ExamSession) -> HttpResponse:
    if request.method != "POST":
        return _show(request, session)
    form = SettlementForm(request.POST)
    if not form.is_valid():
        damage = _("This form came incomplete, and nothing was changed. Look at it again and send it anew.")
        return _show(request, session, Refusal("form", damage, status=422))
    given = form.cleaned_data
    try:
        let_pass_stand(Actor.of(request), given["look"], version=given["version"], note=given["note"])
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _show(request, session, refusal)
    messages.success(request, _("Settled: the pass stands."))
    return SeeOther(reverse("staff_disagreements", args=[session.code]))


def _show(request: StaffRequest, session: ExamSession, refusal: Refusal | None = None) -> HttpResponse:
    open_looks = list(selectors.unsettled(session)[: MOST + 1])
    typed = {request.POST.get("look", ""): request.POST.get("note", "")}
    shown = _with_findings(session, [*open_looks[:MOST], *selectors.settled(session)[:MOST]], typed)
    disagreements = [entry for entry in shown if entry.look.is_unsettled]
    context = {
        "session": session,
        "disagreements": disagreements,
        "is_more": len(open_looks) > MOST,
        "settled": [entry for entry in shown if not entry.look.is_unsettled],
        "refusal": refusal,
        "homeless": "" if any(entry.typed for entry in disagreements) else next(iter(typed.values())),
    }
    trail: list[tuple[str, Any]] = [
        *trail_of(session),
        (reverse("staff_reviews", args=[session.code]), _("Reviews in numbers")),
    ]
    status = refusal.status if refusal else 200
    return page(request, "admin/staff/disagreements.html", _("Disagreements"), context, trail=trail, status=status)
