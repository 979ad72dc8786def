"""Small changes of one item: the minus and its undoing, turning, the order, 不适用, the written reply.

All POST; then back to the item.
"""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from candidates.access import CandidateRequest, SeeOther, candidate_page
from candidates.refusals import Refusal
from candidates.services.events import Actor

from ..enums import Turn
from ..forms import MoveForm, NotApplicableForm, ReplyForm, TurnForm
from ..models import Photo
from ..services.order import move_photo
from ..services.photos import delete_photo, turn_photo
from ..services.removed import restore_photo
from ..services.submission import reply_to_request, set_not_applicable
from .cards import overview
from .category import category_page
from .overview_page import materials_page


@require_POST
@candidate_page
def delete(request: CandidateRequest, code: str, photo_id: UUID) -> HttpResponse:
    """The minus on a picture."""
    try:
        delete_photo(Actor.of(request), request.candidate, code, photo_id)
    except Photo.DoesNotExist:
        return _gone(request, code)
    except Refusal as refusal:
        return materials_page(request, refusal=refusal, code=code)
    return _back(request, code, f"undo-{photo_id}")


@require_POST
@candidate_page
def restore(request: CandidateRequest, code: str, photo_id: UUID) -> HttpResponse:
    """Take the minus back."""
    _require_item(request, code)
    try:
        restore_photo(Actor.of(request), request.candidate, code, photo_id)
    except Refusal as refusal:
        return materials_page(request, refusal=refusal, code=code)
    return _back(request, code, f"photo-{photo_id}")


@require_POST
@candidate_page
def move(request: CandidateRequest, code: str, photo_id: UUID) -> HttpResponse:
    """Another place among the pictures of its item."""
    _require_item(request, code)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        move_photo(Actor.of(request), request.candidate, code, photo_id, form.cleaned_data["to"])
    except Photo.DoesNotExist:
        return _gone(request, code)
    except Refusal as refusal:
        return materials_page(request, refusal=refusal, code=code)
    return SeeOther(_at_item(code))


@require_POST
@candidate_page
def turn(request: CandidateRequest, code: str, photo_id: UUID) -> HttpResponse:
    """A quarter of a turn to the left or to the right."""
    form = TurnForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        photo = turn_photo(Actor.of(request), request.candidate, code, photo_id, Turn(form.cleaned_data["turn"]))
    except Photo.DoesNotExist:
        return _gone(request, code, on_category_page=True)
    except Refusal as refusal:
        return materials_page(request, refusal=refusal, code=code)
    return SeeOther(f"{resolve_url('category', code)}#photo-{photo.pk}")


@require_POST
@candidate_page
def not_applicable(request: CandidateRequest, code: str) -> HttpResponse:
    """Mark an optional item, or take the mark back."""
    _require_item(request, code)
    form = NotApplicableForm(request.POST)
    if not form.is_valid():
        raise Http404
    value = form.cleaned_data["value"] == "on"
    return _act(request, code, lambda: set_not_applicable(Actor.of(request), request.candidate, code, value))


@require_POST
@candidate_page
def reply(request: CandidateRequest, code: str) -> HttpResponse:
    """Answer a requested change in writing."""
    _require_item(request, code)
    form = ReplyForm(request.POST)
    form.is_valid()
    text = form.cleaned_data.get("reply", "")
    return _act(
        request, code, lambda: reply_to_request(Actor.of(request), request.candidate, code, text), typed_reply=text
    )


def _act(
    request: CandidateRequest, code: str, act: Callable[[], None], *, typed_reply: str | None = None
) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        return materials_page(request, refusal=refusal, code=code, typed_reply=typed_reply)
    return SeeOther(_at_item(code))


def _require_item(request: CandidateRequest, code: str) -> None:
    """A category that is not this candidate's does not exist."""
    if overview(request.candidate).card(code) is None:
        raise Http404


def _gone(request: CandidateRequest, code: str, *, on_category_page: bool = False) -> HttpResponse:
    """The page that was pressed on, as it is by now. What is another's, or never was, is answered alike."""
    _require_item(request, code)
    refusal = Refusal(
        "gone",
        _("This picture is not there any more: it was deleted or replaced meanwhile. Here is what is there now."),
        status=404,
    )
    if on_category_page or _is_from_category_page(request):
        return category_page(request, code, refusal=refusal)
    return materials_page(request, refusal=refusal, code=code)


def _back(request: CandidateRequest, code: str, place: str) -> HttpResponse:
    """To the page that was pressed on: the item in the list, on the item's own page the place that it is about."""
    return SeeOther(f"{resolve_url('category', code)}#{place}" if _is_from_category_page(request) else _at_item(code))


def _is_from_category_page(request: CandidateRequest) -> bool:
    return request.POST.get("from") == "category"


def _at_item(code: str) -> str:
    return f"{resolve_url('materials')}#item-{code}"
