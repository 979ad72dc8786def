"""Rosters too long for a request: kept in the database until ``load_rosters`` has checked or loaded them."""

import io
import logging
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import SEEK_END
from typing import IO

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import ExamSession, User
from candidates.refusals import Refusal
from candidates.roster import fault_lines
from candidates.services.events import Actor, record
from candidates.services.sessions import refuse_published

from ..models import RosterLoad
from .roster import Progress, RosterReport, load_roster

# About 9,000 rows, ten seconds on a busy machine. What is longer would outlast the web server's patience.
AT_ONCE_BYTES = 1024 * 1024
LOADS_LOCK = 2  # the first key of the advisory lock; the second is the load

logger = logging.getLogger(__name__)


def take_in_roster(
    actor: Actor, user: User, session: ExamSession, file: IO[bytes], *, dry_run: bool
) -> RosterReport | None:
    """Check or load a short roster at once; keep a long one for ``load_next`` and return None.

    Raises Refusal as ``load_roster`` does, and while a long one of the session is on its way: a short
    one would wait for it for longer than a request may take.
    """
    if RosterLoad.objects.filter(session=session, ended_at=None).exists():
        raise _on_its_way()
    if file.seek(0, SEEK_END) > AT_ONCE_BYTES:
        _keep(actor, user, session, file, dry_run=dry_run)
        return None
    return load_roster(actor, session, file, dry_run=dry_run)


@transaction.atomic
def _keep(actor: Actor, user: User, session: ExamSession, file: IO[bytes], *, dry_run: bool) -> None:
    """In the place of the session's last one."""
    refuse_published(session)
    RosterLoad.objects.filter(session=session).exclude(ended_at=None).delete()
    file.seek(0)
    try:
        with transaction.atomic():
            RosterLoad.objects.create(
                session=session,
                actor=user,
                ip_address=actor.ip_address,
                language=get_language() or "",
                dry_run=dry_run,
                content=_packed(file.read()),
            )
    except IntegrityError as error:
        raise _on_its_way() from error
    record(Action.ROSTER_TAKEN_IN, actor, session=session, dry_run=dry_run, bytes=file.tell())


def _on_its_way() -> Refusal:
    return Refusal("roster", _("Another roster of this session is on its way. Wait until it is done, then try again."))


def load_next() -> RosterLoad | None:
    """Check or load the roster that waits longest and that nobody else has in hand; None when there is none.

    Its end is written in the transaction of what it loads: a process that dies on the way leaves
    neither, and the roster is taken up again.
    """
    for load in RosterLoad.objects.filter(ended_at=None).order_by("pk").defer("content"):
        with transaction.atomic():
            if _is_ours(load):
                with override(load.language):
                    _run(load)
                return load
    return None


def _is_ours(load: RosterLoad) -> bool:
    with connection.cursor() as cursor:
        # Not the row's own lock: that would hold up whoever tells the progress.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOADS_LOCK, load.pk])
        [is_free] = cursor.fetchone()
    # It may have ended since it was listed.
    return is_free and RosterLoad.objects.filter(pk=load.pk, ended_at=None).exists()


def _run(load: RosterLoad) -> None:
    file = io.BytesIO(_unpacked(load.content))
    try:
        with _progress_of(load) as progress:
            report = load_roster(
                Actor(load.actor, load.ip_address), load.session, file, dry_run=load.dry_run, progress=progress
            )
    except Refusal as refusal:
        load.refusal = str(refusal.sentence)
    except (OperationalError, InterfaceError):
        raise  # the database went away: another time
    except Exception:
        # Tried again it would fail again, and for ever.
        logger.exception("Roster load %s of session %s", load.pk, load.session_id)
        load.refusal = str(_("Something went wrong, and nothing was written. An operator finds the cause in the log."))
    else:
        load.new, load.changed, load.same, load.refused = report.new, report.changed, report.same, report.refused
        load.phones_kept = report.phones_kept
        load.faults = _packed("".join(fault_lines(report.faults)).encode()) if report.faults else ""
    load.content, load.percent, load.ended_at = "", 100, timezone.now()
    load.save()
    if load.dry_run or load.refusal or load.faults:
        about = {"is_refused": bool(load.refusal), "rows": load.new + load.changed + load.same, "refused": load.refused}
        record(Action.ROSTER_CHECKED, Actor(load.actor, load.ip_address), session=load.session, **about)


@contextmanager
def _progress_of(load: RosterLoad) -> Iterator[Progress]:
    """On a connection of its own: what the load's transaction writes, nobody sees before its end."""
    beside = connection.copy()

    def tell(percent: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute("UPDATE materials_rosterload SET percent = %s WHERE id = %s", [percent, load.pk])

    try:
        yield tell
    finally:
        beside.close()


def faults_of(load: RosterLoad) -> bytes:
    """The CSV of what was wrong; empty when nothing was."""
    return _unpacked(load.faults) if load.faults else b""


def _packed(data: bytes) -> str:
    """A roster shrinks to a fifth."""
    return b64encode(zlib.compress(data)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(b64decode(text))
