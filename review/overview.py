"""The sessions that somebody runs, for the front page of the admin: how far each is, and what comes next."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from candidates import dates
from candidates.models import ExamSession, User
from candidates.rules import may_run_sessions, retained_until
from candidates.selectors import sessions_for
from materials.enums import Status
from materials.selectors import counts_by_state

from .models import Proposal

MOST = 6  # sessions shown; the newest


@dataclass(frozen=True)
class Overview:
    """``phase`` and, where it has one, when, as HTML in the region's time; ``next_act``: address and label."""

    session: ExamSession
    phase: Any
    at: str
    candidates: int
    waiting: int
    next_act: tuple[str, Any]


def overviews(user: User, now: datetime) -> list[Overview]:
    """Of the newest sessions; none for those who run no session. Three queries."""
    if not may_run_sessions(user):
        return []
    sessions = list(sessions_for(user)[:MOST])
    numbers: dict[int, Counter[str]] = {session.pk: Counter() for session in sessions}
    for entry in counts_by_state(sessions):
        numbers[entry.session][entry.status] += entry.number
    proposed = set(Proposal.objects.filter(session__in=sessions).values_list("session", flat=True))
    return [_overview(session, numbers[session.pk], session.pk in proposed, now) for session in sessions]


def _overview(session: ExamSession, numbers: Counter[str], is_proposed: bool, now: datetime) -> Overview:
    phase, at = _phase(session, is_proposed, now)
    candidates, waiting = numbers.total(), numbers[Status.SUBMITTED]
    if not candidates:
        page, label = "staff_roster", _("Load roster")
    elif session.published_at is not None:
        page, label = "staff_messages", _("Messages")
    elif is_proposed or (now >= session.corrections_until and not waiting):
        page, label = "staff_publish", _("Publish results")
    else:
        page, label = "staff_progress", _("Progress")
    next_act = (reverse(page, args=[session.code]), label)
    return Overview(session, phase, at, candidates, waiting, next_act)


def _phase(session: ExamSession, is_proposed: bool, now: datetime) -> tuple[Any, str]:
    zone = session.region.time_zone
    if session.purged_at is not None:
        return _("Personal data was removed."), dates.moment_tag(session.purged_at, zone)
    if session.published_at is not None and now >= retained_until(session):
        return _("Personal data may be removed since"), dates.moment_tag(retained_until(session), zone)
    if session.published_at is not None:
        return _("The results are published."), dates.moment_tag(session.published_at, zone)
    if is_proposed:
        return _("Proposed to publish; somebody else has to confirm."), ""
    if now < session.opens_at:
        return _("Upload window opens"), dates.moment_tag(session.opens_at, zone)
    if now < session.closes_at:
        return _("Upload window closes"), dates.until_tag(session.closes_at, zone, now)
    if now < session.corrections_until:
        return _("Corrections end"), dates.until_tag(session.corrections_until, zone, now)
    return _("The windows are closed; the results are not published."), ""
