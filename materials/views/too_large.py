"""The page for a body that a proxy refused by its length, before any of it came here (deploy/nginx.conf)."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ..middleware import too_large


@login_not_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """413 for the address in ``back``, as the portal would have answered there."""
    return too_large(request.GET.get("back", ""))
