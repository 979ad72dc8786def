"""Which passes are looked at a second time."""

from datetime import datetime
from secrets import randbelow

from candidates.models import ExamSession
from materials.models import Application

from ..models import Decision, SecondLook


def draw(decision: Decision, session: ExamSession) -> None:
    """Let chance decide, by the session's policy, whether this pass is judged once more.

    Nothing about the application or its reviewer has a part in it, and no event tells of it.
    """
    if randbelow(100) < session.second_look_percent:
        SecondLook.objects.create(decision=decision, application=decision.application)


def take_back(application: Application, now: datetime) -> None:
    """End the look at a pass that stands no more, whether it waits or was answered. A new pass is drawn anew."""
    SecondLook.objects.filter(application=application, taken_back_at=None).update(taken_back_at=now)
