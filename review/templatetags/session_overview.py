"""The sessions of regional staff, for the front page of the admin."""

from typing import Any

from django import template
from django.utils import timezone

from candidates.models import User
from candidates.rules import may_run_sessions

from ..overview import overviews

register = template.Library()


@register.inclusion_tag("admin/staff/_overview.html")
def session_overview(user: User) -> dict[str, Any]:
    """Nothing for those who run no sessions."""
    return {"runs_sessions": may_run_sessions(user), "overviews": overviews(user, timezone.now())}
