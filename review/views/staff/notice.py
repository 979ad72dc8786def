"""The privacy notice of a session: its versions, and making the next one."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from candidates.access import SeeOther
from candidates.models import ExamSession
from candidates.notice import notice_of, own_notice
from candidates.refusals import Refusal
from candidates.selectors import consents_of
from candidates.services.events import Actor
from candidates.services.notices import add_notice
from review.access import StaffRequest, staff_page
from review.staff_forms import NoticeForm

from .pages import page, session_to_run, trail_of


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, code: str) -> HttpResponse:
    """POST ``version``, ``text_zh``, ``text_en``, ``ask_again``: make the next version."""
    session = session_to_run(request.user, code)
    with timezone.override(ZoneInfo(session.region.time_zone)):
        return _answer(request, session)


def _answer(request: StaffRequest, session: ExamSession) -> HttpResponse:
    versions = list(session.notices.select_related("created_by"))
    number = versions[0].number if versions else 0
    now = notice_of(session)
    form = NoticeForm(initial={"version": number, "text_zh": now.zh, "text_en": now.en})
    refusal: Any = None
    status = 200
    if request.method == "POST":
        form = NoticeForm(request.POST)
        refusal, status = form.damage, 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                add_notice(
                    Actor.of(request),
                    session.code,
                    number=given["version"],
                    text_zh=given["text_zh"],
                    text_en=given["text_en"],
                    ask_again=given["ask_again"],
                )
            except Refusal as refused:
                refusal, status = refused.sentence, refused.status
            else:
                messages.success(request, _("The new version holds from now on."))
                return SeeOther(request.path)
        form = NoticeForm.again(request.POST, number)
    agreed = consents_of(session)
    own = own_notice(session, session.contact)
    context = {
        "session": session,
        "form": form,
        "refusal": refusal,
        "versions": [(version, agreed.get(str(version), 0)) for version in versions],
        "own": own,
        "own_agreed": agreed.get(own.version, 0),
    }
    return page(
        request, "admin/staff/notice.html", _("Privacy notice"), context, trail=trail_of(session), status=status
    )
