"""What becomes of materials when personal data goes: files first, then rows."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.services.erasure import Emptied

from ..models import Application, Item, Photo, RosterLoad, Submission, application_folder, photo_storage
from ..storage import delete_folder

logger = logging.getLogger(__name__)


def delete_all_files(keys: Sequence[UUID]) -> None:
    """Every file of these applications, also what no row names and, in a versioned bucket, what was deleted before.

    Before the rows, and while the applications are locked: if it ends on the way, rows without files are left, which
    the next run finds, and never a file that nobody knows of. Raises Refusal when the store does not do it.
    """
    storage = photo_storage()
    for key in keys:
        try:
            delete_folder(storage, application_folder(key))
        except Exception as error:
            logger.exception("the store did not delete the files of application %s", key)
            sentence = _("The store did not delete the pictures. Nothing else was removed of these; do it again later.")
            raise Refusal("store", sentence, status=503) from error


def erase_materials(keys: Sequence[UUID]) -> int:
    """Rows of pictures, and all that was written, of applications whose candidates are erased.

    Returns how many pictures.
    """
    photos = Photo.objects.filter(item__application__in=keys)
    number = photos.count()
    photos.delete()
    Item.objects.filter(application__in=keys).update(note="", reply="")
    Application.objects.filter(pk__in=keys).update(send_back_note="")
    Submission.objects.filter(application__in=keys).update(manifest=Emptied("manifest", "reply"))
    return number


def erase_roster(session: ExamSession) -> None:
    """The session's last long roster, with what was wrong in it. Raises Refusal while one is on its way."""
    loads = RosterLoad.objects.filter(session=session)
    if loads.filter(ended_at=None).exists():
        sentence = _("A roster of this session is on its way and may name them. Wait until it is done, then try again.")
        raise Refusal("roster", sentence)
    loads.delete()
