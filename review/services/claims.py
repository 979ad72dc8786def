"""Who is at an application (docs/product.md, "Reviewer")."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import User
from candidates.refusals import Refusal
from candidates.services.events import Actor, record
from materials.models import Application
from materials.selectors import applications_for
from materials.services.locking import lock_application

from ..models import Claim
from ..rules import CLAIM_LIFETIME, why_not_reviewer, why_not_under_review
from ..selectors import live_claim, queue_for, unclaimed


def reviewer_of(actor: Actor) -> User:
    if actor.user is None:
        raise TypeError("a review needs a signed-in reviewer")
    return actor.user


@transaction.atomic
def claim_next(actor: Actor) -> Application | None:
    """Claim the next application of the queue, or None when it is empty.

    One that the reviewer still holds comes first, so that a closed page loses nothing. Rows that
    somebody else is claiming at this moment are skipped, not waited for.
    """
    user, now = reviewer_of(actor), timezone.now()
    queue = queue_for(user).select_for_update(of=("self",), skip_locked=True, no_key=True)
    own = queue.filter(claim__reviewer=user, claim__expires_at__gt=now)
    application = own.first() or unclaimed(queue, user, now).first()
    if application is None:
        return None
    # The row is ours now; a claim committed between the query's snapshot and the lock is seen only here.
    claim = live_claim(application, now)
    if claim is not None and claim.reviewer_id != user.pk:
        return claim_next(actor)
    _write_claim(application, actor, now)
    return application


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
    renewed = claim is not None and claim.reviewer_id == user.pk and claim.expires_at > now
    if claim is None or not renewed:
        claim = Claim(application=application, reviewer=user, claimed_at=now)
        candidate = application.candidate
        record(Action.CLAIMED, actor, candidate=candidate)
    claim.expires_at = now + CLAIM_LIFETIME
    claim.save()
    return claim


@transaction.atomic
def release(actor: Actor, application_id: UUID) -> None:
    """Give one's own claim back to the queue. Nothing happens when there is none."""
    application = applications_for(reviewer_of(actor)).get(pk=application_id)
    lock_application(pk=application.pk)
    Claim.objects.filter(application=application, reviewer=reviewer_of(actor)).delete()
