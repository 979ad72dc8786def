"""Adding, turning and removing pictures (docs/product.md, rules 1 to 3 and 12)."""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession
from candidates.refusals import Refusal
from candidates.services.events import Actor, record

from .. import intake, rules, scanner
from ..enums import PictureFormat, Turn
from ..intake.likeness import outline
from ..intake.sentences import sentence
from ..metrics import TAKEN, UPLOADS
from ..models import Application, Category, Item, Likeness, Photo, photo_storage
from ..selectors import live_photos
from ..serving import read
from .locking import keep_limits, lock_application

logger = logging.getLogger(__name__)

UNPROCESSABLE = 422
#: What makes us look at a picture, and so counts against UPLOADS_PER_HOUR.
COSTLY = (Action.PHOTO_ADDED, Action.PHOTO_TURNED, Action.PHOTO_REFUSED)
#: The EXIF orientation that turns so.
ORIENTATIONS = {Turn.LEFT: 8, Turn.RIGHT: 6}


def add_photo(actor: Actor, candidate: Candidate, code: str, data: bytes) -> Photo:
    """Take a picture into the candidate's item of category ``code``.

    Decoding and fitting happen before the lock, after a first look at whether there is a point.
    The files are written under the application's lock: whoever sweeps takes the same lock and so
    never meets a file whose row is still on its way. Raises Refusal; Category.DoesNotExist.
    """
    try:
        photo = _add_photo(actor, candidate, code, data)
    except Refusal as refusal:
        UPLOADS.labels(refusal.code).inc()
        if refusal.status == UNPROCESSABLE:
            # We looked at it all the same, so it counts against the quota.
            record(Action.PHOTO_REFUSED, actor, candidate=candidate, item=code, why=refusal.code)
        raise
    UPLOADS.labels(TAKEN).inc()
    return photo


def _add_photo(actor: Actor, candidate: Candidate, code: str, data: bytes) -> Photo:
    category = Category.objects.get(session=candidate.session_id, code=code)
    application = Application.objects.get(candidate=candidate)
    item = get_item(application, category)
    live = live_photos().filter(item__application=application)
    refuse_if_closed(item, candidate.session, candidate, live.filter(item__category=category).count(), timezone.now())
    _refuse_if_over_quota(candidate)
    scanner.refuse_unless_clean(data)
    policy = _policy(category, candidate.session)
    prepared = _take_in(data, policy)

    with transaction.atomic():
        keep_limits(candidate.session_id)
        held = lock_application(pk=application.pk)
        category = Category.objects.get(pk=category.pk)
        item = get_item(held.application, category)
        others = list(live.select_related("item__category", "likeness"))
        photos = [photo for photo in others if photo.item_id == item.pk]
        refuse_if_closed(item, held.session, held.candidate, len(photos), held.now)
        if (changed := _policy(category, held.session)) != policy:
            # Staff changed it while the picture was decoded. Seldom, so this once with the locks held.
            prepared = _take_in(data, changed)
        _refuse_if_over_quota(held.candidate)
        refuse_duplicate(others, prepared.pixels_sha256)
        item.not_applicable = False
        item.save()
        photo = Photo(
            item=item,
            position=rules.free_position(photos),
            pixels_sha256=prepared.pixels_sha256,
            original_format=prepared.original_format,
            original_bytes=prepared.original_bytes,
            similar_to=rules.nearly_the_same(prepared.likeness, others),
        )
        _store(photo, prepared)
        record(
            Action.PHOTO_ADDED,
            actor,
            candidate=held.candidate,
            item=category.code,
            photo=str(photo.pk),
            sha256=photo.sha256,
        )
    return photo


def turn_photo(actor: Actor, candidate: Candidate, code: str, photo_id: uuid.UUID, turn: Turn) -> Photo:
    """Put a picture turned by 90° in the place of ``photo_id``, which goes as if it were deleted.

    Raises Refusal; Photo.DoesNotExist for a picture that is not there (any more) or not theirs.
    """
    photo = own_photos(candidate, code).get(pk=photo_id)
    refuse_unless_open(photo.item, candidate.session, timezone.now())
    _refuse_if_over_quota(candidate)
    data, policy = _read(photo), _turning(_policy(photo.item.category, candidate.session))
    prepared = _take_in(data, policy, turn)

    with transaction.atomic():
        keep_limits(candidate.session_id)
        held = lock_application(candidate=candidate)
        before = own_photos(candidate, code).get(pk=photo_id)
        before.item.application = held.application
        refuse_unless_open(before.item, held.session, held.now)
        if (changed := _turning(_policy(before.item.category, held.session))) != policy:
            prepared = _take_in(data, changed, turn)
        if before.first_submission_id is None:
            delete_for_good([before])
        else:
            before.superseded_at = held.now
            before.save(update_fields=["superseded_at"])
        photo = Photo(
            item=before.item,
            position=before.position,
            pixels_sha256=before.pixels_sha256,  # the same picture handed in again is still the same
            original_format=before.original_format,
            original_bytes=before.original_bytes,
            similar_to=before.similar_to,
        )
        _store(photo, prepared)
        record(
            Action.PHOTO_TURNED,
            actor,
            candidate=held.candidate,
            item=code,
            photo=str(photo.pk),
            sha256=photo.sha256,
            before=str(photo_id),
        )
    return photo


def _policy(category: Category, session: ExamSession) -> intake.Policy:
    return intake.Policy(
        formats=frozenset(category.formats),
        max_bytes=rules.max_bytes(category, session),
        fit_oversized=session.fit_oversized,
    )


def _turning(policy: intake.Policy) -> intake.Policy:
    """What is stored was taken in before, whatever the category takes by now."""
    return replace(policy, formats=frozenset(PictureFormat.values), fit_oversized=True)


def _take_in(data: bytes, policy: intake.Policy, turn: Turn | None = None) -> intake.Prepared:
    try:
        return intake.take_in(data, policy, ORIENTATIONS[turn] if turn else 1)
    except intake.Refused as refused:
        raise Refusal(refused.code, sentence(refused), status=UNPROCESSABLE) from refused
    except intake.Unavailable as error:
        logger.exception("a picture could not be looked at")
        raise Refusal(
            "unavailable",
            _("We could not look at this picture: the fault is ours, not yours. Try again in a minute."),
            status=503,
        ) from error


def new_item(application: Application, category: Category) -> Item:
    """An item not stored yet; once submitted, a category in which nothing was handed in is locked."""
    return Item(application=application, category=category, locked=application.status != "draft")


def get_item(application: Application, category: Category) -> Item:
    """The item of a category as it is now, or a new one. For a write, the application must be locked."""
    found = Item.objects.filter(application=application, category=category).first()
    if found is None:
        return new_item(application, category)
    found.application, found.category = application, category
    return found


def refuse_if_closed(item: Item, session: ExamSession, candidate: Candidate, count: int, now: datetime) -> None:
    """Rules 1 and 2. ``count``: the item's pictures."""
    refusal = rules.why_item_closed(item.application, session, item, now)
    if refusal is None and not rules.applies(item.category, candidate):
        refusal = Refusal("locked", _("This category does not apply to your registration; nothing is needed here."))
    refusal = refusal or rules.why_full(item, count)
    if candidate.erased_at is not None:  # while this upload was on its way
        refusal = Refusal("closed", _("Your personal data was removed on request, so nothing can be added any more."))
    if refusal is not None:
        raise refusal


def refuse_unless_open(item: Item, session: ExamSession, now: datetime) -> None:
    refusal = rules.why_item_closed(item.application, session, item, now)
    if refusal is not None:
        raise refusal


def _refuse_if_over_quota(candidate: Candidate) -> None:
    """So many pictures an hour and stored bytes per candidate; counted from events, so deleting does not reset it."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    recent = Event.objects.filter(candidate=candidate, action__in=COSTLY, at__gt=an_hour_ago).count()
    if recent >= settings.UPLOADS_PER_HOUR:
        raise Refusal(
            "quota",
            format_lazy(
                _("You have uploaded {count} pictures within an hour. Nothing is lost; go on in a while."), count=recent
            ),
            status=429,
        )
    stored = Photo.objects.filter(item__application__candidate=candidate).aggregate(total=Sum("bytes"))["total"] or 0
    if stored >= rules.QUOTA_BYTES:
        raise Refusal("quota", _("Your pictures fill the space there is. Ask your exam site for help."), status=429)


def refuse_duplicate(others: list[Photo], pixels_sha256: str) -> None:
    same = next((photo for photo in others if photo.pixels_sha256 == pixels_sha256), None)
    if same is not None:
        raise Refusal(
            "duplicate",
            format_lazy(
                _("This picture is already there: “{category}”, picture {position}. Choose another picture."),
                category=same.item.category,
                position=sum(photo.item_id == same.item_id and photo.position <= same.position for photo in others),
            ),
            status=UNPROCESSABLE,
        )


def own_photos(candidate: Candidate, code: str) -> QuerySet[Photo]:
    """The pictures in a candidate's item of category ``code``."""
    own = Q(item__application__candidate=candidate, item__category__code=code)
    return live_photos().filter(own).select_related("item__category", "item__application")


def _read(photo: Photo) -> bytes:
    try:
        return read(photo)
    except Exception as error:
        _refuse_store(error)


def _store(photo: Photo, prepared: intake.Prepared) -> None:
    """Write both files, then the row. When one cannot be written the other goes too, and nothing refers to either."""
    photo.pk = uuid.uuid4()
    photo.format, photo.sha256, photo.bytes = prepared.format, prepared.sha256, len(prepared.data)
    photo.width, photo.height = prepared.width, prepared.height
    photo.fitted, photo.warnings = prepared.fitted, list(prepared.warnings)
    try:
        photo.file.save("", ContentFile(prepared.data), save=False)
        photo.thumb.save("", ContentFile(prepared.thumbnail), save=False)
    except Exception as error:
        delete_files([photo.file.name, photo.thumb.name])  # a name is there once its file is
        _refuse_store(error)
    # A commit that fails, and a store that took what it did not confirm, leave files without a row; sweep_photos
    # removes those.
    photo.save(force_insert=True)
    if prepared.likeness:
        new_likeness(photo, prepared.likeness).save(force_insert=True)


def new_likeness(photo: Photo, grid: bytes) -> Likeness:
    values = dict(zip(Likeness.OUTLINE, outline(grid), strict=True))
    return Likeness(photo=photo, session_id=photo.item.application.session_id, grid=grid, **values)


def _refuse_store(error: Exception) -> NoReturn:
    logger.exception("the store did not take a picture")
    raise Refusal(
        "store",
        _(
            "We could not store the picture: the fault is ours, not yours. What you uploaded before is safe. "
            "Try again in a minute."
        ),
        status=503,
    ) from error


def delete_files(names: list[str | None]) -> None:
    """Remove stored files. A failure is logged, and all from there on left to sweep_photos: somebody waits for this,
    and a store that does not answer takes seconds each time.
    """
    try:
        for name in filter(None, names):
            photo_storage().delete(name)
    except Exception:
        logger.exception("stored files could not be deleted; sweep_photos will")


@transaction.atomic
def delete_photo(actor: Actor, candidate: Candidate, code: str, photo_id: uuid.UUID) -> None:
    """Take a picture out of an item (rule 12). For a while it can be put back (services/removed.py).

    Raises Refusal; Photo.DoesNotExist for a picture that is not there (any more) or not theirs.
    """
    held = lock_application(candidate=candidate)
    photo = own_photos(candidate, code).get(pk=photo_id)
    photo.item.application = held.application
    refuse_unless_open(photo.item, held.session, held.now)
    photo.superseded_at = held.now
    photo.save(update_fields=["superseded_at"])
    record(Action.PHOTO_DELETED, actor, candidate=held.candidate, item=code, photo=str(photo_id), sha256=photo.sha256)


def delete_for_good(photos: Iterable[Photo]) -> int:
    """Rows and files of pictures that no submission named; within a transaction that holds their application."""
    gone = list(photos)
    names = [name for photo in gone for name in (photo.file.name, photo.thumb.name)]
    Photo.objects.filter(pk__in=[photo.pk for photo in gone]).delete()
    transaction.on_commit(partial(delete_files, names))
    return len(gone)


def record_view(actor: Actor, photo: Photo, *, thumb: bool) -> None:
    """A member of staff looked at a picture (rule 11)."""
    item = photo.item
    record(
        Action.PHOTO_VIEWED,
        actor,
        candidate=item.application.candidate,
        item=item.category.code,
        photo=str(photo.pk),
        thumb=thumb,
    )
