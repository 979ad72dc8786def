"""What happened to an application, where it is and what comes, as its candidate may know it (rules 5 and 9).

Made from what the candidate did or was told, from whose turn it is, and from publications. Of what reviewers decided
it takes one thing: when the site was done with it, which is the same step whether it passed or rejected.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates import dates
from candidates.enums import DraftsAtClose, MessageKind, Stages
from candidates.models import Candidate, ExamSession, Message
from candidates.rules import is_window_open
from candidates.selectors import messages_of
from materials.enums import Stage, Status
from materials.models import Application
from materials.rules import correction_deadline, drafts_count, shown_stage
from materials.selectors import complete_drafts

from .enums import Outcome
from .models import Decision, Publication

TOLD = (MessageKind.RETURNED, MessageKind.UNLOCKED, MessageKind.EXTENDED)


@dataclass(frozen=True)
class Step:
    """``state``: done, now or ahead. ``at``: when it happened. ``detail`` may hold dates as HTML. ``way``: a link."""

    state: str
    title: str
    at: datetime | None = None
    detail: str = ""
    way: tuple[str, Any] | None = None


def steps_of(application: Application, session: ExamSession, now: datetime) -> list[Step]:
    """All steps in order, exactly one of them now. Four queries, however much happened; one more where drafts count.

    ``application`` with its candidate, ``session`` with its region.
    """
    is_counted = _is_counted(application, session, now)
    publications = list(Publication.objects.filter(session=session).order_by("pk"))
    done = [
        *_handed_in(application),
        *_told(application.candidate, session),
        *_left_the_site(application, session),
        *_published_before(publications),
    ]
    present = _present(application, session, now, is_counted)
    ahead = _ahead(application, session, now, is_counted)
    return [*sorted(done, key=lambda step: step.at or now), present, *ahead]


def _is_counted(application: Application, session: ExamSession, now: datetime) -> bool:
    """Whether it is a draft that counts as submitted, before ``run_periodic`` has come by."""
    if application.status != Status.DRAFT or not drafts_count(session, now):
        return False
    return Application.objects.filter(complete_drafts(), pk=application.pk).exists()


# --- done ------------------------------------------------------------------------------------------


def _handed_in(application: Application) -> Iterator[Step]:
    for number, at in application.submissions.order_by("number").values_list("number", "submitted_at"):
        title = _("Submitted") if number == 1 else _("Submitted again")
        yield Step("done", title, at, way=(reverse("receipt", args=[number]), _("Receipt")))


def _told(candidate: Candidate, session: ExamSession) -> Iterator[Step]:
    for message in messages_of(candidate).filter(kind__in=TOLD):
        yield _asked(message, session.region.time_zone)


def _asked(message: Message, zone: str) -> Step:
    """What was asked, and until when as it was then."""
    until = dates.until_tag(datetime.fromisoformat(message.facts["until"]), zone)
    if message.kind == MessageKind.EXTENDED:
        title, detail = _("Deadline extended"), _("To {until}.")
        if message.facts.get("is_earlier"):
            title, detail = _("Deadline changed"), _("Now {until}.")
        return Step("done", title, message.created_at, format_html(detail, until=until))
    count = len(message.facts["items"])
    title = _("Returned for correction") if message.kind == MessageKind.RETURNED else _("One item unlocked")
    detail = ngettext("{count} item, to be corrected by {until}.", "{count} items, to be corrected by {until}.", count)
    return Step("done", title, message.created_at, format_html(detail, count=count, until=until))


def _left_the_site(application: Application, session: ExamSession) -> Iterator[Step]:
    """When the site was done, while it is not the site's turn again. Its rejection looks like its pass."""
    if session.stages != Stages.SITE_THEN_REGION:
        return
    if session.published_at is None and shown_stage(application, session) != Stage.REGION:
        return
    ends = Decision.objects.filter(application=application, outcome__in=[Outcome.PASS, Outcome.REJECT])
    at = ends.filter(stage=Stage.SITE).order_by("-pk").values_list("decided_at", flat=True).first()
    if at is not None:
        yield Step("done", _("Exam site: done"), at)


def _published_before(publications: list[Publication]) -> Iterator[Step]:
    for publication in publications:
        if publication.withdrawn_at is not None:
            yield Step("done", _("Results published"), publication.published_at)
            yield Step("done", _("Results withdrawn"), publication.withdrawn_at)


# --- now -------------------------------------------------------------------------------------------


def _present(application: Application, session: ExamSession, now: datetime, is_counted: bool) -> Step:
    if session.published_at is not None:
        return Step("now", _("Results published"), session.published_at, way=(reverse("result"), _("Result")))
    if application.status == Status.DRAFT:
        return _draft(session, now, is_counted)
    if application.status == Status.RETURNED:
        return _returned(application, session, now)
    detail = _("You need not do anything now. If a correction is needed you will be told here and by SMS.")
    if shown_stage(application, session) == Stage.SITE:
        return Step("now", _("Under review at the exam site"), detail=detail)
    return Step("now", _("At the exam region"), detail=detail)


def _draft(session: ExamSession, now: datetime, is_counted: bool) -> Step:
    zone = session.region.time_zone
    closes = dates.until_tag(session.closes_at, zone, now)
    if now < session.opens_at:
        opens = dates.moment_tag(session.opens_at, zone)
        return Step("now", _("Uploading is not open yet"), detail=format_html(_("It opens on {opens}."), opens=opens))
    if is_counted:
        detail = _("The upload window closed on {closes}. Everything required was there; the receipt comes in minutes.")
        return Step("now", _("Counts as submitted"), detail=format_html(detail, closes=closes))
    if not is_window_open(session, now):
        detail = _("The upload window closed on {closes}; a draft does not count.")
        if session.drafts_at_close == DraftsAtClose.COUNT:
            detail = _("When the upload window closed on {closes}, something required was missing.")
        return Step("now", _("Not submitted"), detail=format_html(detail, closes=closes))
    detail = format_html(_("Upload what is asked for and press “Submit for review” by {closes}."), closes=closes)
    return Step("now", _("Upload and submit"), detail=detail, way=_to_materials())


def _returned(application: Application, session: ExamSession, now: datetime) -> Step:
    deadline = correction_deadline(application, session)
    until = dates.until_tag(deadline, session.region.time_zone, now)
    if now >= deadline:
        detail = format_html(_("The deadline was {until}; nothing can be submitted any more."), until=until)
        return Step("now", _("Not corrected in time"), detail=detail)
    detail = format_html(_("Replace the items asked for and press “Submit again” by {until}."), until=until)
    return Step("now", _("Correct and submit again"), detail=detail, way=_to_materials())


def _to_materials() -> tuple[str, Any]:
    return reverse("materials"), _("To my materials")


# --- ahead -----------------------------------------------------------------------------------------


def _ahead(application: Application, session: ExamSession, now: datetime, is_counted: bool) -> Iterator[Step]:
    """What comes if nothing more is asked for."""
    if session.published_at is not None:
        return
    for stage in _stages_ahead(application, session, now, is_counted):
        yield Step("ahead", _("Review at the exam site") if stage == Stage.SITE else _("Review at the exam region"))
    after = dates.until_tag(correction_deadline(application, session), session.region.time_zone, now)
    yield Step(
        "ahead",
        _("Publication of the results"),
        detail=format_html(_("For everybody at once, after {until}."), until=after),
    )


def _stages_ahead(application: Application, session: ExamSession, now: datetime, is_counted: bool) -> list[Stage]:
    order = {
        Stages.SITE_THEN_REGION: [Stage.SITE, Stage.REGION],
        Stages.SITE: [Stage.SITE],
        Stages.REGION: [Stage.REGION],
    }[Stages(session.stages)]
    if application.status == Status.DRAFT:
        return order if now < session.closes_at or is_counted else []
    stage = Stage(shown_stage(application, session))
    following = order[order.index(stage) :] if stage in order else []
    if application.status == Status.RETURNED:
        return following if now < correction_deadline(application, session) else []
    return following[1:]
