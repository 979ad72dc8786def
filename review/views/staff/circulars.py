"""A message to a list of candidates: chosen and written, looked at, confirmed."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import ExamSession
from candidates.refusals import Refusal
from candidates.services.events import Actor
from review.access import StaffRequest, staff_page
from review.progress import in_states
from review.rules import why_not_told
from review.services.circulars import WORDS, send_circular
from review.staff_forms import CircularForm

from .pages import page, session_to_run, trail_of


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: StaffRequest, code: str) -> HttpResponse:
    """GET: a form in which ``states`` and ``sites`` of the address are ticked.

    POST ``states`` ``sites`` and the words: the preview; with ``key`` and ``number`` from it: send.
    """
    session = session_to_run(request.user, code)
    sites = [(site.code, f"{site.code} {site}") for site in session.region.sites.order_by("code")]
    if request.method != "POST":
        ticked = {name: request.GET.getlist(name) for name in ("states", "sites")}
        return _show(request, session, CircularForm(sites=sites, initial=ticked))
    form = CircularForm(request.POST, sites=sites)
    if not form.is_valid():
        return _show(request, session, form, status=422)
    given = form.cleaned_data
    chosen = {"states": given["states"], "sites": given["sites"]}
    words = {name: given[name] for name in WORDS}
    refusal = why_not_told([words["title_zh"], words["title_en"]], [words["text_zh"], words["text_en"]])
    if refusal is None and given["key"]:
        try:
            circular = send_circular(
                Actor.of(request), code, given["key"], number=given["number"] or 0, words=words, **chosen
            )
        except Refusal as refused:
            refusal = refused
        else:
            told = ngettext(
                "Confirmed: it goes to %(number)s candidate.",
                "Confirmed: it goes to %(number)s candidates.",
                circular.number,
            )
            messages.success(request, told % {"number": circular.number})
            return SeeOther(reverse("staff_messages", args=[session.code]))
    if refusal is not None and refusal.code != "number":
        return _show(request, session, form, refusal)
    number = in_states(session, **chosen).count()
    if not number:
        nobody = Refusal("nobody", _("There is nobody on this list. Choose others."), status=422)
        return _show(request, session, form, nobody)
    preview = {
        "key": uuid4(),
        "number": number,
        "texts": [("zh-Hans", words["title_zh"], words["text_zh"]), ("en", words["title_en"], words["text_en"])],
    }
    return _show(request, session, form, refusal, preview=preview)


def _show(
    request: StaffRequest,
    session: ExamSession,
    form: CircularForm,
    refusal: Refusal | None = None,
    *,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"session": session, "form": form, "preview": preview, "refusal": refusal and refusal.sentence}
    trail: list[tuple[str, Any]] = [
        *trail_of(session),
        (reverse("staff_messages", args=[session.code]), _("Messages")),
    ]
    status = refusal.status if refusal else status
    return page(request, "admin/staff/circular.html", _("Message to a list"), context, trail=trail, status=status)
