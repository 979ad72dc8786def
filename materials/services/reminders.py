"""Reminding those who have not submitted, or not submitted again (docs/contract.md, ``send_reminders``)."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from candidates.enums import Action, MessageKind
from candidates.models import ExamSession, Message
from candidates.services.events import OPERATOR, record
from candidates.services.messages import tell

from ..enums import Status
from ..models import Application

DAYS_LEFT = (7, 3, 1)
REMINDER_LOCK = 6  # the first key of the advisory lock
BATCH = 500

# Applications with ``until``, the instant by which they must act.
Due = QuerySet[Any]


def send_reminders(now: datetime | None = None, *, dry_run: bool = False) -> dict[str, int]:
    """Remind by days left: 7, 3 and 1, each once per candidate and round. Returns numbers by reminder.

    Run it daily or more often; one that was missed is not sent late when a nearer one is due.
    """
    now = now or timezone.now()
    told: dict[str, int] = {}
    for status, due in ((Status.DRAFT, _drafts(now)), (Status.RETURNED, _returned(now))):
        for nearer, days in zip((0, *sorted(DAYS_LEFT)), sorted(DAYS_LEFT), strict=False):
            within = due.filter(until__gt=now + timedelta(days=nearer), until__lte=now + timedelta(days=days))
            told[f"{status}:{days}"] = _count(within, status, days) if dry_run else _tell(within, status, days)
    return told


def _drafts(now: datetime) -> Due:
    drafts = Application.objects.filter(status=Status.DRAFT, session__published_at=None, session__opens_at__lte=now)
    drafts = drafts.filter(candidate__erased_at=None)
    return drafts.annotate(until=F("session__closes_at"))


def _returned(now: datetime) -> Due:
    session = F("session__corrections_until")
    returned = Application.objects.filter(status=Status.RETURNED, session__published_at=None)
    return returned.annotate(until=Greatest(session, Coalesce(F("corrections_until"), session)))


def _unreminded(due: Due, key: str) -> Due:
    said = Message.objects.filter(candidate=OuterRef("candidate"), once_key=key)
    return due.filter(~Exists(said))


def _count(due: Due, status: Status, days: int) -> int:
    return sum(_unreminded(rows, key).count() for key, rows in _by_round(due, status, days))


def _by_round(due: Due, status: Status, days: int) -> list[tuple[str, Due]]:
    """A second return is a new matter, so the key names the round."""
    rounds = due.order_by("rounds").values_list("rounds", flat=True).distinct()
    return [(f"{status}:{number}:{days}", due.filter(Q(rounds=number))) for number in rounds]


def _tell(due: Due, status: Status, days: int) -> int:
    told = 0
    for key, rows in _by_round(due, status, days):
        while batch := _tell_batch(rows, key, days):
            told += batch
    return told


@transaction.atomic
def _tell_batch(due: Due, key: str, days: int) -> int:
    with connection.cursor() as cursor:
        # Two runs at once take turns; the unique key would stop the second, but only with an error.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [REMINDER_LOCK])
    batch = list(_unreminded(due, key).select_related("candidate__session__region")[:BATCH])
    for application in batch:
        tell(
            application.candidate,
            MessageKind.REMINDER,
            once_key=key,
            status=application.status,
            drafts_at_close=application.candidate.session.drafts_at_close,
            until=application.until.isoformat(),
            days=days,
        )
    told = Counter(application.session_id for application in batch)
    for session in ExamSession.objects.select_related("region").filter(pk__in=told):
        about = {"status": str(batch[0].status), "days": days, "number": told[session.pk]}
        record(Action.REMINDED, OPERATOR, session=session, **about)
    return len(batch)
