"""Pictures going out: to their candidate and to staff in scope, and to nobody's cache."""

import logging
from uuid import UUID

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from candidates.models import User
from candidates.services.events import Actor

from ..enums import PictureFormat
from ..models import Photo
from ..selectors import photo_for
from ..services.photos import record_view

logger = logging.getLogger(__name__)

# A picture is shown, never run: whatever got past the intake can load and do nothing.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@require_safe
def show(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    return _picture(request, photo_id, thumb=False)


@require_safe
def show_thumb(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    return _picture(request, photo_id, thumb=True)


def _picture(request: HttpRequest, photo_id: UUID, *, thumb: bool) -> HttpResponse:
    user = request.user
    photo = photo_for(user, photo_id) if isinstance(user, User) else None
    if photo is None or not isinstance(user, User):
        raise Http404
    if not user.is_staff:
        if photo.item.application.candidate.activated_at is None:
            return redirect("activate")
        if photo.superseded_at is not None and not thumb:
            raise Http404  # of what they have replaced, candidates see the thumbnail: beside the new one
    try:
        data = _read(photo.thumb if thumb else photo.file)
    except FileNotFoundError as error:
        logger.error("picture %s has no file", photo.pk)
        raise Http404 from error
    except Exception:  # whatever a store raises
        logger.exception("the store did not give picture %s", photo.pk)
        return HttpResponse(render_to_string("errors/503.html"), status=503, headers={"Retry-After": "30"})
    if user.is_staff:
        record_view(Actor.of(request), photo, thumb=thumb)
    return _answer(photo, data, thumb=thumb)


def _read(file: FieldFile) -> bytes:
    with file.open("rb") as opened:
        data: bytes = opened.read()
    return data


def _answer(photo: Photo, data: bytes, *, thumb: bool) -> HttpResponse:
    is_png = photo.format == PictureFormat.PNG and not thumb
    name = f"{photo.item.category.code}-{photo.position}.{'png' if is_png else 'jpg'}"
    headers = {
        "Content-Disposition": content_disposition_header(False, name),
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(data, content_type="image/png" if is_png else "image/jpeg", headers=headers)
