"""The way between the pages about one session."""

from typing import Any

from django import template
from django.http import HttpRequest

from candidates.models import ExamSession
from candidates.rules import may_run_session
from candidates.scoped_admin import user_of
from candidates.selectors import sessions_for

from ..session_acts import acts_of

register = template.Library()


@register.inclusion_tag("admin/staff/_session_nav.html", takes_context=True)
def session_nav(context: template.Context, record: Any = None) -> dict[str, Any]:
    """Links to every page about the session of ``record``, or of the one that a list is narrowed to.

    Nothing for those who do not run it.
    """
    request: HttpRequest = context["request"]
    session = record if isinstance(record, ExamSession) else getattr(record, "session", None)
    if record is None:
        session = _listed(request)
    if session is None or not may_run_session(user_of(request), session):
        return {}
    links = [(address, label, _is_here(request.path, address)) for address, label in acts_of(session)]
    return {"session": session, "links": links}


def _listed(request: HttpRequest) -> ExamSession | None:
    number = request.GET.get("session__id__exact", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return sessions_for(user_of(request)).filter(pk=number).first()


def _is_here(path: str, address: str) -> bool:
    """The page itself, or one below it: a message to a list is below the messages, a category below its list."""
    return path.startswith(address.split("?")[0])
