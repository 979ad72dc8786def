"""What the templates need beyond Django's own."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from candidates import dates
from candidates.models import Candidate

from ..intake.sentences import size_allowed, size_found
from ..rules import correction_deadline, deadline_ahead, shown_stage, shown_status

register = template.Library()

TELEPHONE = re.compile(r"\+?[0-9](?:[ ()-]{0,2}[0-9]){4,14}")

register.filter("size_allowed", size_allowed)
register.filter("size_found", size_found)


@register.filter
def moment(instant: datetime | None) -> SafeString | str:
    """A date and time as people write it, in the current time zone, for machines too."""
    return dates.moment_tag(instant) if instant else ""


@register.filter
def deadline(instant: datetime | None) -> SafeString | str:
    """The same for an end (candidates/dates.py): near ones as today and tomorrow, midnight as 24:00."""
    return dates.until_tag(instant, now=timezone.now()) if instant else ""


@register.filter
def exact(instant: datetime | None) -> SafeString | str:
    """To the second, for records that staff compare."""
    return dates.tag(instant, dates.exactly(instant)) if instant else ""


@register.filter
def clock(instant: datetime) -> SafeString:
    """The time alone, where the day is said beside it."""
    return dates.tag(instant, dates.clock(instant))


@register.simple_tag
def zone_name() -> str:
    return dates.zone_name()


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as paragraphs, which empty lines part; a first line with more below it is a heading."""
    blocks = [block.split("\n", 1) for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())]
    return format_html_join(
        "\n",
        "<p>{}{}</p>",
        ((format_html("<strong>{}</strong><br>", head), rest[0]) if rest else ("", head) for head, *rest in blocks),
    )


@register.filter
def as_telephone(contact: str) -> SafeString | str:
    """A contact that is a telephone number and nothing else as a link that a phone calls; any other as it is."""
    if not TELEPHONE.fullmatch(contact):
        return contact
    return format_html('<a href="tel:{}">{}</a>', re.sub(r"[^0-9+]", "", contact), contact)


@register.filter
def machine_time(instant: datetime) -> str:
    """For scripts: ISO 8601, UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")


@register.filter
def span(duration: timedelta | None) -> str:
    """A length of time in minutes and seconds, as ``3:05``."""
    if duration is None:
        return "–"
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


@register.simple_tag
def language_tag() -> str:
    """For ``lang`` attributes: zh-Hans or en."""
    return "en" if (get_language() or settings.LANGUAGE_CODE).startswith("en") else "zh-Hans"


@register.simple_tag
def example_picture(code: str) -> str:
    """The address of a category's example picture; empty where there is none."""
    name = f"examples/{code}.svg"
    return static(name) if finders.find(name) else ""


@register.simple_tag(takes_context=True)
def body_marks(context: Context) -> SafeString | str:
    """The marks of docs/contract.md on the body of a signed-in candidate's page; nothing on others."""
    marks = _marks(context)
    if marks is None:
        return ""
    return format_html(' data-application-status="{}" data-stage="{}" data-published="{}"', *marks)


@register.simple_tag(takes_context=True)
def seen_mark(context: Context) -> SafeString | str:
    """On a candidate's page that can be asked for again: what it says, for static/fresh.js to compare."""
    marks = _marks(context)
    if marks is None or context["request"].method not in ("GET", "HEAD"):
        return ""
    request, application = context["request"], _application(context)
    candidate = request.candidate
    deadlines = [
        deadline_ahead(application, candidate.session, timezone.now()),
        correction_deadline(application, candidate.session),
    ]
    # What is new is marked as read by the page of messages itself, which is no news there. A sample has no messages.
    is_of_messages = request.resolver_match is not None and request.resolver_match.url_name == "messages"
    unread = None if is_of_messages else getattr(candidate, "unread", 0)
    said = [*marks, unread, getattr(candidate, "newest", None), candidate.version, *map(str, deadlines)]
    # Pages with a view know best what they say.
    said.append(getattr(context.get("view"), "seen", ""))
    return format_html(' data-seen="{}"', sha256(json.dumps(said).encode()).hexdigest()[:32])


def _application(context: Context) -> Any:
    """The candidate keeps its application once it was asked for: it is the same query only once."""
    candidate: Candidate | None = getattr(context.get("request"), "candidate", None)
    return context.get("application") or getattr(candidate, "application", None)


def _marks(context: Context) -> tuple[str, str, str] | None:
    candidate: Candidate | None = getattr(context.get("request"), "candidate", None)
    application = _application(context)
    if candidate is None or application is None:
        return None
    session = candidate.session
    published = "true" if session.published_at else "false"
    return shown_status(application, session), shown_stage(application, session), published


@register.simple_tag
def item_marks(card: Any) -> SafeString:
    """The marks of docs/contract.md on an item of a candidate's page."""
    return format_html(
        'data-item="{}" data-locked="{}" data-verdict="{}" data-photos="{}" data-min="{}" data-max="{}"',
        card.category.code,
        "true" if card.item.locked else "false",
        card.verdict,
        card.count,
        card.category.min_photos,
        card.category.max_photos,
    )


@register.simple_tag(takes_context=True)
def this_page(context: Context) -> str:
    """Where the language switch comes back to: this page, if it can be asked for with GET."""
    request = context.get("request")
    if request is None:
        return "/"
    if request.method in ("GET", "HEAD"):
        return str(request.get_full_path())
    return str(context.get("address", request.path))
