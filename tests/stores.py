"""Another store of pictures for a while: a real one, or one that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.core.files.storage import storages
from django.db.models.fields.files import FieldFile

from materials.models import Photo
from materials.storage import PhotoStore


@contextmanager
def photos_in(store: PhotoStore) -> Iterator[PhotoStore]:
    """Keep pictures in ``store``. The fields of Photo were given theirs when the model was made."""
    fields = [Photo._meta.get_field(name) for name in ("file", "thumb")]
    with patch.dict(storages._storages, {"photos": store}):
        for field in fields:
            field.storage, before = store, field.storage
        try:
            yield store
        finally:
            for field in fields:
                field.storage = before


def is_stored(file: FieldFile) -> bool:
    return bool(file.storage.exists(file.name))


def content(file: FieldFile) -> bytes:
    with file.storage.open(file.name) as opened:
        return bytes(opened.read())
