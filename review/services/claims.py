"""Who is at an application (docs/product.md, "Reviewer")."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import User
from candidates.refusals import Refusal
from candidates.services.events import Actor, record
from materials.models import Application
from materials.selectors import applications_for
from materials.services.locking import Locked, lock_application

from ..models import Claim, Skip
from ..rules import (
    CLAIM_LIFETIME,
    LEAVING_LIFETIME,
    SKIP_LIFETIME,
    why_not_reviewer,
    why_not_take_over,
    why_not_under_review,
)
from ..selectors import EVERYTHING, QUEUE_ORDER, Narrowing, live_claim, narrowed, not_skipped, queue_for, unclaimed


def reviewer_of(actor: Actor) -> User:
    if actor.user is None:
        raise TypeError("a review needs a signed-in reviewer")
    return actor.user


@transaction.atomic
def claim_next(actor: Actor, queue: Narrowing = EVERYTHING) -> Application | None:
    """Claim the next application of the queue, or None when it is empty.

    One that the reviewer still holds comes first, so that a closed page loses nothing; what they
    skipped comes last. Rows that somebody else is claiming at this moment are skipped, not waited for.
    """
    user, now = reviewer_of(actor), timezone.now()
    waiting = _takeable(user, queue)
    own = waiting.filter(claim__reviewer=user, claim__expires_at__gt=now)
    free = unclaimed(waiting, user, now)
    # Of one's own, the one that was open before the one that was kept for later.
    application = (
        own.order_by("claim__ahead", *QUEUE_ORDER).first() or not_skipped(free, user, now).first() or free.first()
    )
    if application is None:
        return None
    # The row is ours now; a claim committed between the query's snapshot and the lock is seen only here.
    claim = live_claim(application, now)
    if claim is not None and claim.reviewer_id != user.pk:
        return claim_next(actor, queue)
    _write_claim(application, actor, now)
    return application


@transaction.atomic
def claim_ahead(actor: Actor, beside: UUID, queue: Narrowing = EVERYTHING) -> Application | None:
    """Keep what comes after ``beside`` for the reviewer who is at that, so that its pictures can load meanwhile.

    One at a time, which each call keeps alive; it becomes an ordinary claim when it is opened. None when nothing
    else waits, or ``beside`` is not theirs (any more). Raises Application.DoesNotExist out of scope.
    """
    user = reviewer_of(actor)
    # Calls of one reviewer take turns by this lock.
    now = _own(actor, beside).now
    mine = Claim.objects.filter(reviewer=user, expires_at__gt=now)
    if not mine.filter(application=beside, ahead=False).exists():
        return None
    until = now + CLAIM_LIFETIME
    kept = mine.filter(ahead=True).exclude(application=beside).first()
    if kept is not None:
        mine.filter(application=kept.application_id, ahead=True).update(expires_at=until)
        return queue_for(user).filter(pk=kept.application_id).first()
    # What they skipped comes to them only when they ask for the next one and nothing else is left.
    free = not_skipped(unclaimed(_takeable(user, queue), user, now), user, now)
    application = free.exclude(claim__in=mine).exclude(pk=beside).first()
    if application is None or live_claim(application, now) is not None:
        return None
    facts = {"reviewer": user, "claimed_at": now, "expires_at": until, "ahead": True}
    Claim.objects.update_or_create(application=application, defaults=facts)
    record(Action.KEPT_AHEAD, actor, candidate=application.candidate)
    return application


def _takeable(user: User, queue: Narrowing) -> QuerySet[Application]:
    """What waits, each row locked when it is read; rows that somebody else has locked are left out."""
    return narrowed(queue_for(user), queue).select_for_update(of=("self",), skip_locked=True, no_key=True)


@transaction.atomic
def claim(actor: Actor, application_id: UUID) -> Application:
    """Claim this application, or keep one's own claim alive.

    Raises Refusal when somebody else holds it; Application.DoesNotExist out of scope.
    """
    held = lock_application(pk=application_id)
    applications_for(reviewer_of(actor)).only("pk").get(pk=application_id)
    refusal = why_not_reviewer(reviewer_of(actor), held.application) or why_not_under_review(
        held.application, held.session
    )
    if refusal is not None:
        raise refusal
    hold(held.application, actor, held.now)
    return held.application


@transaction.atomic
def keep(actor: Actor, application_id: UUID) -> Application:
    """Keep one's own claim alive, for a page that is open; a lapsed one too, as long as nobody else took it.

    One that was given back is not taken again by a page that does not know it yet. Raises Refusal;
    Application.DoesNotExist out of scope.
    """
    held = _own(actor, application_id)
    refusal = why_not_reviewer(reviewer_of(actor), held.application) or why_not_under_review(
        held.application, held.session
    )
    if refusal is not None:
        raise refusal
    was_mine = Claim.objects.filter(application=held.application, reviewer=reviewer_of(actor)).exists()
    if not was_mine and live_claim(held.application, held.now) is None:
        raise Refusal(
            "released", _("This application is not in your hands any more. Take it again, or go on to the next one.")
        )
    hold(held.application, actor, held.now)
    return held.application


def hold(application: Application, actor: Actor, now: datetime) -> Claim:
    """Make sure the actor holds the claim: every decision renews it, or takes it where it has lapsed.

    The application must be locked. Raises Refusal naming who else holds it.
    """
    claim = live_claim(application, now)
    if claim is not None and claim.reviewer_id != reviewer_of(actor).pk:
        raise Refusal(
            "claimed",
            format_lazy(
                _("{name} is reviewing this application. Take the next one, or ask {name} to release it."),
                name=claim.reviewer,
            ),
        )
    return _write_claim(application, actor, now)


def _write_claim(application: Application, actor: Actor, now: datetime) -> Claim:
    user = reviewer_of(actor)
    claim = Claim.objects.filter(application=application).first()
    renewed = claim is not None and claim.reviewer_id == user.pk and claim.expires_at > now and not claim.ahead
    if claim is None or not renewed:
        claim = Claim(application=application, reviewer=user, claimed_at=now)
        candidate = application.candidate
        record(Action.CLAIMED, actor, candidate=candidate)
    claim.expires_at = now + CLAIM_LIFETIME
    claim.save()
    return claim


@transaction.atomic
def take_over(actor: Actor, application_id: UUID) -> Application:
    """An administrator takes what somebody else is reviewing. Whoever held it is told at their next press.

    Raises Refusal; Application.DoesNotExist out of scope.
    """
    held = lock_application(pk=application_id)
    applications_for(reviewer_of(actor)).only("pk").get(pk=application_id)
    refusal = why_not_take_over(reviewer_of(actor)) or why_not_under_review(held.application, held.session)
    if refusal is not None:
        raise refusal
    claim = live_claim(held.application, held.now)
    if claim is not None and claim.reviewer_id != reviewer_of(actor).pk:
        record(Action.TAKEN_OVER, actor, candidate=held.candidate, holder=claim.reviewer.username)
        claim.delete()
    hold(held.application, actor, held.now)
    return held.application


@transaction.atomic
def skip(actor: Actor, application_id: UUID) -> None:
    """Put an application aside: it goes back to the queue, and comes to this reviewer again when nothing else does.

    Raises Refusal; Application.DoesNotExist out of scope.
    """
    held = _own(actor, application_id)
    refusal = why_not_reviewer(reviewer_of(actor), held.application)
    if refusal is not None:
        raise refusal
    Skip.objects.update_or_create(
        reviewer=reviewer_of(actor),
        application=held.application,
        defaults={"until": held.now + SKIP_LIFETIME},
    )
    record(Action.SKIPPED, actor, candidate=held.candidate)
    _give_back(actor, held)


@transaction.atomic
def release(actor: Actor, application_id: UUID) -> None:
    """Give one's own claim back to the queue. Nothing happens when there is none."""
    held = _own(actor, application_id)
    if _give_back(actor, held):
        record(Action.RELEASED, actor, candidate=held.candidate)


@transaction.atomic
def leave(actor: Actor, application_id: UUID) -> None:
    """The page of one's own claim was left: unless it comes back at once, the claim ends, and what it kept ahead."""
    held = _own(actor, application_id)
    soon = held.now + LEAVING_LIFETIME
    left = Q(application=held.application) | Q(ahead=True)
    Claim.objects.filter(left, reviewer=reviewer_of(actor), expires_at__gt=soon).update(expires_at=soon)


def _own(actor: Actor, application_id: UUID) -> Locked:
    """The application locked. Raises Application.DoesNotExist out of scope."""
    applications_for(reviewer_of(actor)).only("pk").get(pk=application_id)
    return lock_application(pk=application_id)


def _give_back(actor: Actor, held: Locked) -> bool:
    """Whether there was a claim to give back."""
    deleted, _of = Claim.objects.filter(application=held.application, reviewer=reviewer_of(actor)).delete()
    return deleted > 0
