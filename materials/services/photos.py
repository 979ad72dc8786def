"""Adding and removing pictures (docs/product.md, rules 1 to 3 and 12)."""

import logging
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession
from candidates.refusals import Refusal
from candidates.services.events import Actor, record

from .. import intake, rules, scanner
from ..intake.sentences import sentence
from ..models import Application, Category, Item, Photo
from ..selectors import live_photos
from .locking import Locked, lock_application

logger = logging.getLogger(__name__)


def add_photo(actor: Actor, candidate: Candidate, code: str, data: bytes) -> Photo:
    """Take a picture into the candidate's item of category ``code``.

    Decoding and fitting happen before the lock, after a first look at whether there is a point.
    The files are written under the application's lock: whoever sweeps takes the same lock and so
    never meets a file whose row is still on its way. Raises Refusal; Category.DoesNotExist.
    """
    category = Category.objects.get(session=candidate.session_id, code=code)
    application = Application.objects.get(candidate=candidate)
    found = Item.objects.filter(application=application, category=category).first()
    item = found or new_item(application, category)
    _refuse_if_closed(item, candidate.session, candidate, timezone.now())
    _refuse_if_over_quota(candidate)
    scanner.refuse_unless_clean(data)

    prepared = _take_in(data, category, candidate.session)

    with transaction.atomic():
        held = lock_application(pk=application.pk)
        item = get_item(held.application, category)
        photos = _refuse_if_closed(item, held.session, held.candidate, held.now)
        _refuse_duplicate(held, prepared.pixels_sha256)
        item.not_applicable = False
        item.save()
        photo = Photo(
            item=item,
            position=rules.free_position(photos),
            format=prepared.format,
            sha256=prepared.sha256,
            pixels_sha256=prepared.pixels_sha256,
            bytes=len(prepared.data),
            width=prepared.width,
            height=prepared.height,
            original_format=prepared.original_format,
            original_bytes=prepared.original_bytes,
            fitted=prepared.fitted,
            warnings=list(prepared.warnings),
        )
        _store(photo, prepared.data, prepared.thumbnail)
        photo.save(force_insert=True)
        record(
            Action.PHOTO_ADDED,
            actor,
            candidate=held.candidate,
            item=category.code,
            photo=str(photo.pk),
            sha256=photo.sha256,
        )
    return photo


def _take_in(data: bytes, category: Category, session: ExamSession) -> intake.Prepared:
    policy = intake.Policy(
        formats=frozenset(category.formats),
        max_bytes=rules.max_bytes(category, session),
        fit_oversized=session.fit_oversized,
    )
    try:
        return intake.take_in(data, policy)
    except intake.Refused as refused:
        raise Refusal(refused.code, sentence(refused), status=422) from refused
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
    """The item of a category as it is now, or a new one. The application must be locked."""
    found = Item.objects.filter(application=application, category=category).first()
    return found or new_item(application, category)


def _refuse_if_closed(item: Item, session: ExamSession, candidate: Candidate, now: datetime) -> list[Photo]:
    """Rules 1 and 2. Returns the item's pictures as they are now."""
    refusal = rules.why_item_closed(item.application, session, item, now)
    if refusal is None and not rules.applies(item.category, candidate):
        refusal = Refusal("locked", _("This category does not apply to your registration; nothing is needed here."))
    photos = list(live_photos().filter(item=item)) if item.pk else []
    refusal = refusal or rules.why_full(item, len(photos))
    if refusal is not None:
        raise refusal
    return photos


def _refuse_if_over_quota(candidate: Candidate) -> None:
    """So many uploads an hour and stored bytes per candidate; counted from events, so deleting does not reset it."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    recent = Event.objects.filter(candidate=candidate, action=Action.PHOTO_ADDED, at__gt=an_hour_ago).count()
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


def _refuse_duplicate(held: Locked, pixels_sha256: str) -> None:
    same = (
        live_photos()
        .filter(item__application=held.application, pixels_sha256=pixels_sha256)
        .select_related("item__category")
        .first()
    )
    if same is not None:
        raise Refusal(
            "duplicate",
            format_lazy(
                _("This picture is already there: “{category}”, picture {position}. Choose another picture."),
                category=same.item.category,
                position=same.position,
            ),
            status=422,
        )


def _store(photo: Photo, data: bytes, thumbnail: bytes) -> None:
    """Write both files. When one cannot be written the other goes too, and nothing refers to either."""
    photo.pk = uuid.uuid4()
    try:
        photo.file.save("", ContentFile(data), save=False)
        photo.thumb.save("", ContentFile(thumbnail), save=False)
    except Exception as error:
        delete_files([photo.file.name, photo.thumb.name])
        _refuse_store(error)
    # A commit that fails leaves files without a row; sweep_photos removes those.


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
    """Remove stored files. A failure is logged and left to sweep_photos."""
    for name in filter(None, names):
        try:
            storages["photos"].delete(name)
        except Exception:
            logger.exception("a stored file could not be deleted; sweep_photos will")


@transaction.atomic
def delete_photo(actor: Actor, candidate: Candidate, code: str, photo_id: uuid.UUID) -> None:
    """Take a picture out of an item. One that a submission named is kept, superseded (rule 12).

    Raises Refusal; Photo.DoesNotExist for a picture that is not there (any more) or not theirs.
    """
    held = lock_application(candidate=candidate)
    photo = (
        live_photos()
        .select_related("item__category")
        .get(pk=photo_id, item__application=held.application, item__category__code=code)
    )
    refusal = rules.why_item_closed(held.application, held.session, photo.item, held.now)
    if refusal is not None:
        raise refusal
    if photo.first_submission_id is None:
        names = [photo.file.name, photo.thumb.name]
        photo.delete()
        transaction.on_commit(partial(delete_files, names))
    else:
        photo.superseded_at = held.now
        photo.save(update_fields=["superseded_at"])
    record(Action.PHOTO_DELETED, actor, candidate=held.candidate, item=code, photo=str(photo_id), sha256=photo.sha256)


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
