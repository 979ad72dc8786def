"""Queries about judging, always scoped to whoever asks (docs/product.md, rule 13)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession, User
from candidates.selectors import events_for, in_scope
from materials.enums import Status
from materials.models import Application, Photo, Reason, Submission
from materials.selectors import applications_for

from .enums import Outcome
from .models import Claim, Decision, Publication
from .rules import stages_of

HISTORY = [
    Action.SUBMITTED,
    Action.CLAIMED,
    Action.VERDICT_GIVEN,
    Action.FINISHED,
    Action.UNLOCKED,
    Action.DEADLINE_EXTENDED,
    Action.REGISTRATION_CHANGED,
]


def queue_for(user: User) -> QuerySet[Application]:
    """What waits for this account's decision, claimed or not: resubmissions first, then by time."""
    return (
        applications_for(user)
        .filter(status=Status.SUBMITTED, stage__in=stages_of(user), session__published_at=None)
        .order_by(F("rounds").desc(), "submitted_at", "pk")
    )


def unclaimed(queue: QuerySet[Application], user: User, now: datetime) -> QuerySet[Application]:
    """Of a queue, what nobody else holds at this moment."""
    others = live_claims(now).filter(application=OuterRef("pk")).exclude(reviewer=user)
    return queue.filter(~Exists(others))


def live_claims(now: datetime) -> QuerySet[Claim]:
    """Claims that hold: not expired, and not of a reviewer whose site the candidate has left since."""
    in_place = Q(reviewer__site=None) | Q(reviewer__site=F("application__site"))
    return Claim.objects.filter(in_place, expires_at__gt=now)


def live_claim(application: Application, now: datetime) -> Claim | None:
    return live_claims(now).filter(application=application).select_related("reviewer").first()


def decisions_of(application: Application) -> QuerySet[Decision]:
    return application.decisions.select_related("reviewer", "reason").order_by("pk")


def last_requests(decisions: Iterable[Decision]) -> dict[str, dict[str, str]]:
    """What was asked of the candidate last, by category code: ``{"item", "reason", "note"}``.

    A round may have several: items unlocked one by one add to what a return asked for.
    """
    asking = [decision for decision in decisions if decision.outcome in (Outcome.RETURN, Outcome.UNLOCK)]
    newest = max((decision.round for decision in asking), default=0)
    return {entry["item"]: entry for decision in asking if decision.round == newest for entry in decision.requests}


def application_on_screen(user: User, application_id: UUID) -> Application | None:
    """An application in scope with all its facts and its claim, expired or not, in one query."""
    facts = ("candidate", "session__region", "site", "claim__reviewer")
    return applications_for(user).select_related(*facts).filter(pk=application_id).first()


def replaced_photos(application: Application, since: datetime) -> QuerySet[Photo]:
    """Pictures of an earlier submission that the candidate took out after ``since``."""
    return Photo.objects.filter(item__application=application, superseded_at__gt=since).order_by("position", "pk")


def submission_times(application: Application) -> dict[int, datetime]:
    """When each round was handed in, by its number."""
    return dict(application.submissions.values_list("number", "submitted_at"))


def known_reasons(session: ExamSession) -> list[Reason]:
    """All of a region's reasons, those out of use too, its own before everybody's: old decisions name them."""
    return list(
        Reason.objects.filter(Q(region=None) | Q(region=session.region_id)).order_by(
            F("region").asc(nulls_last=True), "position", "code"
        )
    )


def history_of(user: User, candidate: Candidate, most: int = 60) -> QuerySet[Event]:
    """The newest events of one candidate's application; views of pictures are in the admin's full list."""
    return events_for(user).filter(candidate=candidate, action__in=HISTORY).select_related("actor")[:most]


def count_queue(user: User, now: datetime, most: int) -> int:
    """How many wait that nobody else holds, counted no further than ``most``: a queue may be very long."""
    return unclaimed(queue_for(user), user, now).order_by()[:most].count()


def decisions_for(user: User) -> QuerySet[Decision]:
    scope = in_scope(user, region="application__session__region_id", site="application__site_id")
    return Decision.objects.filter(scope)


def publications_for(user: User) -> QuerySet[Publication]:
    return Publication.objects.filter(in_scope(user, region="session__region_id", site=None))


def photos_by_category(application: Application) -> dict[int, list[Photo]]:
    """Every picture of an application, those replaced since a submission included, by category."""
    found: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(item__application=application).select_related("item").order_by("position", "pk"):
        found.setdefault(photo.item.category_id, []).append(photo)
    return found


def submissions_of(application: Application) -> list[Submission]:
    """Its submissions; the receipt's number costs no query."""
    found = list(application.submissions.order_by("number"))
    for submission in found:
        submission.application = application
    return found
