"""Marking, replying, submitting (docs/product.md, rules 2, 4 and 7)."""

from uuid import UUID

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, MessageKind
from candidates.models import Candidate
from candidates.refusals import Refusal, Stale
from candidates.services.events import OPERATOR, Actor, record
from candidates.services.messages import tell

from .. import rules
from ..enums import Requirement, Status, Verdict
from ..models import Category, Item, Photo, Submission
from ..selectors import items_of, last_submission
from .locking import Locked, lock_application, save_application
from .photos import get_item
from .removed import forget_removed

REPLY_LENGTH = 1000


@transaction.atomic
def set_not_applicable(actor: Actor, candidate: Candidate, code: str, value: bool) -> None:
    """Mark an optional item 不适用, or take the mark back. Doing it again does nothing."""
    category = Category.objects.get(session=candidate.session_id, code=code)
    held = lock_application(candidate=candidate)
    item = get_item(held.application, category)
    refusal = rules.why_item_closed(held.application, held.session, item, held.now)
    if refusal is None and category.requirement != Requirement.OPTIONAL:
        refusal = Refusal(
            "required", _("This item is required for you and cannot be marked as not applicable."), status=422
        )
    if refusal is None and value and item.pk and item.photos.filter(superseded_at=None).exists():
        refusal = Refusal(
            "not_empty", _("This item has pictures. Delete them first if it does not apply to you."), status=422
        )
    if refusal is not None:
        raise refusal
    if item.not_applicable != value:
        item.not_applicable = value
        item.save()
        record(Action.NOT_APPLICABLE_SET, actor, candidate=held.candidate, item=code, value=value)


@transaction.atomic
def reply_to_request(actor: Actor, candidate: Candidate, code: str, reply: str) -> None:
    """Store the candidate's written reply to a requested change; an empty one takes it back."""
    category = Category.objects.get(session=candidate.session_id, code=code)
    held = lock_application(candidate=candidate)
    item = get_item(held.application, category)
    refusal = rules.why_item_closed(held.application, held.session, item, held.now)
    if refusal is None and held.application.status != Status.RETURNED:
        refusal = Refusal("no_request", _("No change was asked for here, so there is nothing to reply to."))
    if refusal is None and len(reply) > REPLY_LENGTH:
        refusal = Refusal(
            "too_long",
            format_lazy(
                _("The reply is {length} characters long; {most} are allowed. Shorten it."),
                length=len(reply),
                most=REPLY_LENGTH,
            ),
            status=422,
        )
    if refusal is not None:
        raise refusal
    if item.reply != reply:
        item.reply = reply
        item.save(update_fields=["reply"])
        record(Action.REPLIED, actor, candidate=held.candidate, item=code, length=len(reply))


@transaction.atomic
def submit_application(actor: Actor, candidate: Candidate, checked: str = "") -> Submission:
    """Hand in, or hand in again: all or nothing, and once however often it is pressed (rule 4).

    When it is already submitted the submission that stands is returned and nothing is written.
    ``checked`` is the digest (rules.digest) of what the candidate saw on the page to check, where there
    was one. Raises Stale when it is something else by now; Refusal naming the items that are missing
    (``missing``) or unchanged (``unchanged``).
    """
    held = lock_application(candidate=candidate)
    application = held.application
    earlier = last_submission(application)
    if earlier is not None and application.status != Status.RETURNED:
        return earlier
    items = items_of(application, held.candidate)
    if checked and checked != rules.digest(items):
        raise Stale(
            _(
                "Your materials were changed meanwhile, on another page or device. "
                "Look at everything again, then submit."
            )
        )
    refusal = rules.why_closed(application, held.session, held.now) or _why_incomplete(items, held.candidate, earlier)
    if refusal is not None:
        raise refusal
    return _hand_in(actor, held, items, MessageKind.SUBMITTED)


@transaction.atomic
def count_draft(application_id: UUID) -> Submission | None:
    """Hand in a draft that was complete when the upload window closed, if its session says that this counts.

    It is dated to the close. Returns None, and writes nothing, when that does not hold (any more).
    """
    held = lock_application(pk=application_id)
    items = items_of(held.application, held.candidate)
    has_pictures = any(item.photo_list for item in items)
    if not rules.drafts_count(held.session, held.now) or held.application.status != Status.DRAFT or not has_pictures:
        return None
    if _why_incomplete(items, held.candidate, None) is not None:
        return None
    held.now = held.session.closes_at
    return _hand_in(OPERATOR, held, items, MessageKind.COUNTED)


def _hand_in(actor: Actor, held: Locked, items: list[Item], kind: MessageKind) -> Submission:
    """Make the submission of a locked application, lock its items, record it and tell the candidate."""
    application = held.application
    at_close = kind == MessageKind.COUNTED
    forget_removed(held)
    _close_ranks(items)
    submission = Submission.objects.create(
        application=application,
        number=application.rounds + 1,
        submitted_at=held.now,
        manifest=[_manifest_entry(item) for item in items],
        at_close=at_close,
    )
    new = [photo.pk for item in items for photo in item.photo_list if photo.first_submission_id is None]
    # Before the items are locked: from then on the database lets no picture row be written.
    Photo.objects.filter(pk__in=new).update(first_submission=submission)
    for item in items:
        if item.pk is None or not item.locked:
            item.locked = True
            item.verdict = item.shown_verdict = Verdict.PENDING
            item.reason, item.note = None, ""
            item.save()
    Item.objects.filter(application=application).update(locked=True)
    application.stage = rules.next_stage(application, held.session)
    application.status = Status.SUBMITTED
    application.rounds = submission.number
    application.submitted_at = held.now
    save_application(application, "status", "stage", "rounds", "submitted_at")
    record(
        Action.SUBMITTED,
        actor,
        candidate=held.candidate,
        number=submission.number,
        photos=len([photo for item in items for photo in item.photo_list]),
        **({"at_close": True} if at_close else {}),
    )
    tell(held.candidate, kind, receipt=submission.receipt_number, number=submission.number)
    return submission


def _why_incomplete(items: list[Item], candidate: Candidate, earlier: Submission | None) -> Refusal | None:
    # A locked item cannot be mended by the candidate: if its category became required meanwhile, reviewers will ask.
    missing = [item for item in items if not item.locked and rules.is_missing(item, len(item.photo_list), candidate)]
    if missing:
        return Refusal(
            "missing",
            format_lazy(
                _("Not submitted: pictures are missing in {items}. Upload them, then submit."), items=_names(missing)
            ),
            status=422,
        )
    unchanged = [item for item in items if earlier and rules.is_unchanged(item, item.photo_list, earlier.manifest)]
    if unchanged:
        return Refusal(
            "unchanged",
            format_lazy(
                _("Not submitted: {items} did not change. Replace the pictures as asked, or write a reply there."),
                items=_names(unchanged),
            ),
            status=422,
        )
    return None


def _names(items: list[Item]) -> str:
    return ", ".join(f"“{item.category.name}”" for item in items)


def _close_ranks(items: list[Item]) -> None:
    """Number what is handed in from 1, so that its candidate, its reviewers and the receipt count alike."""
    for photo in (photo for item in items if not item.locked for photo in item.photo_list):
        if photo.position != photo.place:
            photo.position = photo.place
            photo.save(update_fields=["position"])


def _manifest_entry(item: Item) -> dict:
    return {
        "item": item.category.code,
        "not_applicable": item.not_applicable,
        "reply": "" if item.locked else item.reply,
        "photos": [
            {"photo": str(photo.pk), "position": photo.position, "sha256": photo.sha256, "bytes": photo.bytes}
            for photo in item.photo_list
        ],
    }
