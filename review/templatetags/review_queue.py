"""What waits for a reviewer, for the front page of the admin."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone

from candidates.models import User

from ..forms import QueueForm
from ..rules import stages_of
from ..selectors import EVERYTHING, count_looks, count_queue
from ..views.queue import narrowing_of

register = template.Library()
MOST = 1000


@register.inclusion_tag("admin/review/queue_panel.html", takes_context=True)
def queue_panel(context: template.Context, user: User) -> dict[str, Any]:
    """How many applications and second looks wait for ``user``, and the way to the next one of each.

    Nothing for those who do not review.
    """
    if not stages_of(user):
        return {"is_reviewer": False}
    request: HttpRequest = context["request"]
    wanted = narrowing_of(request)
    now = timezone.now()
    waiting = count_queue(user, now, MOST, wanted)
    return {
        "is_reviewer": True,
        "waiting": waiting,
        "is_more": waiting == MOST,
        "is_narrowed": wanted != EVERYTHING,
        "others": count_queue(user, now, MOST) if wanted != EVERYTHING and not waiting else 0,
        "second_looks": count_looks(user, now, MOST),
        "most": MOST,
        "narrowing_form": QueueForm.of(user, wanted),
        "csrf_token": context.get("csrf_token"),
    }
