"""Where an application stands, in one sentence: the state, who acts next, by when. Pure."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from candidates.enums import DraftsAtClose
from candidates.models import ExamSession
from candidates.rules import is_window_open
from candidates.texts import when

from . import rules
from .enums import Stage, Status
from .models import Application


@dataclass(frozen=True)
class Standing:
    """``state``: two words for the chip; ``tone``: act, wait, good or bad; ``sentence``: all of it."""

    state: str
    tone: str
    sentence: str


def standing(
    application: Application, session: ExamSession, now: datetime, *, to_do: int, has_pictures: bool
) -> Standing:
    """What the line at the top says. ``to_do``: how many items still stand in the way of submitting."""
    zone = session.region.time_zone
    if session.published_at is not None:
        return _published(application)
    if application.status == Status.DRAFT:
        return _draft(session, now, to_do, zone, has_pictures)
    if application.status == Status.RETURNED:
        return _returned(application, session, now, to_do, zone)
    return _waiting(application, session, now, zone)


def _published(application: Application) -> Standing:
    finals = {
        Status.PASSED: Standing(
            _("Passed"), "good", _("The result is published: your materials passed the review. Nothing is left to do.")
        ),
        Status.REJECTED: Standing(
            _("Not passed"),
            "bad",
            _("The result is published: your materials did not pass the review, and that is final for this session."),
        ),
        Status.DRAFT: Standing(
            _("Not submitted"), "bad", _("The result is published: your materials were not submitted in time.")
        ),
    }
    not_corrected = Standing(
        _("Not corrected in time"),
        "bad",
        _("The result is published: the correction that was asked for was not submitted in time."),
    )
    return finals.get(Status(application.status), not_corrected)


def _draft(session: ExamSession, now: datetime, to_do: int, zone: str, has_pictures: bool) -> Standing:
    closes = when(session.closes_at, zone)
    if now < session.opens_at:
        sentence = _("Uploading opens on %(opens)s and ends on %(closes)s. Until then there is nothing for you to do.")
        return Standing(_("Not open yet"), "wait", sentence % {"opens": when(session.opens_at, zone), "closes": closes})
    counts = session.drafts_at_close == DraftsAtClose.COUNT and has_pictures
    if not is_window_open(session, now):
        if counts and not to_do:
            sentence = _(
                "The upload window closed on %(closes)s. Everything required was there, so your draft counts as "
                "submitted; the receipt comes within minutes. There is nothing for you to do."
            )
            return Standing(_("Counts as submitted"), "wait", sentence % {"closes": closes})
        sentence = _("Not submitted: the upload window closed on %(closes)s, and a draft does not count.")
        if session.drafts_at_close == DraftsAtClose.COUNT:
            sentence = _("Not submitted: when the upload window closed on %(closes)s, something required was missing.")
        return Standing(_("Not submitted (closed)"), "bad", sentence % {"closes": closes})
    if to_do:
        sentence = ngettext(
            "This is a draft and not submitted yet. %(count)s item is still missing pictures: "
            "upload them and press “Submit for review” by %(closes)s.",
            "This is a draft and not submitted yet. %(count)s items are still missing pictures: "
            "upload them and press “Submit for review” by %(closes)s.",
            to_do,
        )
    elif counts:
        sentence = _(
            "This is a draft and not submitted yet. Everything required is there: press “Submit for review” by "
            "%(closes)s. If you do not, it counts as submitted as it is then."
        )
    else:
        sentence = _(
            "This is a draft and not submitted yet. Everything required is there: "
            "press “Submit for review” by %(closes)s."
        )
    return Standing(_("Draft, not submitted"), "act", sentence % {"count": to_do, "closes": closes})


def _returned(application: Application, session: ExamSession, now: datetime, to_do: int, zone: str) -> Standing:
    deadline = rules.correction_deadline(application, session)
    until = {"count": to_do, "until": when(deadline, zone)}
    if now >= deadline:
        sentence = _("Not corrected in time: the deadline was %(until)s, and nothing can be submitted any more.")
        return Standing(_("Not corrected in time"), "bad", sentence % until)
    if to_do:
        sentence = ngettext(
            "Not submitted again yet. %(count)s item is still to be corrected: "
            "replace it and press “Submit again” by %(until)s.",
            "Not submitted again yet. %(count)s items are still to be corrected: "
            "replace them and press “Submit again” by %(until)s.",
            to_do,
        )
    else:
        sentence = _("Not submitted again yet. Your corrections are there: press “Submit again” by %(until)s.")
    return Standing(_("Correction needed"), "act", sentence % until)


def _waiting(application: Application, session: ExamSession, now: datetime, zone: str) -> Standing:
    """Submitted. An outcome before publication reads the same (rule 9)."""
    facts = {
        "submitted": when(application.submitted_at or now, zone),
        "until": when(rules.correction_deadline(application, session), zone),
    }
    if now >= session.corrections_until:
        sentence = _(
            "Submitted on %(submitted)s and locked. The exam region publishes the results after %(until)s; "
            "you need not do anything."
        )
        return Standing(_("Submitted"), "wait", sentence % facts)
    if application.stage == Stage.SITE:
        sentence = _(
            "Submitted on %(submitted)s and locked. Your exam site reviews next; if a correction is needed you are "
            "told here and by SMS. Results come after %(until)s."
        )
    else:
        sentence = _(
            "Submitted on %(submitted)s and locked. The exam region reviews next; if a correction is needed you are "
            "told here and by SMS. Results come after %(until)s."
        )
    return Standing(_("Submitted"), "wait", sentence % facts)
