"""One category: what a good picture is, the pictures there are, and uploading more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from candidates.access import CandidateRequest, SeeOther, candidate_page
from candidates.refusals import Refusal
from candidates.services.events import Actor

from .. import rules
from ..enums import PictureFormat
from ..intake.fit import MOST_PIXELS
from ..models import Category
from ..services.photos import add_photo
from .cards import overview

#: What a browser makes smaller before it sends it, and how: to no fewer pixels than we would keep, at a quality
#: that leaves the choice of a worse one to us.
SHRINK = {"over_bytes": 1_500_000, "pixels": MOST_PIXELS, "quality": "0.92"}


@dataclass
class RefusedFile:
    name: str
    refusal: Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@candidate_page
def show(request: CandidateRequest, code: str) -> HttpResponse:
    if request.method != "POST":
        return category_page(request, code)
    files = request.FILES.getlist("photo")
    added, refused = _take_in(request, code, files)
    if added:
        messages.success(
            request,
            ngettext("%(count)s picture was added.", "%(count)s pictures were added.", added) % {"count": added},
        )
    return category_page(request, code, refused) if refused else SeeOther(resolve_url("category", code))


def _take_in(request: CandidateRequest, code: str, files: list[UploadedFile]) -> tuple[int, list[RefusedFile]]:
    """Each file in turn. A refusal that the next file would meet as well ends it for all that are left."""
    if not files:
        nothing = Refusal("empty", _("No picture was chosen. Choose one or several, then press “Upload”."), status=422)
        return 0, [RefusedFile("", nothing)]
    added, refused = 0, []
    for number, file in enumerate(files):
        try:
            add_photo(Actor.of(request), request.candidate, code, file.read())
            added += 1
        except Category.DoesNotExist as error:
            raise Http404 from error
        except Refusal as refusal:
            refused.append(RefusedFile(file.name or "", refusal))
            if refusal.status != 422:
                refused += [RefusedFile(left.name or "", refusal) for left in files[number + 1 :]]
                break
    return added, refused


def category_page(
    request: CandidateRequest,
    code: str,
    refused: Sequence[RefusedFile] = (),
    *,
    refusal: Refusal | None = None,
    now: datetime | None = None,
) -> HttpResponse:
    """The page, with files that were refused or why something else was not done; ``now``: for looking ahead."""
    view = overview(request.candidate, now)
    card = view.card(code)
    if card is None:
        raise Http404
    category, session = card.category, view.session
    # HEIC is converted, and that is fitting.
    formats = [name for name in PictureFormat if name in category.formats and (name != "heic" or session.fit_oversized)]
    context = {
        "view": view,
        "application": view.application,
        "card": card,
        "refused": refused,
        "refusal": refusal,
        "address": resolve_url("category", code),
        "formats": [name.label for name in formats],
        "accept": ",".join(_accepted(formats)),
        "max_bytes": rules.max_bytes(category, session),
        "upload_max_bytes": settings.UPLOAD_MAX_BYTES,
        "upload_max_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "fits": session.fit_oversized,
        "shrink": SHRINK,
    }
    status = refusal.status if refusal else max((entry.refusal.status for entry in refused), default=200)
    return render(request, "materials/category.html", context, status=status)


def _accepted(formats: list[PictureFormat]) -> list[str]:
    """For the file dialogue. HEIC by its names too: many systems do not know its type."""
    types = {"jpeg": ["image/jpeg"], "png": ["image/png"], "heic": ["image/heic", ".heic", ".heif"]}
    return [accepted for name in formats for accepted in types[name]]
