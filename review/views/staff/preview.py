"""The session as candidates will see it: their own pages, for somebody with facts of one's choice.

Nothing is stored: the candidate and the application live as long as the answer takes. The candidates' addresses are
made below this page's own (a script prefix), so that their links lead from one page of the preview to the next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, get_script_prefix, resolve, reverse, set_script_prefix
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.i18n import set_language

from candidates.access import SeeOther
from candidates.enums import Flag, Level, Role, Track
from candidates.forms import ActivationForm
from candidates.models import Candidate, ExamSession, Site, User
from candidates.views.activation import form_page
from candidates.views.privacy import notice_page
from materials.enums import Status
from materials.models import Application
from materials.rules import first_stage
from materials.views.category import category_page
from materials.views.overview_page import materials_page
from materials.views.registration import registration_page
from review.access import StaffRequest, staff_page

from .pages import session_to_run

MOMENTS = [
    ("before", gettext_lazy("before the window opens")),
    ("open", gettext_lazy("while the window is open")),
    ("last_hour", gettext_lazy("in the last hour")),
    ("closed", gettext_lazy("after the close, not submitted")),
    ("submitted", gettext_lazy("submitted")),
]


class SampleForm(forms.Form):
    """The facts of the candidate whose pages are shown, and when."""

    level = forms.ChoiceField(label=gettext_lazy("level"), choices=Level.choices)
    track = forms.ChoiceField(label=gettext_lazy("track"), choices=Track.choices)
    moment = forms.ChoiceField(label=gettext_lazy("when"), choices=MOMENTS)
    flags = forms.MultipleChoiceField(
        label=gettext_lazy("flags"), choices=Flag.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


@dataclass(frozen=True)
class Facts:
    """What the sample is; in an address as ``physician-clinical-open-military``."""

    level: str = Level.PHYSICIAN
    track: str = Track.CLINICAL
    moment: str = "open"
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "-".join([self.level, self.track, self.moment, *self.flags])

    @classmethod
    def read(cls, text: str) -> "Facts | None":
        level, track, moment, *flags = [*text.split("-"), "", ""]
        form = SampleForm({"level": level, "track": track, "moment": moment, "flags": list(filter(None, flags))})
        return cls(level, track, moment, tuple(form.cleaned_data["flags"])) if form.is_valid() else None

    def when(self, session: ExamSession) -> datetime:
        return {
            "before": session.opens_at - timedelta(days=1),
            "last_hour": session.closes_at - timedelta(minutes=50),
            "closed": session.closes_at + timedelta(minutes=1),
        }.get(self.moment, session.opens_at + (session.closes_at - session.opens_at) / 2)


@staff_page
@require_safe
def choose(request: StaffRequest, code: str) -> HttpResponse:
    """GET ``level``, ``track``, ``moment``, ``flags``: on to the materials page of such a candidate."""
    session_to_run(request.user, code)
    form = SampleForm(request.GET)
    facts = Facts()
    if form.is_valid():
        given = form.cleaned_data
        facts = Facts(given["level"], given["track"], given["moment"], tuple(given["flags"]))
    return redirect("staff_preview_page", code, str(facts), "materials/")


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Any, code: str, facts: str, rest: str) -> HttpResponse:
    """One of the candidates' pages; a POST only says that nothing is stored here."""
    session = session_to_run(request.user, code)
    found = Facts.read(facts)
    if found is None:
        return redirect("staff_preview", code)
    start = reverse("staff_preview_page", args=[code, str(found), "materials/"])
    name, arguments = _page_at(rest)
    if request.method == "POST":
        if name == "set_language":
            return set_language(request)
        messages.info(request, _("This is a preview: nothing is stored, and nothing is sent."))
        return SeeOther(start)
    request.candidate = _sample(session, found)
    request.above = render_to_string("review/preview.html", _bar(session, found), request)
    prefix = get_script_prefix()
    set_script_prefix(start.removesuffix("materials/"))
    try:
        with timezone.override(ZoneInfo(session.region.time_zone)):
            answer = _render(request, name, arguments, found.when(session))
    finally:
        set_script_prefix(prefix)
    if answer is None:
        messages.info(request, _("The preview has no such page: a sample has handed in nothing."))
        return redirect(start)
    return answer


def _page_at(rest: str) -> tuple[str | None, dict[str, Any]]:
    try:
        match = resolve("/" + unquote(rest))
    except Resolver404:
        return None, {}
    return match.url_name, match.kwargs


def _render(request: Any, name: str | None, arguments: dict[str, Any], now: datetime) -> HttpResponse | None:
    if name == "materials":
        return materials_page(request, now=now)
    if name == "category":
        return category_page(request, arguments["code"], now=now)
    if name == "registration":
        return registration_page(request, now=now)
    if name == "notice":
        return notice_page(request)
    if name == "activate":
        request.candidate.activated_at = None
        return form_page(request, ActivationForm(request.candidate))
    return None


def _sample(session: ExamSession, facts: Facts) -> Candidate:
    site = session.region.sites.first() or Site(region=session.region, name_zh="示例考点", name_en="Sample site")
    candidate = Candidate(
        user=User(username="00000000", role=Role.CANDIDATE),
        session=session,
        site=site,
        registration_number="00000000",
        name=_("Sample candidate"),
        id_number="11010519491231002X",
        phone="13800000000",
        level=facts.level,
        track=facts.track,
        flags=list(facts.flags),
        activated_at=timezone.now(),
        consent_version=str(session.consent_since),
    )
    handed_in = {"status": Status.SUBMITTED, "rounds": 1, "submitted_at": facts.when(session)}
    state = handed_in if facts.moment == "submitted" else {}
    candidate.application = Application(session=session, site=site, stage=first_stage(session), **state)
    return candidate


def _bar(session: ExamSession, facts: Facts) -> dict[str, Any]:
    """What stands above the page: what is shown, and choosing something else."""
    initial = {"level": facts.level, "track": facts.track, "moment": facts.moment, "flags": facts.flags}
    pages = [
        ("registration/", _("Registration")),
        ("materials/", _("Materials")),
        ("activate/", _("Activation")),
        ("notice/", _("Privacy notice")),
    ]
    return {
        "session": session,
        "form": SampleForm(initial=initial, auto_id="preview-%s"),
        "address": reverse("staff_preview", args=[session.code]),
        "back": reverse("staff_setup", args=[session.code]),
        "pages": [
            (reverse("staff_preview_page", args=[session.code, str(facts), rest]), label) for rest, label in pages
        ],
    }
