"""Judging a pass once more, blind, and settling where that disagrees."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import ExamSession
from candidates.refusals import Refusal, Stale
from candidates.rules import may_run_session
from candidates.services.events import Actor, record
from materials.models import Item, Reason
from materials.selectors import applications_for, items_of
from materials.services.locking import lock_application

from .. import rules
from ..enums import Opinion
from ..models import SecondLook
from ..rules import Answer
from ..selectors import change_reasons, disagreements, second_looks_for, waiting_looks
from .claims import reviewer_of
from .verdicts import what_happened


@transaction.atomic
def claim_next(actor: Actor) -> SecondLook | None:
    """Claim the second look that waits longest, or None. One that the reviewer still holds comes first.

    Its own columns hold the claim, not a Claim: that would be seen where the application is listed.
    Rows that somebody else is claiming at this moment are skipped; PostgreSQL judges the row that it
    locked anew, so that what was claimed or ended meanwhile is not taken.
    """
    user, now = reviewer_of(actor), timezone.now()
    waiting = waiting_looks(user).select_for_update(of=("self",), skip_locked=True, no_key=True)
    own = waiting.filter(reviewer=user, expires_at__gt=now).first()
    look = own or waiting.filter(Q(expires_at=None) | Q(expires_at__lte=now)).first()
    if look is None:
        return None
    look.reviewer, look.expires_at = user, now + rules.SECOND_LOOK_LIFETIME
    look.save(update_fields=["reviewer", "expires_at"])
    if own is None:
        record(Action.SECOND_LOOK_CLAIMED, actor, candidate=look.application.candidate)
    return look


@transaction.atomic
def answer(actor: Actor, look_id: UUID, *, version: int, answers: Mapping[str, Answer]) -> SecondLook:
    """Say of every item whether it is fine, by category code. Changes nothing about the application.

    A claim that lapsed costs nothing as long as nobody else has taken the look. Raises Stale,
    Refusal; DoesNotExist out of scope, and for those who decided on this application themselves.
    """
    held = lock_application(second_looks=look_id)
    user, application = reviewer_of(actor), held.application
    looks = second_looks_for(user).select_related("decision", "reviewer")
    look = looks.select_for_update(of=("self",), no_key=True).get(pk=look_id)
    refusal = rules.why_not_second_reviewer(user, look)
    if refusal is not None:
        raise refusal
    if look.taken_back_at is not None:
        raise Stale(what_happened(application))
    _wait_for_publication(held.session)
    refusal = rules.why_not_look(user, look, held.session, held.now)
    if refusal is not None:
        raise refusal
    if application.version != version:
        # Without what_happened: it may name who decided before.
        raise Stale(_("This application was changed meanwhile. Look at it again; what you typed is kept below."))
    items = items_of(application, held.candidate)
    _refuse_faults(items, answers, change_reasons(held.session))
    given = [(item.category.code, answers[item.category.code]) for item in items]
    look.findings = [
        {"item": code, "reason": answer.reason, "note": answer.note}
        for code, answer in given
        if answer.opinion == Opinion.CHANGE
    ]
    look.reviewer, look.answered_at = user, held.now
    look.expires_at = look.expires_at or held.now
    look.save(update_fields=["reviewer", "expires_at", "answered_at", "findings"])
    record(
        Action.SECOND_LOOK_ANSWERED,
        actor,
        candidate=held.candidate,
        agrees=not look.findings,
        items=[finding["item"] for finding in look.findings],
    )
    return look


def _wait_for_publication(session: ExamSession) -> None:
    """A publication waits for this answer, which may stand in its way, or comes before it and refuses it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM candidates_examsession WHERE id = %s FOR SHARE", [session.pk])
    session.refresh_from_db(fields=["published_at"])


def _refuse_faults(items: list[Item], answers: Mapping[str, Answer], reasons: list[Reason]) -> None:
    """Raise Refusal naming every item whose answer is missing or wrong."""
    faults = [
        format_lazy(_("“{item}”: {fault}"), item=item.category.name, fault=fault)
        for item in items
        if (fault := rules.fault_of(answers.get(item.category.code, Answer()), item.category, reasons))
    ]
    if faults:
        raise Refusal("answers", "\n".join(str(fault) for fault in faults), status=422)


@transaction.atomic
def let_pass_stand(actor: Actor, look_id: UUID, *, version: int, note: str) -> SecondLook:
    """Settle a disagreement: the pass stands, for the reason that ``note`` gives.

    Raises Stale, Refusal, DoesNotExist.
    """
    held = lock_application(second_looks=look_id)
    user, application = reviewer_of(actor), held.application
    applications_for(user).only("pk").get(pk=application.pk)
    if not may_run_session(user, held.session):
        raise Refusal("role", _("Only the region's staff settle a disagreement. Ask them."), status=403)
    look = disagreements().select_for_update(of=("self",), no_key=True).get(pk=look_id)
    if look.taken_back_at is not None:
        raise Stale(what_happened(application))
    refusal = rules.why_not_settle(look, held.session, note)
    if refusal is not None:
        raise refusal
    if application.version != version:
        raise Stale(what_happened(application))
    look.settled_at, look.settled_by, look.settlement = held.now, user, note
    look.save(update_fields=["settled_at", "settled_by", "settlement"])
    record(Action.SECOND_LOOK_SETTLED, actor, candidate=held.candidate, note=note)
    return look
