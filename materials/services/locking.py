"""How every write of an application begins: lock its row, then read everything again."""

from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from candidates.models import Candidate, ExamSession

from ..models import Application


@dataclass
class Locked:
    """An application whose row this transaction holds, with the facts as they are now."""

    application: Application
    candidate: Candidate
    session: ExamSession

    def __post_init__(self) -> None:
        self.now = timezone.now()


def lock_application(**lookup: object) -> Locked:
    """Lock the one application that ``lookup`` finds, before any other row. Raises Application.DoesNotExist.

    NO KEY: rows that only point at the application may still be added by others. What it points
    at is read after the lock was won, so that nothing decided on is older than the wait.
    """
    application = Application.objects.select_for_update(of=("self",), no_key=True).get(**lookup)
    candidate = Candidate.objects.select_related("user", "site", "session__region").get(pk=application.candidate_id)
    application.candidate, application.session, application.site = candidate, candidate.session, candidate.site
    return Locked(application, candidate, candidate.session)


def save_application(application: Application, *fields: str) -> None:
    """Store the changed fields and count the change, so that whoever looked before it cannot overwrite it."""
    application.version += 1
    application.save(update_fields=[*fields, "version"])


def bump(application: Application) -> None:
    """Count a change that is stored elsewhere (an item's verdict)."""
    Application.objects.filter(pk=application.pk).update(version=F("version") + 1)
    application.version += 1
