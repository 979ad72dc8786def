"""All addresses of the portal, and the two empty pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from candidates.access import CandidateRequest, candidate_page
from exam_portal.urls import handler400, handler403, handler404, handler500
from exam_portal.urls import urlpatterns as portal

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    """Reads the session, and with it who is signed in; answers a word."""
    return HttpResponse(f"empty, {request.session.session_key is not None}")


@candidate_page
def frame(request: CandidateRequest) -> HttpResponse:
    """What stands around every page of a candidate, with nothing in it."""
    return render(request, "base.html")


urlpatterns = [path("bench/empty/", empty), path("bench/frame/", frame), *portal]
