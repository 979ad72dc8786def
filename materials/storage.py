"""Pictures as files: a file stands under its final name only when all of it is on the disk."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage


class DurableFileSystemStorage(FileSystemStorage):
    """Writes beside the final name, flushes to the disk, then renames. No address: pictures are served by a view."""

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        Path(self.location).mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
        return name

    def url(self, name: str | None) -> str:
        raise ValueError("Pictures have no address of their own; they are served by materials/views/photos.py.")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # names are random and written once


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete_folder(storage: Storage, folder: str) -> None:
    """Remove all files of a folder that has none below it; in a bucket that keeps versions every version of them."""
    if (bucket := getattr(storage, "bucket", None)) is not None:
        _delete_versions(bucket, f"{folder}/")
        return
    with suppress(FileNotFoundError):
        for name in storage.listdir(folder)[1]:
            storage.delete(f"{folder}/{name}")
        storage.delete(folder)


def _delete_versions(bucket: Any, prefix: str) -> None:
    """Also where versions were switched off later. A bucket that never had any lists each object as its only one."""
    answers = [*bucket.object_versions.filter(Prefix=prefix).delete(), *bucket.objects.filter(Prefix=prefix).delete()]
    if errors := [error for answer in answers for error in answer.get("Errors", [])]:
        raise OSError(f"{len(errors)} objects below {prefix} were not deleted: {errors[0].get('Code')}")
