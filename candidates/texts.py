"""What messages say: in the portal, by SMS and by mail. Short, without personal data, with what to do by when.

Everything is made from a message's kind and facts in the language that is active. No text has a link: whoever is used
to following one from the portal's messages would follow one from anybody's.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from . import dates
from .enums import Channel, CodePurpose, DraftsAtClose, MessageKind
from .models import Candidate, Delivery, ExamSession, Message, in_language
from .rules import is_public_host

SUBJECT_LENGTH = Delivery._meta.get_field("subject").max_length


class Words(NamedTuple):
    """Patterns with ``{until}`` and the like: ``text`` for a page and for mail, ``sms`` for 70 characters."""

    title: str
    text: str
    sms: str


class Sent(NamedTuple):
    """What leaves over one channel; an SMS has no subject."""

    subject: str
    text: str


def notice(message: Message, zone: str, now: datetime) -> tuple[str, SafeString]:
    """Title and sentences for a page, written when it is read."""
    words = _words(MessageKind(message.kind), message.facts)
    values = _values(message.facts, lambda end: dates.until_tag(end, zone, now))
    return format_html(words.title, **values), format_html(words.text, **values)


def sent_texts(kind: str, facts: dict[str, Any], session: ExamSession) -> dict[Channel, Sent]:
    """What is sent over each channel. From whom comes first; an SMS is read without anything around it."""
    zone, sender = session.region.time_zone, _sender(session)
    words = _words(MessageKind(kind), facts)
    sms = words.sms.format(**_values(facts, lambda end: dates.until_briefly(end, zone)))
    values = _values(facts, lambda end: dates.until(end, zone))
    subject = _from(sender, " ".join(words.title.format(**values).split()))
    lines = [
        words.text.format(**values),
        "",
        _("To act or to read more, sign in to the Exam Materials Portal with your registration number."),
        *([_("All times are {zone}.").format(zone=dates.zone_name(zone))] if values["until"] else []),
        _("Nobody reads replies to this mail."),
        "",
        sender,
        session.title,
    ]
    return {
        Channel.SMS: Sent("", _from(sender, sms)),
        Channel.MAIL: Sent(subject[:SUBJECT_LENGTH], "\n".join(lines)),
    }


def code_sms(code: str, session: ExamSession, purpose: str = CodePurpose.ACTIVATION, host: str = "") -> str:
    """The SMS with a one-time code. Its last line binds it to ``host``, for phones that fill it in there only."""
    patterns = {
        CodePurpose.ACTIVATION: _("Activation code: {code}. Valid for 10 minutes. Do not give it to anybody."),
        CodePurpose.SIGN_IN: _("Code for signing in: {code}. Valid for 10 minutes. Do not give it to anybody."),
        CodePurpose.RESET: _("Code for a new password: {code}. Valid for 10 minutes. Do not give it to anybody."),
    }
    text = _from(_sender(session), patterns[CodePurpose(purpose)].format(code=code))
    return f"{text}\n@{host} #{code}" if is_public_host(host, settings.ALLOWED_HOSTS) else text


def language_of(candidate: Candidate) -> override:
    """A context in which texts are in the candidate's language."""
    return override(candidate.language or settings.LANGUAGE_CODE)


def _sender(session: ExamSession) -> str:
    """Some regions call themselves 天津, some 天津考区."""
    return _("{region} exam region").format(region=session.region.name.removesuffix("考区"))


def _from(sender: str, text: str) -> str:
    return _("{sender}: {text}").format(sender=sender, text=text)


def _values(facts: dict[str, Any], write: Callable[[datetime], str]) -> dict[str, Any]:
    """What the patterns name. ``facts`` as the services wrote them, instants as ISO 8601."""
    values: dict[str, Any] = {"count": len(facts.get("items", [])), "days": facts.get("days")}
    values["until"] = write(datetime.fromisoformat(facts["until"])) if facts.get("until") else ""
    # Written by staff (review/services/circulars.py).
    values["title"] = in_language(facts.get("title_zh", ""), facts.get("title_en", ""))
    values["text"] = in_language(facts.get("text_zh", ""), facts.get("text_en", ""))
    return values


def _words(kind: MessageKind, facts: dict[str, Any]) -> Words:
    patterns: dict[MessageKind, Callable[[], Words]] = {
        MessageKind.SUBMITTED: lambda: Words(
            _("Submission received"),
            _(
                "Your materials were submitted and are locked. The review comes next, and there is nothing for you to "
                "do now. If a correction is needed you are told by SMS and in the portal."
            ),
            _("Your materials are submitted and locked. Nothing to do now. If a correction is needed we tell you."),
        ),
        MessageKind.COUNTED: lambda: Words(
            _("Counted as submitted"),
            _(
                "The upload window has closed. Everything required was there, so your materials count as submitted and "
                "are locked. There is nothing for you to do now. If a correction is needed you are told by SMS and in "
                "the portal."
            ),
            _("Uploads are closed; your complete draft counts as submitted and is locked. Nothing to do now."),
        ),
        MessageKind.RETURNED: lambda: Words(
            _("Correction needed"),
            ngettext(
                "{count} item of your materials must be corrected; what to change is said at the item. Replace its "
                "pictures and press “Submit again” by {until}; without that the correction does not count.",
                "{count} items of your materials must be corrected; what to change is said at each. Replace their "
                "pictures and press “Submit again” by {until}; without that the correction does not count.",
                len(facts["items"]),
            ),
            ngettext(
                "{count} item must be corrected. Sign in to the portal, replace it and press Submit again by {until}.",
                "{count} items must be corrected. Sign in to the portal, replace them and press Submit again by "
                "{until}.",
                len(facts["items"]),
            ),
        ),
        MessageKind.UNLOCKED: lambda: Words(
            _("One item unlocked"),
            _(
                "One item of your materials was unlocked for correction; what to change is said at the item. Replace "
                "its pictures and press “Submit again” by {until}; without that the correction does not count."
            ),
            _("One item is unlocked. Sign in to the portal, replace it and press Submit again by {until}."),
        ),
        MessageKind.EXTENDED: lambda: Words(
            _("Deadline changed") if facts.get("is_earlier") else _("Deadline extended"),
            _(
                "Your own deadline for the correction is now {until}. Replace the items asked for and press “Submit "
                "again” before then; without that the correction does not count."
            ),
            _("Your deadline is now {until}. Sign in to the portal, correct and press Submit again before then."),
        ),
        MessageKind.REMINDER: lambda: _reminder(facts),
        MessageKind.PUBLISHED: lambda: Words(
            _("Result published"),
            _("The result of the review of your materials is published. Read it under “Result”."),
            _("The result of your review is published. Sign in to the portal and read it under Result."),
        ),
        MessageKind.WITHDRAWN: lambda: Words(
            _("Result withdrawn"),
            _(
                "Your exam region has withdrawn the published results; those that you have read do not hold any more. "
                "There is nothing for you to do now. You are told when they are published again."
            ),
            _("The published results are withdrawn and do not hold. Nothing to do now; we tell you what comes next."),
        ),
        MessageKind.PASSWORD_CHANGED: lambda: Words(
            _("Password changed"),
            _("The password of your account was changed. If that was not you, tell your exam site at once."),
            _("The password of your account was changed. If that was not you, tell your exam site at once."),
        ),
        MessageKind.PHONE_CHANGED: lambda: Words(
            _("Phone number changed"),
            _(
                "Staff changed the phone number of your registration; codes go to the new one. If you did not ask for "
                "that, tell your exam site at once."
            ),
            _("Staff changed your phone number. If you did not ask for that, tell your exam site at once."),
        ),
        MessageKind.CIRCULAR: lambda: Words("{title}", "{text}", "{text}"),
    }
    return patterns[kind]()


def _reminder(facts: dict[str, Any]) -> Words:
    """In the portal without the days that were left: it is read later."""
    days = facts.get("days") or 1
    if facts["status"] == "returned":
        return Words(
            _("Not submitted again yet"),
            _(
                "Your correction is not submitted again yet, and without that it does not count. Replace the items "
                "asked for and press “Submit again” by {until}."
            ),
            ngettext(
                "Not submitted again; {days} day left at most. Sign in to the portal, correct, press Submit again by "
                "{until}.",
                "Not submitted again; {days} days left at most. Sign in to the portal, correct, press Submit again by "
                "{until}.",
                days,
            ),
        )
    text = _(
        "Your materials are not submitted yet: a draft does not count. Complete them and press “Submit for review” by "
        "{until}."
    )
    if facts.get("drafts_at_close") == DraftsAtClose.COUNT:
        text = _(
            "Your materials are not submitted yet; of drafts only complete ones count at the close. Complete them and "
            "press “Submit for review” by {until}."
        )
    return Words(
        _("Not submitted yet"),
        text,
        ngettext(
            "Not submitted; {days} day left at most. Sign in to the portal, finish, press Submit for review by "
            "{until}.",
            "Not submitted; {days} days left at most. Sign in to the portal, finish, press Submit for review by "
            "{until}.",
            days,
        ),
    )
