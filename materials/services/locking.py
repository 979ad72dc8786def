"""How every write of an application begins: lock its row, then read everything again."""

from dataclasses import dataclass

import psycopg2
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal

from ..models import Application

LIMITS_LOCK = 4  # the first key of the advisory lock; the second is the session, 0 for the default catalogue
FROZEN = "application_session_is_published"  # materials/migrations/0002_guards.py


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


def lock_limits(session_id: int | None) -> None:
    """For whoever changes what a session's categories take: alone, until the transaction ends, and before any row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LIMITS_LOCK, session_id or 0])


def keep_limits(session_id: int) -> None:
    """For whoever adds a picture: what the session's categories take stays as it is until the transaction ends.

    Shared by all who do, and before any row is locked. Not a lock of the rows: many uploads, one after another, would
    let staff never have theirs; here they queue behind them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [LIMITS_LOCK, session_id])


def save_application(application: Application, *fields: str) -> None:
    """Store the changed fields and count the change, so that whoever looked before it cannot overwrite it.

    Raises Refusal when a publication came first: the database keeps what was published frozen.
    """
    application.version += 1
    try:
        with transaction.atomic():
            application.save(update_fields=[*fields, "version"])
    except IntegrityError as error:
        if not isinstance(error.__cause__, psycopg2.IntegrityError) or error.__cause__.diag.constraint_name != FROZEN:
            raise
        raise Refusal(
            "published", _("The results were published a moment ago; while they stand nothing can be changed.")
        ) from error


def bump(application: Application) -> None:
    """Count a change that is stored elsewhere (an item's verdict)."""
    Application.objects.filter(pk=application.pk).update(version=F("version") + 1)
    application.version += 1
