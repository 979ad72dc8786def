"""Who may open the pages for staff below /admin/: whoever may enter the Django admin."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from candidates.models import User

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of somebody who may enter the admin."""

    user: User


def staff_page(view: Callable[Concatenate[StaffRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead everybody else to the admin's own sign-in, candidates included, and not to the candidates' door."""
    inside: Any = admin.site.admin_view(view)
    return login_not_required(inside)
