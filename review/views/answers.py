"""What the views of the review screen have in common: how they act, read, and answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from candidates.access import SeeOther
from candidates.refusals import Refusal

from ..access import StaffRequest
from .boxes import Typed
from .screen import screen_for


def refusal_of(request: StaffRequest, pk: UUID, typed: Typed, act: Callable[[], Any]) -> HttpResponse | None:
    """Do it; the answer is None, or the screen as it is now with the refusal and what was typed."""
    try:
        act()
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return screen_page(request, pk, refusal, typed)
    return None


def read_form(form: Form) -> dict[str, Any]:
    """The fields of a form. Raises Refusal when it is not a form of ours."""
    if not form.is_valid():
        raise Refusal(
            "form",
            _("This form came incomplete, and nothing was changed. Look at it again and send it anew."),
            status=422,
        )
    return form.cleaned_data


def typed_into(request: StaffRequest, form: str) -> Typed:
    reason, note = (request.POST.get(name, "").replace("\0", "") for name in ("reason", "note"))
    return Typed(form, reason, note)


def screen_page(
    request: StaffRequest, pk: UUID, refusal: Refusal | None = None, typed: Typed | None = None
) -> HttpResponse:
    screen = screen_for(request.user, pk, typed)
    if screen is None:
        raise Http404
    context = admin_context(request, title=str(screen.candidate)) | {
        "screen": screen,
        "refusal": refusal,
        "address": resolve_url("review_screen", pk=pk),
    }
    return render(request, "admin/review/screen.html", context, status=refusal.status if refusal else 200)


def admin_context(request: StaffRequest, title: str) -> dict[str, Any]:
    """What the admin's own templates expect, without its sidebar: the room is for the pictures."""
    return {**admin.site.each_context(request), "title": title, "is_nav_sidebar_enabled": False}


def back_to(pk: UUID, anchor: str = "") -> HttpResponse:
    address = resolve_url("review_screen", pk=pk)
    return SeeOther(f"{address}#{anchor}" if anchor else address)
