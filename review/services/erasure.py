"""Removing personal data: a session's after its retention, one candidate's on request (docs/quality.md, 44).

Both are ``_erase`` of some applications in one transaction: files, then people, then what is left of materials and
reviews. States, counts, times, who decided what for which reason code, and events stay, under a pseudonym.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal, Stale
from candidates.rules import has_personal_number, may_run_session
from candidates.selectors import candidates_for
from candidates.services.erasure import Emptied, end_sign_ins, erase_people, erase_session_events
from candidates.services.events import Actor, record, what_happened
from materials.models import Application, Photo, Submission
from materials.rules import why_not_erase, why_not_purge
from materials.services.erasure import delete_all_files, erase_materials, erase_roster

from ..models import Circular, Claim, Decision, Proposal, Publication, SecondLook

BATCH = 100  # applications whose rows are locked together
REASON_LONGEST = 500
GONE = "—"  # for words that the database asks for


@dataclass
class Purged:
    """What was removed, or would be: so many candidates' data, and so many pictures."""

    candidates: int = 0
    pictures: int = 0
    is_done: bool = False  # by an earlier run


def plan_purge(session: ExamSession) -> Purged:
    """What ``purge_session`` would do now. Raises Refusal as it does."""
    if session.purged_at is not None:
        return Purged(is_done=True)
    _refuse_purge(session)
    pictures = Photo.objects.filter(item__application__session=session)
    return Purged(Candidate.objects.filter(session=session, erased_at=None).count(), pictures.count())


def purge_session(actor: Actor, session: ExamSession) -> Purged:
    """Remove a session's personal data, batch by batch; done before, it does nothing. Raises Refusal.

    Ended anywhere, the next run does the rest: who is erased in the database has neither files nor personal rows left,
    and the session counts as purged when all of them are.
    """
    purged = plan_purge(session)
    if purged.is_done:
        return purged
    _silence(session)
    purged = Purged()
    while keys := list(_left(session).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            _hold(session)
            applications = _locked(keys)
            purged.pictures += _erase(applications)
        purged.candidates += len(applications)
    end_sign_ins()
    _finish_purge(actor, session)
    return purged


def _silence(session: ExamSession) -> None:
    """First, so that nobody who is erased is written to: messages to lists lose their words, and go to nobody more."""
    circulars = Circular.objects.filter(session=session)
    circulars.update(title_zh=GONE, title_en=GONE, text_zh=GONE, text_en=GONE, recipients=[], written=F("number"))


def _left(session: ExamSession) -> QuerySet[Application]:
    return Application.objects.filter(session=session, candidate__erased_at=None).order_by("pk")


def _hold(session: ExamSession) -> None:
    """Let nobody withdraw the results while a batch goes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM candidates_examsession WHERE id = %s FOR SHARE", [session.pk])
    session.refresh_from_db(fields=["published_at", "retention_days"])
    _refuse_purge(session)


def _refuse_purge(session: ExamSession) -> None:
    was_handed_in = Submission.objects.filter(application__session=session).exists()
    if refusal := why_not_purge(session, was_handed_in=was_handed_in, now=timezone.now()):
        raise refusal


def _locked(keys: Sequence[UUID]) -> list[Application]:
    """In one order, so that two runs at once wait for each other; without those that the other has done."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    locked = list(rows)
    people = [application.candidate_id for application in locked]
    left = set(Candidate.objects.filter(pk__in=people, erased_at=None).values_list("pk", flat=True))
    return [application for application in locked if application.candidate_id in left]


def _erase(applications: Sequence[Application]) -> int:
    """Of applications whose rows this transaction holds. Returns how many pictures."""
    keys = [application.pk for application in applications]
    delete_all_files(keys)
    erase_people([application.candidate_id for application in applications], timezone.now())
    pictures = erase_materials(keys)
    Claim.objects.filter(application__in=keys).delete()
    Decision.objects.filter(application__in=keys).update(note="", requests=Emptied("requests", "note"))
    looks = SecondLook.objects.filter(application__in=keys)
    looks.exclude(findings=[]).update(findings=Emptied("findings", "note"))
    looks.exclude(settled_at=None).update(settlement=GONE)
    return pictures


@transaction.atomic
def _finish_purge(actor: Actor, session: ExamSession) -> None:
    """What is of the session and not of one candidate. Raises Refusal while a roster is on its way."""
    held = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
    if held.purged_at is not None:
        return
    _refuse_purge(held)
    erase_roster(held)
    Proposal.objects.filter(session=held).delete()
    Publication.objects.filter(session=held).exclude(withdrawal_reason="").update(withdrawal_reason=GONE)
    held.purged_at = timezone.now()
    held.version += 1
    held.save(update_fields=["purged_at", "version"])
    erase_session_events(held)
    record(Action.PURGED, actor, session=held, number=held.candidates.count())


@transaction.atomic
def erase_candidate(actor: Actor, candidate_id: int, *, version: int, typed: str, reason: str) -> None:
    """Remove one candidate's personal data on request. ``typed``: the registration number, as a confirmation.

    Raises Stale, Refusal; Candidate.DoesNotExist out of scope.
    """
    if actor.user is None:
        raise TypeError("an erasure needs somebody who answers for it")
    candidates_for(actor.user).only("pk").get(pk=candidate_id)
    [held] = Application.objects.select_for_update(of=("self",), no_key=True).filter(candidate=candidate_id)
    # Beside the application: a number that is being corrected, a code that is asked for.
    Candidate.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate_id)
    candidate = Candidate.objects.select_related("user", "session__region", "site").get(pk=candidate_id)
    if not may_run_session(actor.user, candidate.session):
        raise Refusal("role", _("Only the region's staff remove personal data. Ask them."), status=403)
    if refusal := why_not_erase(candidate, held, candidate.session):
        raise refusal
    if candidate.version != version:
        unknown = _("Somebody else changed this meanwhile. What you typed is kept; compare it and save again.")
        raise Stale(what_happened(candidate, [Action.PHONE_CHANGED, Action.REGISTRATION_CHANGED], unknown))
    if refusal := _why_not_confirmed(candidate, typed, reason):
        raise refusal
    erase_roster(candidate.session)
    # First: without it the database does not let the candidate be called erased.
    record(Action.ERASED, actor, candidate=candidate, reason=reason)
    _erase([held])
    transaction.on_commit(end_sign_ins, robust=True)


def _why_not_confirmed(candidate: Candidate, typed: str, reason: str) -> Refusal | None:
    if typed.strip().upper() != candidate.registration_number.upper():
        sentence = _("Type the candidate's registration number: this cannot be taken back.")
        return Refusal("typed", sentence, status=422)
    if not reason.strip():
        return Refusal("reason", _("Write the reason: it is recorded for good."), status=422)
    if len(reason) > REASON_LONGEST:
        return Refusal("reason", _("The reason is too long: at most 500 characters."), status=422)
    if has_personal_number(reason) or (candidate.name and candidate.name in reason):
        sentence = _("Write the reason without the candidate's name and numbers: it is recorded for good.")
        return Refusal("reason", sentence, status=422)
    return None
