"""Figures of a session's statistics: of a large one read as they were last counted, else counted when looked at.

Counting takes time in proportion to what is counted: a region's 60,000 candidates most of a second, a million ten. So
``run_periodic`` counts large sessions and the pages say as of when. Where it stands still, the pages count themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from candidates.models import ExamSession
from materials.models import Application
from materials.services.closing import uncounted_drafts

from .models import KeptFigures
from .progress import count_progress
from .statistics import count_reviews

#: Sessions of more candidates than this are counted beforehand.
LARGE = 20_000
EVERY = timedelta(minutes=5)
#: Once the results are published, when hardly anything changes.
EVERY_PUBLISHED = timedelta(days=1)
#: After so many turns that were missed nobody waits for the next.
_MISSED = 3

COUNTED: dict[str, Callable[[ExamSession, datetime], dict[str, Any]]] = {
    "progress": count_progress,
    "reviews": lambda session, _now: count_reviews(session),
}


@dataclass(frozen=True)
class Counted:
    """``figures``, as COUNTED gives them, were so ``at`` that moment; ``is_kept``: not counted for whoever looks."""

    figures: dict[str, Any]
    at: datetime
    is_kept: bool


def figures_of(session: ExamSession, page: str, now: datetime) -> Counted:
    """What a page tells; ``page``: one of COUNTED. One query, or those that counting takes besides."""
    return _kept(session, page, now) or Counted(COUNTED[page](session, now), now, is_kept=False)


def number_of_complete_drafts(session: ExamSession, now: datetime) -> int:
    """Of a large session as it was last counted, so for what is shown and not for what is decided."""
    kept = _kept(session, "progress", now)
    return (
        uncounted_drafts(session).count() if kept is None else sum(number for _site, number in kept.figures["complete"])
    )


def _kept(session: ExamSession, page: str, now: datetime) -> Counted | None:
    every = EVERY if session.published_at is None else EVERY_PUBLISHED
    fresh = KeptFigures.objects.filter(session=session, counted_at__gt=now - _MISSED * every)
    for figures, counted_at in fresh.values_list(page, "counted_at"):
        return Counted(figures, counted_at, is_kept=True)
    return None


def sessions_to_count(now: datetime) -> QuerySet[ExamSession]:
    """The large ones whose turn it is. What was counted before the results were published is not of them."""
    kept = KeptFigures.objects.filter(session=OuterRef("pk"))
    published = Q(counted_at__gt=now - EVERY_PUBLISHED, session__published_at__lt=F("counted_at"))
    beyond = Application.objects.filter(session=OuterRef("pk")).order_by()[LARGE : LARGE + 1]
    return ExamSession.objects.select_related("region").filter(
        Exists(beyond), ~Exists(kept.filter(Q(counted_at__gt=now - EVERY) | published))
    )
