"""One-time codes: made, hashed and judged the same way, whatever they open."""

import secrets
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..encryption import is_hash_of, keyed_hash
from ..enums import Action
from ..models import Candidate, OneTimeCode
from ..refusals import Refusal
from ..rules import CODE_LIFETIME, CODE_TRIES
from .events import Actor, record


def lock_candidate(candidate_id: int) -> Candidate:
    """Lock the candidate's row, then read it with all that a code's acts need."""
    Candidate.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate_id)
    return Candidate.objects.select_related("user", "session__region", "site").get(pk=candidate_id)


def lock_candidate_at_once(candidate_id: int) -> Candidate | None:
    """The same without waiting; None where somebody else has the row, as a long roster does while it is loaded."""
    row = Candidate.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).filter(pk=candidate_id)
    if not row:
        return None
    return Candidate.objects.select_related("user", "session__region", "site").get(pk=candidate_id)


def new_code() -> str:
    return f"{secrets.randbelow(10**6):06}"


def hash_of(candidate_id: int | None, purpose: str, code: str) -> str:
    """What is kept of a code: bound to whom it was sent to, and to what it opens."""
    return keyed_hash(_bound(candidate_id, purpose, code))


def _bound(candidate_id: int | None, purpose: str, code: str) -> str:
    return f"one-time-code:{purpose}:{candidate_id}:{code}"


def judge_code(actor: Actor, code: OneTimeCode | None, typed: str) -> Refusal | None:
    """Why ``typed`` does not open what ``code`` was sent for, or None. A wrong one costs a try.

    The caller holds the row's lock, and commits the try even though the act is refused.
    """
    if code is None or code.ended_at is not None:
        return Refusal("code_missing", _("Ask for a code first; it comes by SMS to your phone."), status=422)
    if code.sent_at + CODE_LIFETIME <= timezone.now():
        return Refusal("code_expired", _("This code is older than 10 minutes. Ask for a new one."), status=422)
    if code.tries >= CODE_TRIES:
        return Refusal("code_tries", _("Five wrong tries: this code is void. Ask for a new one."), status=422)
    if not is_hash_of(code.code_hash, _bound(code.candidate_id, code.purpose, typed)):
        code.tries += 1
        code.save(update_fields=["tries"])
        record(Action.SIGN_IN_FAILED, actor, candidate=code.candidate, how="code", purpose=code.purpose)
        return Refusal("code_wrong", _("This is not the code that was sent. Look at the newest SMS."), status=422)
    return None


def end_code(code_id: int, now: datetime) -> None:
    """Let a code that was judged right open nothing a second time. Raises Refusal if it did so already."""
    if not OneTimeCode.objects.filter(pk=code_id, ended_at=None).update(ended_at=now):
        raise Refusal("code_missing", _("This code was used already. Ask for a new one."), status=422)


def void_codes(candidate: Candidate, now: datetime) -> None:
    """Let none of the candidate's codes open anything any more."""
    OneTimeCode.objects.filter(candidate=candidate, ended_at=None).update(ended_at=now)
