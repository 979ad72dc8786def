"""What messages say: in the portal, by SMS and by mail. Short, without personal data, with what to do by when.

Everything is made from a message's kind and facts in the language that is active.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from .enums import MessageKind
from .models import Candidate, Message, in_language


def when(instant: datetime | str, zone: str) -> str:
    """A date and time as people write it, in the region's time zone. Takes ISO 8601 text too."""
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return formats.date_format(timezone.localtime(moment, ZoneInfo(zone)), _("N j, Y, H:i"))


def subject_and_text(kind: str, facts: dict[str, Any], zone: str) -> tuple[str, str]:
    """The subject line and the sentences of a message. ``facts`` as the services wrote them."""
    until = when(facts["until"], zone) if facts.get("until") else ""
    subjects_and_texts = {
        MessageKind.SUBMITTED: lambda: (
            _("Submission received"),
            _(
                "Your materials were submitted and are locked. Receipt %(receipt)s. "
                "The review comes next; if a correction is needed you will be told here."
            )
            % {"receipt": facts["receipt"]},
        ),
        MessageKind.RETURNED: lambda: (
            _("Correction needed"),
            _(
                "%(count)s of your material items must be corrected. Sign in, replace them and press "
                "“Submit again” by %(until)s; without that the correction does not count."
            )
            % {"count": len(facts["items"]), "until": until},
        ),
        MessageKind.UNLOCKED: lambda: (
            _("One item unlocked"),
            _(
                "One of your material items was unlocked for correction. Sign in, replace it and press "
                "“Submit again” by %(until)s; without that the correction does not count."
            )
            % {"until": until},
        ),
        MessageKind.EXTENDED: lambda: (
            _("Deadline changed") if facts.get("is_earlier") else _("Deadline extended"),
            _("Your own deadline for the correction is now %(until)s. Submit again before then.") % {"until": until},
        ),
        MessageKind.CIRCULAR: lambda: (
            in_language(facts["title_zh"], facts["title_en"]),
            in_language(facts["text_zh"], facts["text_en"]),
        ),
        MessageKind.REMINDER: lambda: _reminder(facts, until),
        MessageKind.PUBLISHED: lambda: (
            _("Result published"),
            _("The result of the review of your materials is published. Sign in to read it."),
        ),
        MessageKind.WITHDRAWN: lambda: (
            _("Result withdrawn"),
            _("The published result was withdrawn by your exam region and will be published again. Nothing to do."),
        ),
    }
    return subjects_and_texts[MessageKind(kind)]()


def _reminder(facts: dict[str, Any], until: str) -> tuple[str, str]:
    if facts["status"] == "returned":
        return _("Not submitted again yet"), _(
            "Your correction is not submitted again yet. Sign in, replace the items asked for and press "
            "“Submit again” by %(until)s."
        ) % {"until": until}
    return _("Not submitted yet"), _(
        "Your materials are not submitted yet: a draft does not count. Sign in, complete them and press "
        "“Submit for review” by %(until)s."
    ) % {"until": until}


def describe(message: Message, zone: str) -> tuple[str, str]:
    return subject_and_text(message.kind, message.facts, zone)


def code_text(code: str) -> str:
    """The SMS with a one-time code."""
    return _("%(code)s is your activation code, valid for 10 minutes. Nobody from the portal will ask you for it.") % {
        "code": code
    }


def language_of(candidate: Candidate) -> override:
    """A context in which texts are in the candidate's language."""
    return override(candidate.language or settings.LANGUAGE_CODE)
