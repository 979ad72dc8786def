"""The order of an item's pictures."""

import uuid

from django.db import transaction

from candidates.enums import Action
from candidates.models import Candidate
from candidates.services.events import Actor, record

from ..models import Category, Photo
from ..selectors import live_photos
from .locking import lock_application
from .photos import get_item, refuse_unless_open


@transaction.atomic
def move_photo(actor: Actor, candidate: Candidate, code: str, photo_id: uuid.UUID, to: int) -> None:
    """Make a picture the ``to``-th of its item, from 1; beyond the last it becomes the last.

    The others keep their order, and the item the positions it has: one that is free in front stays free. For rule 7 an
    order is no change. Doing it again does nothing. Raises Refusal; Category.DoesNotExist; Photo.DoesNotExist.
    """
    category = Category.objects.get(session=candidate.session_id, code=code)
    held = lock_application(candidate=candidate)
    item = get_item(held.application, category)
    refuse_unless_open(item, held.session, held.now)
    photos = list(live_photos().filter(item=item.pk))
    places = [photo.position for photo in photos]
    moved = next((photo for photo in photos if photo.pk == photo_id), None)
    if moved is None:
        raise Photo.DoesNotExist
    before = photos.index(moved)
    photos.remove(moved)
    photos.insert(to - 1, moved)
    after = photos.index(moved)
    if after == before:
        return
    # No two pictures may be in one place, not even for a moment: it waits at 0, and the others follow one another
    # into the place that was just left.
    _put(moved, 0)
    making_way = list(zip(photos, places, strict=True))[min(before, after) : max(before, after) + 1]
    for photo, place in making_way if after > before else reversed(making_way):
        if photo is not moved:
            _put(photo, place)
    _put(moved, places[after])
    record(
        Action.PHOTO_MOVED,
        actor,
        candidate=held.candidate,
        item=code,
        photo=str(photo_id),
        before=before + 1,
        after=after + 1,
    )


def _put(photo: Photo, position: int) -> None:
    Photo.objects.filter(pk=photo.pk).update(position=position)
