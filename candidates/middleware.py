"""Whose time it is on the pages of staff."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]


class RegionTimeMiddleware:
    """Reviewers and regional staff see, and type, every time below /admin/ in their region's time zone.

    Administrators have no region; a page about one session or application sets its region's (candidates' pages do
    so too, candidates/access.py).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        region = getattr(request.user, "region", None)
        if region is None:
            return self.get_response(request)
        with timezone.override(ZoneInfo(region.time_zone)):
            return self.get_response(request)
