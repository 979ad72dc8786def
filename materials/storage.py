"""Where pictures are kept: what every such store can do, and the folder. The other is in s3_storage.py."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage

#: Below this a folder takes no more pictures that it could not keep whole, and ``/readyz`` says so.
LEAST_FREE_BYTES = 32 * 1024 * 1024


class PhotoStore(Storage):
    """What the portal asks of a store beside Django's own: reading and writing raise whatever the store raises.

    A picture that is not there is a FileNotFoundError; nothing else is, so that a store which has lost its way does
    not look like one that has lost a picture.
    """

    def names(self, folder: str = "") -> Iterator[str]:
        """Of all files, or those in the folder of one application; in the order of their folders, however many there
        are: not all of them are held at once.
        """
        raise NotImplementedError

    def probe(self) -> None:
        """Raise unless the store answers and could take a picture now. Writes nothing."""
        raise NotImplementedError

    def signed_address(self, name: str, content_type: str, disposition: str) -> str:
        """Where anybody may fetch the file for a short while."""
        raise ValueError("Pictures in this store have no addresses; materials/serving.py reads them.")

    def url(self, name: str | None) -> str:
        raise ValueError("Pictures have no address of their own; they are served by materials/serving.py.")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # names are random and written once


class DurableFileSystemStorage(PhotoStore, FileSystemStorage):
    """A folder. Writes beside the final name, flushes to the disk, then renames: what has its name is whole."""

    def __init__(
        self, location: str | Path, *, directory_permissions_mode: int = 0o700, file_permissions_mode: int = 0o600
    ) -> None:
        super().__init__(
            location,
            directory_permissions_mode=directory_permissions_mode,
            file_permissions_mode=file_permissions_mode,
        )

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        Path(self.location).mkdir(parents=True, exist_ok=True, mode=self.directory_permissions_mode or 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fchmod(descriptor, self.file_permissions_mode or 0)
                os.fsync(descriptor)
            os.replace(draft, path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
        return name

    def names(self, folder: str = "") -> Iterator[str]:
        if folder:
            yield from (f"{folder}/{file.name}" for file in _entries(self.path(folder)) if file.is_file())
            return
        for shard in _entries(self.location):
            for below in _entries(shard.path):
                yield from self.names(f"{shard.name}/{below.name}")

    def probe(self) -> None:
        # The folder is made with the first picture; until then what counts is where it will be.
        location = Path(self.location)
        folder = next(folder for folder in (location, *location.parents) if folder.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise PermissionError("the folder of pictures cannot be written")
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            raise OSError(errno.ENOSPC, "the disk of the folder of pictures is full")


def _entries(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    """What is in a folder, which may be gone or no folder, by name."""
    try:
        with os.scandir(os.fspath(folder)) as found:
            return sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


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
