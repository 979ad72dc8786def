"""Complete drafts at the close of a session's upload window (``ExamSession.drafts_at_close``)."""

from django.db.models import QuerySet
from django.utils import timezone

from candidates.enums import DraftsAtClose
from candidates.models import ExamSession

from ..models import Application
from ..selectors import complete_drafts
from .submission import count_draft


def uncounted_drafts(session: ExamSession) -> QuerySet[Application]:
    """The drafts of a closed session that are still to be counted as submitted."""
    return Application.objects.filter(complete_drafts(), session=session)


def count_drafts(session: ExamSession) -> int:
    """Hand in the complete drafts of a session whose window has closed, each for itself. Returns how many.

    Doing it again, or in two processes at once, counts none twice; one that was interrupted goes on where it was.
    """
    keys = list(uncounted_drafts(session).order_by("pk").values_list("pk", flat=True))
    return sum(count_draft(key) is not None for key in keys)


def sessions_to_close() -> QuerySet[ExamSession]:
    """Closed and not published, in which complete drafts count."""
    return ExamSession.objects.filter(
        drafts_at_close=DraftsAtClose.COUNT, closes_at__lte=timezone.now(), published_at=None
    ).select_related("region")
