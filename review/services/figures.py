"""Counting large sessions beforehand (review/figures.py)."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from candidates.models import ExamSession
from candidates.replica import reads_from_replica

from ..figures import COUNTED, sessions_to_count
from ..models import KeptFigures


def keep_figures() -> int:
    """Count those sessions whose turn it is. Returns how many. Two at once count the same twice, and harm nothing."""
    sessions = list(sessions_to_count(timezone.now()))
    for session in sessions:
        now = timezone.now()
        KeptFigures.objects.update_or_create(session=session, defaults={"counted_at": now, **_counted(session, now)})
    return len(sessions)


@reads_from_replica
def _counted(session: ExamSession, now: datetime) -> dict[str, Any]:
    return {page: count(session, now) for page, count in COUNTED.items()}
