"""Where an application stands, in one sentence: the state, who acts next, by when. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from candidates import dates
from candidates.enums import DraftsAtClose
from candidates.models import ExamSession
from candidates.rules import is_window_open

from . import rules
from .enums import Stage, Status
from .models import Application


@dataclass(frozen=True)
class Standing:
    """``state``: two words for the chip; ``tone``: act, wait, good or bad; ``sentence``: all of it."""

    state: str
    tone: str
    sentence: str


def time_left(until: datetime, now: datetime) -> str:
    """How long until then, in two units that matter: days and hours, the last day hours and minutes; "" once past."""
    minutes = (until - now) // timedelta(minutes=1)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if until <= now:
        return ""
    if minutes < 1:
        return _("less than a minute")
    units = [
        (days, ngettext("%(number)s day", "%(number)s days", days)),
        (hours, ngettext("%(number)s hour", "%(number)s hours", hours)),
        (0 if days else rest, ngettext("%(number)s minute", "%(number)s minutes", rest)),
    ]
    said = [text % {"number": number} for number, text in units if number]
    return said[0] if len(said) == 1 else _("%(longer)s %(shorter)s") % {"longer": said[0], "shorter": said[1]}


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
    closes = dates.until_tag(session.closes_at, zone, now)
    if now < session.opens_at:
        sentence = _("Uploading opens on {opens} and ends on {closes}. Until then there is nothing for you to do.")
        opens = dates.moment_tag(session.opens_at, zone)
        return Standing(_("Not open yet"), "wait", format_html(sentence, opens=opens, closes=closes))
    counts = session.drafts_at_close == DraftsAtClose.COUNT and has_pictures
    if not is_window_open(session, now):
        if counts and not to_do:
            sentence = _(
                "The upload window closed on {closes}. Everything required was there, so your draft counts as "
                "submitted; the receipt comes within minutes. There is nothing for you to do."
            )
            return Standing(_("Counts as submitted"), "wait", format_html(sentence, closes=closes))
        sentence = _("Not submitted: the upload window closed on {closes}, and a draft does not count.")
        if session.drafts_at_close == DraftsAtClose.COUNT:
            sentence = _("Not submitted: when the upload window closed on {closes}, something required was missing.")
        return Standing(_("Not submitted (closed)"), "bad", format_html(sentence, closes=closes))
    if to_do:
        sentence = ngettext(
            "This is a draft and not submitted yet. {count} item is still missing pictures: "
            "upload them and press “Submit for review” by {closes}.",
            "This is a draft and not submitted yet. {count} items are still missing pictures: "
            "upload them and press “Submit for review” by {closes}.",
            to_do,
        )
    elif counts:
        sentence = _(
            "This is a draft and not submitted yet. Everything required is there: press “Submit for review” by "
            "{closes}. If you do not, it counts as submitted as it is then."
        )
    else:
        sentence = _(
            "This is a draft and not submitted yet. Everything required is there: "
            "press “Submit for review” by {closes}."
        )
    return Standing(_("Draft, not submitted"), "act", format_html(sentence, count=to_do, closes=closes))


def _returned(application: Application, session: ExamSession, now: datetime, to_do: int, zone: str) -> Standing:
    deadline = rules.correction_deadline(application, session)
    until = dates.until_tag(deadline, zone, now)
    if now >= deadline:
        sentence = _("Not corrected in time: the deadline was {until}, and nothing can be submitted any more.")
        return Standing(_("Not corrected in time"), "bad", format_html(sentence, until=until))
    if to_do:
        sentence = ngettext(
            "Not submitted again yet. {count} item is still to be corrected: "
            "replace it and press “Submit again” by {until}.",
            "Not submitted again yet. {count} items are still to be corrected: "
            "replace them and press “Submit again” by {until}.",
            to_do,
        )
        return Standing(_("Correction needed"), "act", format_html(sentence, count=to_do, until=until))
    sentence = _(
        "Not submitted again yet. Every item to correct has changed: check the pictures, then press “Submit again” "
        "by {until}."
    )
    return Standing(pgettext("bar", "Not submitted again yet"), "act", format_html(sentence, until=until))


def _waiting(application: Application, session: ExamSession, now: datetime, zone: str) -> Standing:
    """Submitted. An outcome before publication reads the same (rule 9), and must be true of it too."""
    facts = {
        "submitted": dates.moment_tag(application.submitted_at or now, zone),
        "until": dates.until_tag(rules.correction_deadline(application, session), zone, now),
    }
    if now >= session.corrections_until:
        sentence = _(
            "Submitted on {submitted} and locked. The exam region publishes the results after {until}; "
            "you need not do anything."
        )
        return Standing(_("Submitted"), "wait", format_html(sentence, **facts))
    if rules.shown_stage(application, session) == Stage.SITE:
        sentence = _(
            "Submitted on {submitted} and locked. Your exam site reviews next; if a correction is needed you will be "
            "told here and by SMS. Results come after {until}."
        )
    else:
        sentence = _(
            "Submitted on {submitted} and locked. It is the exam region’s turn; if a correction is needed you will be "
            "told here and by SMS. Results come after {until}."
        )
    return Standing(_("Submitted"), "wait", format_html(sentence, **facts))
