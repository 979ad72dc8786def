"""Judging item by item, finishing, unlocking (docs/product.md, rules 5 to 8 and 10)."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, MessageKind
from candidates.refusals import Refusal, Stale
from candidates.services import events
from candidates.services.events import Actor, record
from candidates.services.messages import tell
from materials.enums import ReasonUse, Status, Verdict
from materials.models import Application, Category, Item, Reason
from materials.rules import correction_deadline
from materials.selectors import applications_for, items_of, reasons_for
from materials.services.locking import Locked, bump, lock_application, save_application

from .. import rules
from ..enums import Outcome
from ..models import Claim, Decision
from .claims import hold, reviewer_of
from .draws import draw, take_back


def _begin(actor: Actor, application_id: UUID, version: int) -> Locked:
    """Lock, then refuse what is out of scope (DoesNotExist), not theirs to decide, or stale."""
    held = lock_application(pk=application_id)
    # After the lock: a roster may just have moved the candidate to another site.
    applications_for(reviewer_of(actor)).only("pk").get(pk=application_id)
    refusal = rules.why_not_reviewer(reviewer_of(actor), held.application)
    if refusal is not None:
        raise refusal
    if held.application.version != version:
        raise Stale(what_happened(held.application))
    return held


def what_happened(application: Application) -> Any:
    """The sentence for a stale form: what, by whom, when (rule 10)."""
    changes = [Action.VERDICT_GIVEN, Action.FINISHED, Action.UNLOCKED, Action.SUBMITTED, Action.DEADLINE_EXTENDED]
    unknown = _("This application was changed meanwhile. Look at it again; what you typed is kept below.")
    return events.what_happened(application.candidate, changes, unknown)


def _check_note(note: str) -> None:
    refusal = rules.why_too_long(note)
    if refusal is not None:
        raise refusal


def _find_item(held: Locked, code: str) -> Item:
    """The item as it is now. Raises Category.DoesNotExist for one that is not this candidate's to hand in."""
    for item in items_of(held.application, held.candidate):
        if item.category.code == code:
            return item
    raise Category.DoesNotExist(code)


def _find_reason(held: Locked, code: str, use: ReasonUse, category: Category | None = None) -> Reason | None:
    """The reason with this code for this use; a region's own before everybody's."""
    reasons = reasons_for(held.session, use).filter(code=code).order_by("region")
    reason = reasons.first() if code else None
    if reason is None or (category and reason.categories and category.code not in reason.categories):
        return None
    return reason


def _change_reason(held: Locked, code: str, category: Category) -> Reason:
    reason = _find_reason(held, code, ReasonUse.CHANGE, category)
    if reason is None:
        raise Refusal("reason", _("Asking for a change needs a reason. Choose one from the list."), status=422)
    return reason


@transaction.atomic
def give_verdict(
    actor: Actor, application_id: UUID, code: str, *, version: int, verdict: str, reason: str = "", note: str = ""
) -> Application:
    """Judge one item. Saved at once; the candidate learns of it when the review is finished (rule 5).

    Raises Stale, Refusal, Application.DoesNotExist, Category.DoesNotExist.
    """
    held = _begin(actor, application_id, version)
    application = held.application
    refusal = rules.why_not_under_review(application, held.session)
    if refusal is not None:
        raise refusal
    if verdict not in Verdict.values:
        raise Refusal("verdict", _("Choose accept, ask for a change, or undo."), status=422)
    _check_note(note)
    hold(application, actor, held.now)
    item = _find_item(held, code)
    was, item.verdict = item.verdict, verdict
    asks = verdict == Verdict.CHANGE_REQUESTED
    item.reason = _change_reason(held, reason, item.category) if asks else None
    item.note = note if asks else ""
    _judge(held, actor, item, was)
    bump(application)
    return application


@transaction.atomic
def accept_rest(actor: Actor, application_id: UUID, *, version: int) -> Application:
    """Accept every item with pictures that has no verdict of this stage yet; what a change was asked of stays so.

    Each can be undone on its own.

    Raises Stale, Refusal, Application.DoesNotExist.
    """
    held = _begin(actor, application_id, version)
    application = held.application
    refusal = rules.why_not_under_review(application, held.session)
    if refusal is not None:
        raise refusal
    hold(application, actor, held.now)
    waiting = [item for item in items_of(application, held.candidate) if rules.waits_for_verdict(item, application)]
    rest = [item for item in waiting if item.verdict != Verdict.CHANGE_REQUESTED]
    for item in rest:
        was, item.verdict, item.reason, item.note = item.verdict, Verdict.ACCEPTED, None, ""
        _judge(held, actor, item, was)
    if rest:
        bump(application)
    return application


def _judge(held: Locked, actor: Actor, item: Item, was: str) -> None:
    """Save a verdict and record it, with the one that it takes the place of."""
    stage = held.application.stage
    item.verdict_by, item.verdict_at, item.verdict_stage = reviewer_of(actor), held.now, stage
    item.save()
    record(
        Action.VERDICT_GIVEN,
        actor,
        candidate=held.candidate,
        item=item.category.code,
        was=was,
        verdict=item.verdict,
        reason=item.reason.code if item.reason else "",
        stage=stage,
    )


@transaction.atomic
def finish_review(
    actor: Actor, application_id: UUID, *, version: int, outcome: str, reason: str = "", note: str = ""
) -> Application:
    """Pass, return, reject, or send back to the site (rules 6 and 8). The candidate is told of a return.

    Raises Stale, Refusal, Application.DoesNotExist.
    """
    held = _begin(actor, application_id, version)
    application, session = held.application, held.session
    refusal = rules.why_not_under_review(application, session)
    if refusal is not None:
        raise refusal
    if outcome not in {Outcome.PASS, Outcome.RETURN, Outcome.REJECT, Outcome.SEND_BACK}:
        raise Refusal("outcome", _("Choose pass, return, reject or send back."), status=422)
    _check_note(note)
    claim = hold(application, actor, held.now)
    found = _find_reason(held, reason, ReasonUse.REJECT) if outcome == Outcome.REJECT else None
    items = items_of(application, held.candidate)
    refusal = rules.why_not_finish(
        Outcome(outcome), application, session, items, has_reason=found is not None, note=note, now=held.now
    )
    if refusal is not None:
        raise refusal

    stage = application.stage
    requested = (
        [item for item in items if item.verdict == Verdict.CHANGE_REQUESTED] if outcome == Outcome.RETURN else []
    )
    decision = _decide(held, actor, Outcome(outcome), requested, reason=found, note=note, claimed_at=claim.claimed_at)
    if outcome == Outcome.PASS:
        application.status, application.stage = rules.state_after_pass(application, session)
        application.send_back_note = ""
    elif outcome == Outcome.REJECT:
        application.status = Status.REJECTED
    elif outcome == Outcome.SEND_BACK:
        application.stage, application.send_back_note = "site", note
    else:
        application.status = Status.RETURNED
        application.corrections_until = rules.own_deadline(application, session, held.now)
        _open_items(requested)
        # Ticks are told now; one that was taken back since the last return is taken back for the candidate too.
        Item.objects.filter(application=application, locked=True).update(shown_verdict=F("verdict"))
        until = correction_deadline(application, session)
        tell(
            held.candidate,
            MessageKind.RETURNED,
            items=[item.category.code for item in requested],
            until=until.isoformat(),
        )
    if application.status != Status.SUBMITTED:
        application.decided_at = held.now
    Claim.objects.filter(application=application).delete()
    save_application(application, "status", "stage", "decided_at", "send_back_note", "corrections_until")
    if application.status == Status.PASSED:
        draw(decision, session)
    record(
        Action.FINISHED,
        actor,
        candidate=held.candidate,
        outcome=outcome,
        stage=stage,
        status=application.status,
        items=[item.category.code for item in requested],
        reason=found.code if found else "",
    )
    return application


def _open_items(items: list[Item]) -> None:
    """Unlock exactly these, and tell the candidate why; an old reply answered an old request."""
    for item in items:
        item.locked, item.reply, item.shown_verdict = False, "", Verdict.CHANGE_REQUESTED
        item.save()


def _decide(
    held: Locked,
    actor: Actor,
    outcome: Outcome,
    requested: list[Item],
    *,
    reason: Reason | None,
    note: str,
    claimed_at: Any,
) -> Decision:
    return Decision.objects.create(
        application=held.application,
        round=held.application.rounds,
        stage=held.application.stage,
        outcome=outcome,
        reason=reason,
        sentence_zh=reason.sentence_zh if reason else "",
        sentence_en=reason.sentence_en if reason else "",
        requests=[
            {"item": item.category.code, "reason": item.reason.code if item.reason else "", "note": item.note}
            for item in requested
        ],
        note=note,
        reviewer=reviewer_of(actor),
        claimed_at=claimed_at,
        decided_at=held.now,
    )


@transaction.atomic
def unlock_item(
    actor: Actor, application_id: UUID, code: str, *, version: int, reason: str, note: str = ""
) -> Application:
    """Unlock one item with feedback, now: for instance after a phone call, also after a pass.

    The application goes back to its candidate; nothing else is unlocked and no other verdict is
    told. Raises Stale, Refusal, Application.DoesNotExist, Category.DoesNotExist.
    """
    held = _begin(actor, application_id, version)
    application = held.application
    refusal = rules.why_not_unlock(application, held.session)
    refusal = refusal or rules.why_no_time_left(application, held.session, held.now)
    if refusal is not None:
        raise refusal
    _check_note(note)
    item = _find_item(held, code)
    if application.status == Status.SUBMITTED:
        hold(application, actor, held.now)
    if not item.locked:
        raise Refusal("unlocked", _("This item is already unlocked; the candidate can change it."))
    item.verdict, item.note = Verdict.CHANGE_REQUESTED, note
    item.reason = _change_reason(held, reason, item.category)
    item.verdict_by, item.verdict_at, item.verdict_stage = reviewer_of(actor), held.now, application.stage
    _open_items([item])
    _decide(held, actor, Outcome.UNLOCK, [item], reason=None, note=note, claimed_at=None)
    Claim.objects.filter(application=application).delete()
    take_back(application, held.now)  # the only way out of a pass
    was, application.status, application.decided_at = application.status, Status.RETURNED, held.now
    application.corrections_until = rules.own_deadline(application, held.session, held.now)
    save_application(application, "status", "decided_at", "corrections_until")
    until = correction_deadline(application, held.session)
    tell(held.candidate, MessageKind.UNLOCKED, items=[code], until=until.isoformat())
    about = {"item": code, "reason": item.reason.code, "was": was, "status": application.status}
    record(Action.UNLOCKED, actor, candidate=held.candidate, **about)
    return application
