"""Codes for people who are not signed in: to sign in, or to set a new password (docs/contract.md, ``/login/sms/``).

Whoever asks learns nothing about the number they typed: unknown, not activated, deactivated or a candidate's, each
leaves a row, is held back by the same limits and is answered alike. A code opens something only in the browser that
asked for it, so that a stranger who asks makes no code of the owner's void and uses up none of its tries.
"""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..encryption import keyed_hashes
from ..enums import Action, CodePurpose, Role
from ..models import Candidate, OneTimeCode, User
from ..refusals import Refusal
from ..rules import CODES_PER_HOUR_AND_ADDRESS, code_too_soon, network_of, plain, why_no_code_now, why_not_password
from ..selectors import account_named
from .codes import end_code, hash_of, judge_code, lock_candidate, lock_candidate_at_once, new_code
from .events import Actor, record
from .messages import send_sms_code
from .passwords import store_password

DOOR_LOCK = 3  # the first key of the advisory lock; the second is made of the number that was typed
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@transaction.atomic
def ask_for_code(actor: Actor, typed_number: str, purpose: CodePurpose, *, host: str = "") -> OneTimeCode:
    """Send a code if this is the registration number of an activated candidate; take note of it in any case.

    The row that comes back is what the browser's session remembers. Raises Refusal when too many were asked for.
    """
    hashes = door_hashes(typed_number)
    account_hash = hashes[0]
    with connection.cursor() as cursor:
        # One at a time for each number; a row to lock is there only for some of them. Nothing is waited for, because
        # how long it took would tell which.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [DOOR_LOCK, int(account_hash[:7], 16)])
        if not cursor.fetchone()[0]:
            raise code_too_soon()
    now, network = timezone.now(), network_of(actor.ip_address)
    _refuse_too_many(hashes, network)
    candidate = _activated_candidate(typed_number)
    code = new_code()
    kept = OneTimeCode.objects.create(
        candidate=candidate,
        purpose=purpose,
        account_hash=account_hash,
        typed_number=typed_number,
        ip_address=network,
        code_hash=hash_of(candidate.pk, purpose, code) if candidate else "",
        sent_at=now,
    )
    if candidate is not None:
        send_sms_code(candidate, code, purpose, host)
        record(Action.CODE_SENT, actor, candidate=candidate, purpose=purpose)
    else:
        record(Action.CODE_NOT_SENT, actor, purpose=purpose)
    return kept


def door_hashes(typed_number: str) -> list[str]:
    """What requests for this number are counted by; the first is what a new one is written down with."""
    return keyed_hashes(f"door:{plain(typed_number).upper()}")


def _refuse_too_many(hashes: list[str], network: str | None) -> None:
    now = timezone.now()
    asked = OneTimeCode.objects.filter(account_hash__in=hashes, sent_at__gt=now - DAY)
    if refusal := why_no_code_now(list(asked.values_list("sent_at", "ip_address")), network, now):
        raise refusal
    this_hour = OneTimeCode.objects.exclude(account_hash="").filter(sent_at__gt=now - HOUR)
    if this_hour.filter(ip_address=network)[:CODES_PER_HOUR_AND_ADDRESS].count() >= CODES_PER_HOUR_AND_ADDRESS:
        raise Refusal(
            "code_too_many",
            _(
                "Too many codes were asked for from your network within an hour. Sign in with your password, ask again "
                "in an hour, or from another network."
            ),
            status=429,
        )
    if this_hour.exclude(candidate=None)[: settings.SMS_CODES_PER_HOUR].count() >= settings.SMS_CODES_PER_HOUR:
        raise Refusal(
            "code_too_many",
            _("Too many people ask for codes just now. Sign in with your password, or ask again in an hour."),
            status=429,
        )


def _activated_candidate(typed_number: str) -> Candidate | None:
    account = account_named(typed_number)
    if account is None or account.role != Role.CANDIDATE or not account.is_active:
        return None
    candidate = lock_candidate_at_once(account.candidate.pk)
    return candidate if candidate is not None and candidate.activated_at is not None else None


def delete_old_codes(*, dry_run: bool = False) -> int:
    """Delete what no limit counts any more, with what was typed for it; how many. Safe beside everything else."""
    old = OneTimeCode.objects.filter(sent_at__lt=timezone.now() - DAY)
    return old.count() if dry_run else old.delete()[0]


def pending_code(code_id: int, purpose: CodePurpose) -> OneTimeCode | None:
    """The row that a browser's session remembers, as long as it is there."""
    return OneTimeCode.objects.filter(pk=code_id, purpose=purpose).first()


def use_sign_in_code(actor: Actor, code_id: int, typed: str) -> User:
    """The account that the code signs in, once. Raises Refusal; a wrong code costs a try."""
    _judge(actor, code_id, CodePurpose.SIGN_IN, typed)
    with transaction.atomic():
        return _open(code_id).user


def reset_password(actor: Actor, code_id: int, typed: str, password: str) -> User:
    """Set a new password with a code; the account's other sessions end (Django compares their hash).

    Raises Refusal: with code ``password`` when it is the ID number, which is looked at once the code was right and
    before it is used up, so that nobody can try out whose number it is. The rest was validated by the form.
    """
    _judge(actor, code_id, CodePurpose.RESET, typed)
    with transaction.atomic():
        candidate = _open(code_id)
        if sentence := why_not_password(password, candidate.id_number):
            raise Refusal("password", sentence, status=422)
        store_password(Actor(candidate.user, actor.ip_address), candidate, password, how="code")
        return candidate.user


def _judge(actor: Actor, code_id: int, purpose: CodePurpose, typed: str) -> None:
    with transaction.atomic():
        codes = OneTimeCode.objects.select_for_update(of=("self",), no_key=True)
        refusal = judge_code(actor, codes.filter(pk=code_id, purpose=purpose).first(), typed)
    if refusal is not None:
        raise refusal


def _open(code_id: int) -> Candidate:
    """Use a code that was judged right up. Rolled back, with everything else, by whoever raises after it."""
    candidate = lock_candidate(Candidate.objects.only("pk").get(codes=code_id).pk)
    end_code(code_id, timezone.now())
    if not candidate.user.is_active:
        raise Refusal("inactive", _("This account is switched off. Ask your exam site."), status=422)
    return candidate
