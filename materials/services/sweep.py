"""Stored files that no row names, and rows whose file is gone (docs/contract.md, ``sweep_photos``)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.core.files.storage import Storage
from django.db import transaction

from candidates.enums import Action
from candidates.services.events import OPERATOR, record

from ..models import Application, Photo, photo_storage
from .locking import lock_application
from .removed import delete_removed


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
    """Compare the store with the database, application by application.

    Safe beside uploads: a file is written while its application is locked, so what still has no
    row once the lock was won will never get one.
    """
    swept, visited, storage = Swept(removed=delete_removed(dry_run=dry_run)), set(), photo_storage()
    for folder in _folders(storage):
        application_id = _as_uuid(folder.rpartition("/")[2])
        visited.add(application_id)
        if _compare(storage, folder, application_id)[0]:
            _remove_orphans(storage, folder, application_id, swept, dry_run=dry_run)
        swept.lost += _compare(storage, folder, application_id)[1]
    for photo in Photo.objects.select_related("item").iterator(chunk_size=2000):
        if photo.item.application_id not in visited:
            swept.lost.append(str(photo.file.name))
    if swept.orphans and not dry_run:
        record(Action.COMMAND_RUN, OPERATOR, files=len(swept.orphans))
    return swept


def _folders(storage: Storage) -> Iterator[str]:
    for shard in _listdir(storage, "")[0]:
        for name in _listdir(storage, shard)[0]:
            yield f"{shard}/{name}"


def _listdir(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(folder)
    except FileNotFoundError:
        return [], []


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _compare(storage: Storage, folder: str, application_id: UUID | None) -> tuple[list[str], list[str]]:
    """Names of files without a row, and of rows without their file, in one application's folder."""
    stored = {f"{folder}/{name}" for name in _listdir(storage, folder)[1]}
    photos = Photo.objects.filter(item__application=application_id) if application_id else Photo.objects.none()
    named = {name for pair in photos.values_list("file", "thumb") for name in pair}
    return sorted(stored - named), sorted(named - stored)


@transaction.atomic
def _remove_orphans(storage: Storage, folder: str, application_id: UUID | None, swept: Swept, *, dry_run: bool) -> None:
    if application_id and Application.objects.filter(pk=application_id).exists():
        lock_application(pk=application_id)
    orphans = _compare(storage, folder, application_id)[0]
    swept.orphans += orphans
    if not dry_run:
        for name in orphans:
            storage.delete(name)
