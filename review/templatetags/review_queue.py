"""What waits for a reviewer, for the front page of the admin."""

from typing import Any

from django import template
from django.utils import timezone

from candidates.models import User

from ..rules import stages_of
from ..selectors import count_queue

register = template.Library()
MOST = 1000


@register.inclusion_tag("admin/review/queue_panel.html")
def queue_panel(user: User) -> dict[str, Any]:
    """How many applications wait for ``user``, and the way to the next one. Nothing for those who do not review."""
    if not stages_of(user):
        return {"is_reviewer": False}
    waiting = count_queue(user, timezone.now(), MOST)
    return {"is_reviewer": True, "waiting": waiting, "is_more": waiting == MOST}
