"""Undoing the minus, and what becomes of a picture when nobody does (docs/product.md, rule 12)."""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import Candidate
from candidates.refusals import Refusal
from candidates.services.events import OPERATOR, Actor, record

from .. import rules
from ..models import REMOVED, Category, Photo
from ..selectors import live_photos
from .locking import Locked, keep_limits, lock_application
from .photos import delete_for_good, get_item, refuse_duplicate, refuse_if_closed, refuse_unless_open


@transaction.atomic
def restore_photo(actor: Actor, candidate: Candidate, code: str, photo_id: uuid.UUID) -> None:
    """Put a picture back that was taken out a moment ago: where it was, or at the first free place.

    A picture that is there already is left alone. Raises Refusal (``gone`` when it is too late); Category.DoesNotExist.
    """
    keep_limits(candidate.session_id)
    held = lock_application(candidate=candidate)
    category = Category.objects.get(session=candidate.session_id, code=code)
    item = get_item(held.application, category)
    refuse_unless_open(item, held.session, held.now)
    live = list(live_photos().filter(item__application=held.application).select_related("item__category"))
    photos = [photo for photo in live if photo.item_id == item.pk]
    if any(photo.pk == photo_id for photo in photos):
        return
    refuse_if_closed(item, held.session, held.candidate, len(photos), held.now)
    photo = Photo.objects.filter(item=item.pk, pk=photo_id).first()
    if photo is None or not rules.can_be_put_back(photo, held.now):
        raise Refusal("gone", _("This picture was deleted and can no longer be put back. Upload it again."), status=404)
    refuse_duplicate(live, photo.pixels_sha256)
    item.not_applicable = False
    item.save()
    if any(other.position == photo.position for other in photos):
        photo.position = rules.free_position(photos)
    photo.superseded_at = None
    photo.save(update_fields=["position", "superseded_at"])
    record(Action.PHOTO_RESTORED, actor, candidate=held.candidate, item=code, photo=str(photo_id), sha256=photo.sha256)


def forget_removed(held: Locked) -> None:
    """Delete what was taken out before this submission: from now on it could not be put back.

    Before the items are locked: the database then lets no picture row go.
    """
    delete_for_good(Photo.objects.filter(REMOVED, item__application=held.application))


def delete_removed(*, dry_run: bool = False) -> int:
    """Delete what was taken out and not put back in time; how many pictures. Safe beside everything else."""
    due = Photo.objects.filter(REMOVED, superseded_at__lte=timezone.now() - rules.PUT_BACK_FOR)
    if dry_run:
        return due.count()
    return sum(
        _delete_due(due.filter(item__application=pk), pk)
        for pk in list(due.values_list("item__application", flat=True).distinct())
    )


@transaction.atomic
def _delete_due(due: QuerySet[Photo], application_id: uuid.UUID) -> int:
    held = lock_application(pk=application_id)
    photos = [str(photo) for photo in due.values_list("pk", flat=True)]
    number = delete_for_good(due)
    if number:
        record(Action.PHOTO_ERASED, OPERATOR, candidate=held.candidate, photos=photos)
    return number
