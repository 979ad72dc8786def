"""Pure decisions about materials (docs/product.md, rules 1 to 7). ``now`` is always the clock at the write."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from candidates import dates
from candidates.enums import DraftsAtClose, Stages
from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal
from candidates.rules import is_window_open, retained_until

from .enums import Requirement, Stage, Status, Verdict
from .intake.likeness import NEARLY_THE_SAME, distance
from .models import Application, Category, Item, Photo

#: What can have a correction to make, and so a deadline of its own.
CORRECTABLE = (Status.RETURNED, Status.SUBMITTED, Status.PASSED)
#: Before an own deadline that is moved back.
SHORTEST_NOTICE = timedelta(days=1)
QUOTA_BYTES = 200 * 1024 * 1024  # of stored pictures, superseded ones included, per candidate

PUT_BACK_FOR = timedelta(minutes=10)  # after the minus was pressed


def applies(category: Category, candidate: Candidate) -> bool:
    """Whether the candidate's facts make the category theirs; an empty list means everybody (docs/contract.md)."""
    return (
        category.requirement != Requirement.OFF
        and (not category.levels or candidate.level in category.levels)
        and (not category.tracks or candidate.track in category.tracks)
        and (not category.flags_any or not set(category.flags_any).isdisjoint(candidate.flags))
    )


def is_required(category: Category, candidate: Candidate) -> bool:
    return category.requirement == Requirement.REQUIRED and applies(category, candidate)


def is_missing(item: Item, photo_count: int, candidate: Candidate) -> bool:
    """Whether this item stands in the way of submitting: required or begun, and below its minimum (rule 4)."""
    needed = is_required(item.category, candidate) or (photo_count > 0 and applies(item.category, candidate))
    return needed and photo_count < item.category.min_photos


def max_bytes(category: Category, session: ExamSession) -> int:
    """The byte limit for a stored picture (rule 2)."""
    return category.max_bytes or session.max_bytes


def nearly_the_same(likeness: bytes, others: Iterable[Photo]) -> UUID | None:
    """The picture that one with this likeness looks nearly the same as, if there is one."""
    known = ((photo.pk, photo.likeness) for photo in others if hasattr(photo, "likeness"))
    return next((pk for pk, its in known if distance(likeness, bytes(its.grid)) < NEARLY_THE_SAME), None)


def correction_deadline(application: Application, session: ExamSession) -> datetime:
    """The session's, or the candidate's own extension where that is later (rule 1)."""
    own = application.corrections_until
    return max(session.corrections_until, own) if own else session.corrections_until


def days_after_return(session: ExamSession, now: datetime) -> datetime | None:
    """The end (24:00) of the last day that the session grants for a correction asked for now; None: grants none."""
    if not session.correction_days:
        return None
    zone = ZoneInfo(session.region.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=session.correction_days + 1)
    return datetime.combine(day, time(), zone)


def drafts_count(session: ExamSession, now: datetime) -> bool:
    """Whether a complete draft counts as submitted now: its session says so, and the window has closed."""
    is_over = now >= session.closes_at and session.published_at is None
    return is_over and session.drafts_at_close == DraftsAtClose.COUNT


def why_not_until(application: Application, session: ExamSession, until: datetime, now: datetime) -> Refusal | None:
    """Why this cannot be the candidate's own deadline, or None. What was promised is cut short with a day's notice."""
    sentence = None
    if until <= max(now, session.corrections_until):
        sentence = _("The new deadline must lie ahead, and after the session's own. Choose a later time.")
    elif until == correction_deadline(application, session):
        sentence = _("This is the deadline that holds now. Choose another time.")
    elif until < min(correction_deadline(application, session), now + SHORTEST_NOTICE):
        sentence = _("An earlier deadline must leave the candidate at least a day. Choose a later time.")
    return Refusal("until", sentence, status=422) if sentence else None


def deadline(application: Application, session: ExamSession) -> datetime:
    """By when the candidate must act in the state the application is in."""
    if application.status == Status.RETURNED:
        return correction_deadline(application, session)
    return session.closes_at


def deadline_ahead(application: Application, session: ExamSession, now: datetime) -> datetime | None:
    """By when the candidate must still act, or None: handed in, too late, or published. Of a window yet to open too."""
    if session.published_at is not None or application.status not in (Status.DRAFT, Status.RETURNED):
        return None
    until = deadline(application, session)
    return until if now < until else None


def why_closed(application: Application, session: ExamSession, now: datetime) -> Refusal | None:
    """Why the candidate may change nothing at all now, or None (rule 1)."""
    if session.published_at is not None:
        return Refusal("closed", _("The results are published; nothing can be changed any more."))
    if application.status == Status.DRAFT:
        if now < session.opens_at:
            return Refusal("closed", _("The upload window has not opened yet. Come back when it opens."))
        if not is_window_open(session, now):
            return Refusal(
                "closed", _contact(_("The upload window is closed; nothing can be added or changed."), session)
            )
        return None
    if application.status == Status.RETURNED:
        if now >= correction_deadline(application, session):
            return Refusal("closed", _contact(_("The deadline for corrections has passed."), session))
        return None
    return Refusal(
        "locked",
        _("Your materials are submitted and locked. If something is wrong, ask your exam site to unlock the item."),
    )


def _contact(sentence: str | Promise, session: ExamSession) -> Promise:
    help_text = _("If you have a good reason, ask your exam site at once.")
    return format_lazy("{} {} {}", sentence, help_text, session.contact)


def why_item_closed(application: Application, session: ExamSession, item: Item, now: datetime) -> Refusal | None:
    """Why no picture of this item may be added or removed now, or None (rule 1)."""
    refusal = why_closed(application, session, now)
    if refusal is None and item.locked:
        refusal = Refusal(
            "locked", _("This item is locked: no change was asked for here. Only the items named above are open.")
        )
    return refusal


def why_full(item: Item, photo_count: int) -> Refusal | None:
    if photo_count < item.category.max_photos:
        return None
    return Refusal(
        "full",
        format_lazy(
            ngettext_lazy(
                "This item already has its {most} picture. Delete it first, then upload the new one.",
                "This item already has its {most} pictures. Delete one first, then upload the new one.",
                item.category.max_photos,
            ),
            most=item.category.max_photos,
        ),
        status=422,
    )


def free_position(photos: Iterable[Photo]) -> int:
    """The lowest position not taken, so that a replaced front stays in front."""
    taken = {photo.position for photo in photos}
    return next(position for position in range(1, 52) if position not in taken)


def can_be_put_back(photo: Photo, now: datetime) -> bool:
    """Whether a picture that was taken out has only just been (rule 12)."""
    return photo.superseded_at is not None and now < photo.superseded_at + PUT_BACK_FOR


def is_unchanged(item: Item, photos: Sequence[Photo], last_manifest: list[dict]) -> bool:
    """Whether an unlocked item still is what was handed in last, with no reply either (rule 7)."""
    if item.locked or item.reply.strip():
        return False
    before = next((entry for entry in last_manifest if entry["item"] == item.category.code), None)
    old = sorted(photo["sha256"] for photo in before["photos"]) if before else []
    return old == sorted(photo.sha256 for photo in photos)


def digest(items: Iterable[Item]) -> str:
    """A short hexadecimal digest of what would be handed in: the pictures, marks and replies."""
    content = [
        [item.category.code, item.not_applicable, item.reply, *(str(photo.pk) for photo in item.photo_list)]
        for item in items
        if item.photo_list or item.not_applicable or item.reply
    ]
    return sha256(json.dumps(content).encode()).hexdigest()[:32]


def first_stage(session: ExamSession) -> Stage:
    """Who reviews first (rule 8)."""
    return Stage.REGION if session.stages == Stages.REGION else Stage.SITE


def next_stage(application: Application, session: ExamSession) -> Stage:
    """Who reviews what is submitted now: a correction returns to the stage that asked (rule 8)."""
    return first_stage(session) if application.status == Status.DRAFT else Stage(application.stage)


def last_stage(session: ExamSession) -> Stage:
    return Stage.SITE if session.stages == Stages.SITE else Stage.REGION


def shown_status(application: Application, session: ExamSession) -> str:
    """What the candidate may know: an outcome before publication is still "submitted" (rule 9)."""
    decided = application.status in (Status.PASSED, Status.REJECTED)
    return Status.SUBMITTED if decided and session.published_at is None else application.status


def shown_stage(application: Application, session: ExamSession) -> str:
    """Whose turn it is, as the candidate may know it (rule 9).

    Decided and not published, it looks as if it waited at the last stage: one that stayed with the site while the
    others went on to the region would tell that the site rejected it.
    """
    decided = application.status in (Status.PASSED, Status.REJECTED)
    return last_stage(session) if decided and session.published_at is None else application.stage


def shown_verdict(item: Item, application: Application, session: ExamSession) -> str:
    """The verdict the candidate has been told; all of them once published (rule 5)."""
    if session.published_at is not None and application.status in (Status.PASSED, Status.REJECTED):
        return item.verdict
    return item.shown_verdict


def has_open_request(item: Item) -> bool:
    """Whether the candidate has been asked to change this item and has not handed it in again."""
    return not item.locked and item.shown_verdict == Verdict.CHANGE_REQUESTED


def why_not_purge(session: ExamSession, *, was_handed_in: bool, now: datetime) -> Refusal | None:
    """Why the session's personal data may not be removed, or None; ``was_handed_in``: anything in it, by anybody."""
    if session.published_at is None and was_handed_in:
        return Refusal(
            "not_published",
            _(
                "The results are not published, and what was handed in is the evidence for them. Publish them first: "
                "the retention period begins then."
            ),
        )
    if now < (until := retained_until(session)):
        sentence = _("Everything is kept until {until}, as candidates were promised. Do it after that.")
        return Refusal("retained", format_lazy(sentence, until=dates.moment(until, session.region.time_zone)))
    return None


def why_not_erase(candidate: Candidate, application: Application, session: ExamSession) -> Refusal | None:
    """Why one candidate's personal data may not be removed on request, or None."""
    if candidate.erased_at is not None:
        return Refusal("erased", _("The personal data of this candidate is removed already. There is nothing to do."))
    if application.status != Status.DRAFT and session.published_at is None:
        return Refusal(
            "pending",
            _(
                "What was handed in is the evidence for a decision that is not published yet. Publish the results, "
                "then remove it; until then reviewers of the site and region see it, and nobody else."
            ),
        )
    return None
