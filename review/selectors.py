"""Queries about judging, always scoped to whoever asks (docs/product.md, rule 13)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession, User
from candidates.selectors import events_for, in_scope
from materials.enums import ReasonUse, Requirement, Status, Verdict
from materials.intake.likeness import OUTLINES_APART, distance, is_made_from
from materials.models import Application, Item, Likeness, Photo, Reason, Submission
from materials.selectors import applications_for, categories_for, kept_photos, reasons_for

from .enums import Outcome
from .models import Claim, Decision, PictureTurn, Proposal, Publication, SecondLook, Skip
from .rules import stages_of

HISTORY = [
    Action.SUBMITTED,
    Action.CLAIMED,
    Action.TAKEN_OVER,
    Action.SKIPPED,
    Action.VERDICT_GIVEN,
    Action.FINISHED,
    Action.UNLOCKED,
    Action.DEADLINE_EXTENDED,
    Action.REGISTRATION_CHANGED,
    Action.PHONE_CHANGED,
]


#: Resubmissions first, then by time.
QUEUE_ORDER = (F("rounds").desc(), F("submitted_at").asc(), F("pk").asc())


def queue_for(user: User) -> QuerySet[Application]:
    """What waits for this account's decision, claimed or not."""
    waiting = applications_for(user).filter(status=Status.SUBMITTED, stage__in=stages_of(user))
    return waiting.filter(session__published_at=None).order_by(*QUEUE_ORDER)


@dataclass(frozen=True)
class Narrowing:
    """What a reviewer wants to see of their queue. Codes; an empty one means all."""

    site: str = ""
    track: str = ""
    stage: str = ""
    item: str = ""


EVERYTHING = Narrowing()


def narrowed(queue: QuerySet[Application], to: Narrowing) -> QuerySet[Application]:
    """Of a queue, what is wanted; ``item``: a category whose pictures still wait for a verdict."""
    if to.site:
        queue = queue.filter(site__code=to.site)
    if to.track:
        queue = queue.filter(candidate__track=to.track)
    if to.stage:
        queue = queue.filter(stage=to.stage)
    if to.item:
        waiting = Item.objects.filter(
            application=OuterRef("pk"), category__code=to.item, verdict=Verdict.PENDING, photos__superseded_at=None
        )
        queue = queue.filter(Exists(waiting.filter(photos__isnull=False)))
    return queue


def not_skipped(queue: QuerySet[Application], user: User, now: datetime) -> QuerySet[Application]:
    """Of a queue, what this reviewer did not put aside."""
    return queue.filter(~Exists(Skip.objects.filter(application=OuterRef("pk"), reviewer=user, until__gt=now)))


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
    return kept_photos().filter(item__application=application, superseded_at__gt=since).order_by("position", "pk")


def same_elsewhere(user: User, application: Application, most: int = 20) -> dict[str, list[Application | None]]:
    """Pictures of this application that other candidates of the session handed in too, by ``pixels_sha256``.

    Each with their applications, None for one that is out of scope.
    """
    own = Photo.objects.filter(item__application=application, superseded_at=None).values("pixels_sha256")
    same = (
        Photo.objects.filter(
            pixels_sha256__in=own, superseded_at=None, item__application__session=application.session_id
        )
        .exclude(item__application=application)
        .exclude(item__application__status=Status.DRAFT)
        .order_by("pixels_sha256", "item__application__candidate__registration_number")
        .values_list("pixels_sha256", "item__application")[:most]
    )
    pairs = list(same)
    visible = applications_for(user).select_related("candidate").in_bulk([pk for _sha256, pk in pairs]) if pairs else {}
    found: dict[str, list[Application | None]] = {}
    for sha256, pk in pairs:
        places = found.setdefault(sha256, [])
        if (other := visible.get(pk)) not in places:
            places.append(other)
    return found


def turns_of(application: Application) -> dict[UUID, int]:
    """How far reviewers turned its pictures, in degrees clockwise."""
    return dict(PictureTurn.objects.filter(photo__item__application=application).values_list("photo", "degrees"))


def photos_to_judge(application: Application) -> QuerySet[Photo]:
    """The pictures that a reviewer will look at first: those of items without a tick of this stage, in order."""
    return (
        Photo.objects.filter(item__application=application, superseded_at=None)
        .exclude(item__verdict=Verdict.ACCEPTED, item__verdict_stage=application.stage)
        .order_by("item__category__position", "item__category__code", "position")
    )


@dataclass(frozen=True)
class Alike:
    """Where another candidate has a picture that looks nearly the same; both None out of scope."""

    application: Application | None
    photo: Photo | None


_NEAREST_OUTLINES = f"""
SELECT mine.photo_id, near.photo_id
FROM materials_likeness mine CROSS JOIN LATERAL (
    SELECT other.photo_id FROM materials_likeness other
    WHERE other.session_id = mine.session_id AND {
    " AND ".join(
        f"other.{name} BETWEEN mine.{name} - %(apart)s AND mine.{name} + %(apart)s" for name in Likeness.OUTLINE
    )
}
    ORDER BY {" + ".join(f"abs(other.{name} - mine.{name})" for name in Likeness.OUTLINE)}
    LIMIT %(compared)s
) near
WHERE mine.photo_id = ANY(%(mine)s)
"""  # noqa: S608 - the names of columns


def alike_elsewhere(user: User, application: Application, compared: int = 100) -> dict[UUID, list[Alike]]:
    """Where other candidates of the session handed in nearly what this application has, by the picture's id.

    The nearest first, each candidate once. Of each picture, only the ``compared`` nearest by outline are looked at.
    What is the same pixel for pixel is left to ``same_elsewhere``. Three queries, and two more where there is any,
    however many pictures. Rows are read as plain values: most are compared and never shown.
    """
    live = Likeness.objects.filter(photo__superseded_at=None)
    own = {mine.photo_id: mine for mine in live.select_related("photo").filter(photo__item__application=application)}
    if not own:
        return {}
    pairs = _nearest_outlines(own.keys(), compared)
    handed_in = live.exclude(photo__item__application__status=Status.DRAFT)
    others = handed_in.exclude(photo__item__application=application).filter(pk__in={other for _mine, other in pairs})
    values = others.values_list("photo_id", "grid", "photo__pixels_sha256", "photo__item__application_id")
    read = {other: (bytes(grid), seen, place) for other, grid, seen, place in values}
    alike = []
    for mine, other in pairs:
        grid, seen, place = read.get(other, (b"", "", None))
        own_grid = bytes(own[mine].grid)
        if grid and seen != own[mine].photo.pixels_sha256 and is_made_from(own_grid, grid):
            alike.append((distance(own_grid, grid), mine, other, place))
    if not alike:
        return {}
    photos = Photo.objects.select_related("item__category").in_bulk({other for _far, _mine, other, _place in alike})
    places = applications_for(user).select_related("candidate").in_bulk({place for *_rest, place in alike})
    found: dict[UUID, dict[Application | None, Photo]] = {}  # a candidate once, by the nearest
    for _far, mine, other, place in sorted(alike, key=itemgetter(0)):
        found.setdefault(mine, {}).setdefault(places.get(place), photos[other])
    return {
        mine: [Alike(place, photo if place else None) for place, photo in near.items()] for mine, near in found.items()
    }


def _nearest_outlines(mine: Collection[UUID], compared: int) -> list[tuple[UUID, UUID]]:
    """Each of ``mine`` with the ``compared`` that may look nearly the same, nearest first; its own among them.

    In SQL, where PostgreSQL itself goes from one picture to the next (LATERAL): putting together a query for each and
    the union of them took a third of the review screen's time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST_OUTLINES, {"apart": OUTLINES_APART, "compared": compared, "mine": list(mine)})
        return cursor.fetchall()


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


def count_queue(user: User, now: datetime, most: int, wanted: Narrowing = EVERYTHING) -> int:
    """How many wait that nobody else holds, counted no further than ``most``: a queue may be very long."""
    return unclaimed(narrowed(queue_for(user), wanted), user, now).order_by()[:most].count()


def codes_in_review(user: User) -> list[tuple[str, str]]:
    """Code and name of every category of the sessions in scope whose results are not published, each code once.

    In the catalogue's order, which is that of the review screen; without those that are switched off.
    """
    categories = categories_for(user).filter(session__isnull=False, session__published_at=None)
    in_use = categories.exclude(requirement=Requirement.OFF).order_by("position", "code")
    return list({category.code: category.name for category in in_use}.items())


def decisions_for(user: User) -> QuerySet[Decision]:
    scope = in_scope(user, region="application__session__region_id", site="application__site_id")
    return Decision.objects.filter(scope)


def publications_for(user: User) -> QuerySet[Publication]:
    return Publication.objects.filter(in_scope(user, region="session__region_id", site=None))


def second_looks_for(user: User) -> QuerySet[SecondLook]:
    """Those in scope. To who decided on the application, or judged one of its items, its look does not exist."""
    scope = in_scope(user, region="application__session__region_id", site="application__site_id")
    decided = Decision.objects.filter(application=OuterRef("application"), reviewer=user)
    judged = Item.objects.filter(application=OuterRef("application"), verdict_by=user)
    return SecondLook.objects.filter(scope, ~Exists(decided), ~Exists(judged))


def waiting_looks(user: User) -> QuerySet[SecondLook]:
    """The second looks that this account may answer, claimed or not, the oldest first."""
    return (
        second_looks_for(user)
        .filter(answered_at=None, taken_back_at=None, decision__stage__in=stages_of(user))
        .filter(application__session__published_at=None)
        .select_related("application__candidate__session__region", "application__candidate__site__region")
        .order_by("drawn_at", "pk")
    )


def count_looks(user: User, now: datetime, most: int) -> int:
    """How many second looks wait that nobody else holds, counted no further than ``most``."""
    others = Q(expires_at__gt=now) & ~Q(reviewer=user)
    return waiting_looks(user).exclude(others).order_by()[:most].count()


def second_look_on_screen(user: User, look_id: UUID) -> SecondLook | None:
    """A second look in scope with all the facts of its candidate, in one query."""
    facts = ("application__candidate", "application__session__region", "application__site", "decision", "reviewer")
    return second_looks_for(user).select_related(*facts).filter(pk=look_id).first()


def change_reasons(session: ExamSession) -> list[Reason]:
    """The reasons in use for asking a change, each code once: the region's own before everybody's."""
    offered: dict[str, Reason] = {}
    for reason in reasons_for(session, ReasonUse.CHANGE).order_by(F("region").asc(nulls_last=True)):
        offered.setdefault(reason.code, reason)
    return sorted(offered.values(), key=lambda reason: (reason.position, reason.code))


def disagreements() -> QuerySet[SecondLook]:
    """Second looks that found something where the first reviewer passed, settled or not."""
    return SecondLook.objects.exclude(findings=[])


def unsettled(session: ExamSession) -> QuerySet[SecondLook]:
    """The disagreements of a session that stand in the way of its results, the oldest first."""
    return _with_people(session).filter(settled_at=None, taken_back_at=None).order_by("answered_at", "pk")


def settled(session: ExamSession) -> QuerySet[SecondLook]:
    """The disagreements of a session that are over, the newest first."""
    return _with_people(session).exclude(settled_at=None, taken_back_at=None).order_by("-answered_at", "pk")


def _with_people(session: ExamSession) -> QuerySet[SecondLook]:
    people = ("application__candidate", "decision__reviewer", "reviewer", "settled_by")
    return disagreements().filter(application__session=session).select_related(*people)


def items_by_code(applications: Iterable[Application]) -> dict[tuple[UUID, str], Item]:
    """The items of these applications as they are now, with who judged them, by application and category code."""
    items = Item.objects.filter(application__in=applications).select_related("category", "verdict_by")
    return {(item.application_id, item.category.code): item for item in items}


def proposal_of(session: ExamSession) -> Proposal | None:
    """What somebody proposed to publish, lapsed or not, with who it was."""
    proposal = Proposal.objects.filter(session=session).select_related("proposed_by").first()
    if proposal is not None:
        proposal.session = session
    return proposal


def standing_publication(session: ExamSession) -> Publication | None:
    """The publication of a session that is not withdrawn, with who published it."""
    if session.published_at is None:
        return None
    return session.publications.filter(withdrawn_at=None).select_related("published_by", "proposed_by").first()


def photos_by_category(application: Application) -> dict[int, list[Photo]]:
    """Every picture of an application, those replaced since a submission included, by category."""
    found: dict[int, list[Photo]] = {}
    for photo in kept_photos().filter(item__application=application).select_related("item").order_by("position", "pk"):
        found.setdefault(photo.item.category_id, []).append(photo)
    return found


def submissions_of(application: Application) -> list[Submission]:
    """Its submissions; the receipt's number costs no query."""
    found = list(application.submissions.order_by("number"))
    for submission in found:
        submission.application = application
    return found
