"""Queries about judging, always scoped to whoever asks (docs/product.md, rule 13)."""

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from candidates.models import User
from materials.enums import Status
from materials.models import Application
from materials.selectors import applications_for

from .models import Claim, Decision
from .rules import stages_of


def queue_for(user: User) -> QuerySet[Application]:
    """What waits for this account's decision, claimed or not: resubmissions first, then by time."""
    return (
        applications_for(user)
        .filter(status=Status.SUBMITTED, stage__in=stages_of(user), session__published_at=None)
        .order_by(F("rounds").desc(), "submitted_at", "pk")
    )


def unclaimed(queue: QuerySet[Application], user: User, now: datetime) -> QuerySet[Application]:
    """Of a queue, what nobody else holds at this moment."""
    others = Claim.objects.filter(application=OuterRef("pk"), expires_at__gt=now).exclude(reviewer=user)
    return queue.filter(~Exists(others))


def live_claim(application: Application, now: datetime) -> Claim | None:
    return Claim.objects.filter(application=application, expires_at__gt=now).select_related("reviewer").first()


def decisions_of(application: Application) -> QuerySet[Decision]:
    return application.decisions.select_related("reviewer", "reason").order_by("pk")


def last_requests(application: Application) -> dict[str, dict[str, str]]:
    """What was asked of the candidate last, by category code: ``{"reason": code, "note": text}``."""
    asked = application.decisions.filter(Q(outcome="return") | Q(outcome="unlock")).order_by("-pk").first()
    return {entry["item"]: entry for entry in asked.requests} if asked else {}
