"""How pictures are shown to reviewers."""

from uuid import UUID

from django.db import transaction

from candidates.enums import Action
from candidates.services.events import Actor, record
from materials.enums import Turn
from materials.models import Photo
from materials.selectors import applications_for
from materials.services.locking import lock_application

from .. import rules
from ..models import PictureTurn
from .claims import reviewer_of


@transaction.atomic
def turn_picture(actor: Actor, application_id: UUID, photo_id: UUID, turn: Turn) -> PictureTurn:
    """Show a picture turned by 90° from now on, to every reviewer.

    The stored picture and what its candidate sees stay as they are, and nothing is judged by it, so the
    application's version does not count it. Raises Refusal; Application.DoesNotExist, Photo.DoesNotExist.
    """
    applications_for(reviewer_of(actor)).only("pk").get(pk=application_id)
    held = lock_application(pk=application_id)
    refusal = rules.why_no_reviewer(reviewer_of(actor))
    if refusal is not None:
        raise refusal
    photo = Photo.objects.select_related("item__category").get(pk=photo_id, item__application=held.application)
    turned = PictureTurn.objects.filter(photo=photo).first() or PictureTurn(photo=photo, degrees=0)
    turned.photo, turned.degrees = photo, rules.turned(turned.degrees, turn)
    turned.save()
    record(
        Action.PHOTO_SHOWN_TURNED,
        actor,
        candidate=held.candidate,
        item=photo.item.category.code,
        photo=str(photo.pk),
        degrees=turned.degrees,
    )
    return turned
