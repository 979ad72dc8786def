"""How a picture's bytes reach a browser that may see it. Who may is decided before (views/photos.py).

By the worker itself; by nginx, which the worker tells where the file is (X-Accel-Redirect); or by the store, at a
signed address that lives for minutes (docs/contract.md, ``PHOTOS_SERVED_BY``).
"""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header

from .enums import PictureFormat
from .models import Photo, photo_storage

#: A location of nginx that is ``internal``: from outside there is nothing (deploy/nginx-photos.conf).
NGINX_LOCATION = "/_photos/"
# A picture is shown, never run: whatever got past the intake can load and do nothing.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class Damaged(OSError):
    """The store gave other bytes than were stored."""


def answer(photo: Photo, *, thumb: bool) -> HttpResponse:
    """The picture, or the way to it. Raises FileNotFoundError, Damaged, or whatever the store raises."""
    file = photo.thumb if thumb else photo.file
    is_png = photo.format == PictureFormat.PNG and not thumb
    content_type = "image/png" if is_png else "image/jpeg"
    name = f"{photo.item.category.code}-{photo.position}.{'png' if is_png else 'jpg'}"
    disposition = content_disposition_header(False, name) or "inline"
    headers = {
        "Content-Disposition": disposition,
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if settings.PHOTOS_SERVED_BY == "store":
        address = photo_storage().signed_address(str(file.name), content_type, disposition)
        return HttpResponseRedirect(address, headers=headers)
    if settings.PHOTOS_SERVED_BY == "nginx":
        headers["X-Accel-Redirect"] = _place_for_nginx(file, content_type, disposition)
        return HttpResponse(content_type=content_type, headers=headers)
    return HttpResponse(read(photo, thumb=thumb), content_type=content_type, headers=headers)


def _place_for_nginx(file: FieldFile, content_type: str, disposition: str) -> str:
    """A file below the folder; of an S3 store, the path and signature with which nginx asks it in its turn."""
    store = photo_storage()
    if isinstance(store, FileSystemStorage):
        return f"{NGINX_LOCATION}{file.name}"
    address = urlsplit(store.signed_address(str(file.name), content_type, disposition))
    return f"{NGINX_LOCATION}{address.path.lstrip('/')}?{address.query}"


def read(photo: Photo, *, thumb: bool = False) -> bytes:
    """The bytes that were stored. Raises FileNotFoundError, Damaged, or whatever the store raises."""
    name = str((photo.thumb if thumb else photo.file).name)
    with photo_storage().open(name) as file:
        data: bytes = file.read()
    # No sum is kept of a thumbnail; it is a JPEG, from its first mark to its last.
    is_whole = data[:2] + data[-2:] == b"\xff\xd8\xff\xd9" if thumb else sha256(data).hexdigest() == photo.sha256
    if not is_whole:
        raise Damaged(f"the store gave other bytes than were stored for picture {photo.pk}")
    return data
