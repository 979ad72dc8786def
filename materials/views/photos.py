"""Pictures going out: to their candidate and to staff in scope, and to nobody's cache."""

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from candidates.models import User
from candidates.services.events import Actor

from .. import serving
from ..selectors import photo_for
from ..services.photos import record_view
from .faults import store_failed

logger = logging.getLogger(__name__)


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
        answer = serving.answer(photo, thumb=thumb)
    except FileNotFoundError as error:
        logger.error("picture %s has no file", photo.pk)
        raise Http404 from error
    except Exception:  # whatever a store raises
        logger.exception("the store did not give picture %s", photo.pk)
        return store_failed()
    if user.is_staff:
        record_view(Actor.of(request), photo, thumb=thumb)
    return answer
