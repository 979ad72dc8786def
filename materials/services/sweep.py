"""Stored files that no row names, and rows whose file is gone (docs/contract.md, ``sweep_photos``)."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.refusals import Refusal
from candidates.services.events import OPERATOR, record

from ..models import Application, Photo, photo_storage
from .locking import lock_application
from .removed import delete_removed

logger = logging.getLogger(__name__)

#: How the portal names its files (models/photos.py). Whatever else lies in the store is not ours to remove.
OURS = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{6}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/[^/]+")
ROWS_AT_ONCE = 2000
#: An application, a file's name, and whether that is in the store or in a row.
Named = tuple[UUID, str, bool]
APPLICATION = itemgetter(0)


@dataclass
class Swept:
    """What was found, and removed unless it was a dry run.

    ``orphans``: names of files without a row. ``lost``: rows without their file. ``removed``: how many pictures
    candidates had deleted and can no longer put back.
    """

    orphans: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    removed: int = 0


def sweep_photos(*, dry_run: bool = False) -> Swept:
    """Compare the store with the database, application by application, in one walk through both.

    Both are in the order of applications, so neither has to be held in memory, and a store is asked once for a
    thousand names. Where they differ, an upload may just have been between them: what counts is how it looks while
    the application is locked.
    """
    swept = Swept(removed=delete_removed(dry_run=dry_run))
    for application_id, found in groupby(merge(_stored(), _in_rows(), key=APPLICATION), key=APPLICATION):
        stored: set[str] = set()
        in_rows: set[str] = set()
        for _application, name, is_stored in found:
            (stored if is_stored else in_rows).add(name)
        if stored != in_rows:
            _settle(application_id, swept, dry_run=dry_run)
    if swept.orphans and not dry_run:
        record(Action.COMMAND_RUN, OPERATOR, files=len(swept.orphans))
    return swept


def _stored() -> Iterator[Named]:
    with _store_must_answer():
        for name in photo_storage().names():
            if ours := OURS.fullmatch(name):
                yield UUID(ours[2]), name, True


def _in_rows() -> Iterator[Named]:
    rows = Photo.objects.order_by("item__application", "pk")
    page = rows
    while found := list(page.values_list("item__application", "pk", "file", "thumb")[:ROWS_AT_ONCE]):
        for application_id, _pk, *names in found:
            yield from ((application_id, name, False) for name in names)
        application_id, pk, *_names = found[-1]
        page = rows.filter(item__application__gte=application_id).exclude(item__application=application_id, pk__lte=pk)


@transaction.atomic
def _settle(application_id: UUID, swept: Swept, *, dry_run: bool) -> None:
    """Files are written while their application is locked: what has no row now will never get one.

    Files are removed after the row that named them, and without the lock: a row that is there now has its file.
    """
    if Application.objects.filter(pk=application_id).exists():
        lock_application(pk=application_id)
    folder = f"{str(application_id)[:2]}/{application_id}"
    pairs = Photo.objects.filter(item__application=application_id).values_list("file", "thumb")
    in_rows = {name for pair in pairs for name in pair}
    with _store_must_answer():
        stored = set(photo_storage().names(folder))
        swept.lost += sorted(in_rows - stored)
        for name in sorted(stored - in_rows):
            if not dry_run:
                photo_storage().delete(name)
            swept.orphans.append(name)


@contextmanager
def _store_must_answer() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever a store raises
        logger.exception("the store did not answer the sweep")
        raise Refusal(
            "store",
            _("The store of pictures does not answer. What was removed until now stays removed; run it again later."),
            status=503,
        ) from error
