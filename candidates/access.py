"""Who may open a candidate's pages: signed-in candidates, and before activation only to activate."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone

from .models import Candidate, User
from .rules import must_consent_again
from .selectors import newest_message, number_unread

P = ParamSpec("P")


class CandidateRequest(HttpRequest):
    """A request whose candidate, with session, region and site, is known."""

    user: User
    candidate: Candidate


CandidateView = Callable[Concatenate[CandidateRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class SeeOther(HttpResponseRedirect):
    """The answer to a good POST: look at the next page (303)."""

    status_code = 303


def candidate_of(user: User) -> Candidate | None:
    """The candidate of an account with everything that a page needs, in one query; None for staff.

    ``unread``: how many messages are new; ``newest``: the key of the last one.
    """
    candidates = Candidate.objects.select_related("session__region", "site")
    return candidates.annotate(unread=number_unread(), newest=newest_message()).filter(user=user).first()


def candidate_page(view: CandidateView[P]) -> View[P]:
    """Give the view ``request.candidate``, in the region's time zone; lead to activation and consent first."""
    return _page(view, leads_to_activation=True)


def activation_page(view: CandidateView[P]) -> View[P]:
    """The same for the pages that candidates reach before they are activated and have consented."""
    return _page(view, leads_to_activation=False)


def _page(view: CandidateView[P], *, leads_to_activation: bool) -> View[P]:
    @wraps(view)
    def wrapped(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        candidate = candidate_of(request.user)
        if candidate is None:
            raise Http404
        candidate.user = request.user
        request.candidate = candidate
        if leads_to_activation and candidate.activated_at is None:
            return redirect("activate")
        # Only where something is looked at: what is on its way (a picture, a submission) must not be lost to it.
        is_read = request.method in ("GET", "HEAD")
        if leads_to_activation and is_read and must_consent_again(candidate, candidate.session):
            return redirect("notice")
        with timezone.override(ZoneInfo(candidate.session.region.time_zone)):
            return view(request, *args, **kwargs)

    return wrapped
