"""Who is at which application: the next one, claims, skips, and what a reviewer wants to see of the queue."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from candidates.access import SeeOther
from candidates.refusals import Refusal
from candidates.services.events import Actor

from .. import selectors
from ..access import StaffRequest, staff_page
from ..forms import QueueForm
from ..rules import stages_of
from ..selectors import Narrowing
from ..services import claims
from .answers import admin_context, back_to, go_to, refusal_of
from .boxes import Typed

#: Where a reviewer's narrowing is kept: in their web session, so that it holds from one application to the next.
NARROWING = "review_queue"


def narrowing_of(request: HttpRequest) -> Narrowing:
    """What this reviewer wants to see of the queue."""
    return Narrowing(**request.session.get(NARROWING, {}))


@staff_page
@require_GET
def take_next(request: StaffRequest) -> HttpResponse:
    """Claim the next application. The one GET that writes: contract.md wants an address to open."""
    wanted = narrowing_of(request)
    application = claims.claim_next(Actor.of(request), wanted)
    if application is not None:
        return redirect("review_screen", pk=application.pk)
    context = admin_context(request, title=_("Queue empty")) | {
        "is_reviewer": bool(stages_of(request.user)),
        "in_other_hands": selectors.narrowed(selectors.queue_for(request.user), wanted).exists(),
        "is_narrowed": wanted != selectors.EVERYTHING,
    }
    return render(request, "admin/review/empty.html", context, status=404)


@staff_page
@require_POST
def narrow(request: StaffRequest) -> HttpResponse:
    """See only a part of the queue from now on, or all of it again; then on to the next application of that."""
    form = QueueForm(request.user, request.POST)
    if not form.is_valid():
        raise Http404
    request.session[NARROWING] = form.cleaned_data
    return SeeOther(resolve_url("admin:index"))


@staff_page
@require_POST
def claim(request: StaffRequest, pk: UUID) -> HttpResponse:
    return refusal_of(request, pk, Typed(), lambda: claims.claim(Actor.of(request), pk)) or back_to(request, pk)


@staff_page
@require_POST
def take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    return refusal_of(request, pk, Typed(), lambda: claims.take_over(Actor.of(request), pk)) or back_to(request, pk)


@staff_page
@require_POST
def release(request: StaffRequest, pk: UUID) -> HttpResponse:
    refused = refusal_of(request, pk, Typed(), lambda: claims.release(Actor.of(request), pk))
    if refused is None:
        messages.success(request, _("Given back to the queue."))
    return refused or go_to(request, resolve_url("admin:index"))


@staff_page
@require_POST
def skip(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Put it aside, and go on to the next."""
    refused = refusal_of(request, pk, Typed(), lambda: claims.skip(Actor.of(request), pk))
    if refused is None:
        messages.success(request, _("Put aside: it comes to you again in an hour, or when nothing else waits."))
    return refused or go_to(request, resolve_url("review_next"))


@staff_page
@require_POST
def leave(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sent by a page on its way out; nobody reads the answer."""
    try:
        claims.leave(Actor.of(request), pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    return HttpResponse(status=204)


@staff_page
@require_POST
def keep_ahead(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sent by an open page when little is left to judge, and then every minute: keeps what comes next.

    ``{"pictures": ["/photos/…/"]}`` are the addresses that may load ahead; none when nothing else waits.
    """
    try:
        application = claims.claim_ahead(Actor.of(request), pk, narrowing_of(request))
    except ObjectDoesNotExist:
        raise Http404 from None
    photos = selectors.photos_to_judge(application) if application else []
    return JsonResponse({"pictures": [resolve_url("photo", photo.pk) for photo in photos]})


@staff_page
@require_POST
def beat(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sent every minute by an open page: keeps its claim, and tells it of what others did meanwhile.

    ``{"version": 7, "until": "14:05"}``, or 409 and ``{"message": "…"}`` when the page can decide nothing any more.
    """
    try:
        application = claims.keep(Actor.of(request), pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return JsonResponse({"message": str(refusal)}, status=refusal.status)
    until = timezone.localtime(application.claim.expires_at, ZoneInfo(application.session.region.time_zone))
    return JsonResponse({"version": application.version, "until": f"{until:%H:%M}"})
