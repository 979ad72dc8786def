"""Queries about materials, always scoped to whoever asks (docs/product.md, rule 13)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from candidates.enums import Role
from candidates.models import LATEST, Candidate, ExamSession, User
from candidates.rules import is_window_open
from candidates.selectors import in_scope

from . import rules
from .enums import Requirement, Stage, Status
from .models import REMOVED, Application, ApplicationTally, Category, Item, Photo, Reason, Submission


def applications_for(user: User) -> QuerySet[Application]:
    return Application.objects.filter(in_scope(user, region="session__region_id", site="site_id"))


@dataclass(frozen=True)
class InState:
    """How many applications of one session and site (keys) are in one state, and at which stage. None has no entry."""

    session: int
    site: int
    status: str
    stage: str
    number: int


_STATE = ("session", "site", "status", "stage")


def counts_by_state(sessions: Iterable[ExamSession] | None = None) -> list[InState]:
    """Of these sessions, or of all; each candidate has one application. One query.

    Read off what triggers keep (ApplicationTally), which takes no longer for a million than for ten thousand. For what
    is shown: whoever may write there by plain SQL could make it wrong, so decisions ask ``recounted_by_state``.
    """
    tally = ApplicationTally.objects.order_by()
    if sessions is not None:
        tally = tally.filter(session__in=sessions)
    rows = tally.values_list(*_STATE).annotate(total=Sum("number")).exclude(total=0)
    return [InState(*row) for row in rows]


def recounted_by_state(session: ExamSession) -> list[InState]:
    """The same of one session, from the applications themselves."""
    rows = Application.objects.filter(session=session).order_by().values_list(*_STATE).annotate(total=Count("*"))
    return [InState(*row) for row in rows]


def number_submitted_by_stage() -> dict[str, int]:
    """Of all sessions, for machines (exam_portal/metrics.py)."""
    found = {stage.value: 0 for stage in Stage}
    for entry in counts_by_state():
        if entry.status == Status.SUBMITTED:
            found[entry.stage] += entry.number
    return found


def categories_for(user: User) -> QuerySet[Category]:
    """The categories of the sessions in scope; the default catalogue too for administrators."""
    return Category.objects.filter(in_scope(user, region="session__region_id", site=None))


def all_reasons_for(user: User) -> QuerySet[Reason]:
    """The reasons of the regions in scope, in use or not, and those that every region shares."""
    shared = Q(region=None) if user.is_staff else Q(pk__in=[])
    return Reason.objects.filter(in_scope(user, region="region_id", site=None) | shared)


def photo_for(user: User, photo_id: UUID) -> Photo | None:
    """A picture if ``user`` may see it: its candidate, or staff in scope. Superseded ones too, for staff."""
    photos = kept_photos().select_related("item__category", "item__application__candidate__site__region")
    if user.role == Role.CANDIDATE:
        return photos.filter(pk=photo_id, item__application__candidate__user=user).first()
    scope = in_scope(user, region="item__application__session__region_id", site="item__application__site_id")
    return photos.filter(scope, pk=photo_id).first()


def live_photos() -> QuerySet[Photo]:
    """Pictures that count, those replaced since a submission excepted."""
    return Photo.objects.filter(superseded_at=None).order_by("position")


def unfit_photos(category: Category, session: ExamSession) -> QuerySet[Photo]:
    """The category's pictures that it would not take, or not ask of their candidate, as it is given here."""
    photos = live_photos().filter(item__category=category.pk)
    if category.requirement == Requirement.OFF:
        return photos
    candidate = "item__application__candidate__"
    theirs = Q()
    if category.levels:
        theirs &= Q(**{f"{candidate}level__in": category.levels})
    if category.tracks:
        theirs &= Q(**{f"{candidate}track__in": category.tracks})
    if category.flags_any:
        theirs &= Q(**{f"{candidate}flags__overlap": category.flags_any})
    live = Count("photos", filter=Q(photos__superseded_at=None))
    overfull = Item.objects.filter(category=category.pk).alias(live=live).filter(live__gt=category.max_photos)
    unfit = ~Q(format__in=category.formats) | Q(bytes__gt=rules.max_bytes(category, session))
    unfit |= Q(item__in=overfull.values("pk"))
    return photos.filter(unfit | ~theirs if theirs else unfit)


def kept_photos() -> QuerySet[Photo]:
    """Pictures that count, and those that a submission named: without what was deleted and can still be put back."""
    return Photo.objects.exclude(REMOVED)


def items_of(application: Application, candidate: Candidate) -> list[Item]:
    """Every item of an application in the catalogue's order, each with ``photo_list``, ``taken_out`` and ``applies``.

    Taken out are the pictures that can still be put back, and those of the last submission.

    Categories in which nothing was done yet come as unsaved items; an item with pictures whose
    category applies no longer stays visible. Three queries, however many items there are.
    """
    saved = {item.category_id: item for item in Item.objects.filter(application=application).select_related("reason")}
    since = min(timezone.now() - rules.PUT_BACK_FOR, application.submitted_at or LATEST)
    lately = Q(superseded_at=None) | Q(superseded_at__gt=since)
    photos: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(lately, item__application=application).order_by("position", "superseded_at"):
        photos.setdefault(photo.item_id, []).append(photo)
    items = []
    for category in Category.objects.filter(session=application.session_id).order_by("position", "code"):
        item = saved.get(category.pk) or Item(category=category, locked=application.status != Status.DRAFT)
        item.application, item.category = application, category
        item.applies = rules.applies(category, candidate)
        item.photo_list = [photo for photo in photos.get(item.pk, []) if photo.superseded_at is None]
        for place, photo in enumerate(item.photo_list, start=1):
            photo.place = place
        item.taken_out = [photo for photo in photos.get(item.pk, []) if photo.superseded_at is not None]
        if item.applies or item.photo_list:
            items.append(item)
    return items


def complete_drafts() -> Q:
    """Which applications are drafts with pictures that could be submitted: in SQL what ``rules.is_missing`` says."""
    live = Photo.objects.filter(superseded_at=None).order_by()
    of_category = live.filter(item__application=OuterRef(OuterRef("pk")), item__category=OuterRef("pk"))
    have = of_category.values("item__application").annotate(number=Count("pk")).values("number")
    theirs = Category.objects.filter(
        Q(levels=[]) | Q(levels__contains=[OuterRef("candidate__level")]),
        Q(tracks=[]) | Q(tracks__contains=[OuterRef("candidate__track")]),
        Q(flags_any=[]) | Q(flags_any__overlap=OuterRef("candidate__flags")),
        session=OuterRef("session"),
    ).alias(have=Subquery(have))
    # None is what an item without pictures has, which is missing only where it is required.
    missing = theirs.filter(requirement=Requirement.REQUIRED, min_photos__gt=Coalesce(F("have"), 0))
    begun = theirs.filter(requirement=Requirement.OPTIONAL, min_photos__gt=F("have"))
    return Q(
        Exists(live.filter(item__application=OuterRef("pk"))), ~Exists(missing), ~Exists(begun), status=Status.DRAFT
    )


@dataclass(frozen=True)
class ByWindows:
    """A session's applications that its windows are about, and how many of them may be changed at one moment.

    ``extended``: returned, with a deadline of their own that is later than the session's.
    """

    drafts: int
    may_upload: int
    returned: int
    may_correct: int
    extended: int


def counts_by_windows(session: ExamSession, now: datetime) -> ByWindows:
    """With the windows that ``session`` has, stored or not. Two queries; in SQL what ``rules.why_closed`` says."""
    numbers: Counter[str] = Counter()
    for entry in counts_by_state([session]):
        numbers[entry.status] += entry.number
    own = Application.objects.filter(session=session, status=Status.RETURNED, corrections_until__isnull=False)
    found: dict[str, int] = own.aggregate(
        extended=Count("pk", filter=Q(corrections_until__gt=session.corrections_until)),
        in_time=Count("pk", filter=Q(corrections_until__gt=now)),
    )
    drafts, returned = numbers[Status.DRAFT], numbers[Status.RETURNED]
    return ByWindows(
        drafts=drafts,
        may_upload=drafts if is_window_open(session, now) else 0,
        returned=returned,
        may_correct=returned if now < session.corrections_until else found["in_time"],
        extended=found["extended"],
    )


def last_submission(application: Application) -> Submission | None:
    return application.submissions.order_by("-number").first()


def submission_of(application: Application, number: int) -> Submission | None:
    submission = application.submissions.filter(number=number).first()
    if submission is not None:
        submission.application = application
    return submission


def submission_by_receipt(receipt_number: str) -> Submission | None:
    """For whoever holds a receipt, once its check code was found right: with its candidate and session."""
    registration_number, _, number = receipt_number.rpartition("-")
    submissions = Submission.objects.select_related("application__candidate", "application__session__region")
    return submissions.filter(application__candidate__registration_number=registration_number, number=number).first()


def reasons_for(session: ExamSession, use: str) -> QuerySet[Reason]:
    """The reasons in use for a session's region: its own and everybody's."""
    return Reason.objects.filter(Q(region=None) | Q(region=session.region_id), use=use, is_active=True)
