"""账号激活: a code to the phone on the roster, a new password, consent (docs/contract.md, ``/activate/``)."""

import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..encryption import keyed_hash
from ..enums import Action
from ..models import Candidate, OneTimeCode
from ..notice import notice_for
from ..refusals import Refusal
from ..rules import CODE_INTERVAL, CODE_LIFETIME, CODE_TRIES, CODES_PER_DAY, CODES_PER_HOUR
from .events import Actor, record
from .messages import send_sms_code
from .notices import CHANGED


def _lock(candidate_id: int) -> Candidate:
    Candidate.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate_id)
    return Candidate.objects.select_related("user", "session__region", "site").get(pk=candidate_id)


def _hash(candidate: Candidate, code: str) -> str:
    return keyed_hash(f"one-time-code:{candidate.pk}:{code}")


def _refuse_activated(candidate: Candidate) -> None:
    if candidate.activated_at is not None:
        raise Refusal("activated", _("This account is already activated. Sign in with your own password."))


@transaction.atomic
def send_activation_code(actor: Actor, candidate_id: int) -> None:
    """Send a six-digit code. At most one a minute, five an hour, ten a day; a new one replaces the one before."""
    candidate = _lock(candidate_id)
    _refuse_activated(candidate)
    now = timezone.now()
    if OneTimeCode.objects.filter(candidate=candidate, sent_at__gt=now - CODE_INTERVAL).exists():
        raise Refusal(
            "code_too_soon",
            _("A code was sent less than a minute ago. Wait for it, or ask for another one in a minute."),
            status=429,
        )
    _refuse_too_many(candidate, now)
    code = f"{secrets.randbelow(10**6):06}"
    OneTimeCode.objects.create(candidate=candidate, code_hash=_hash(candidate, code), sent_at=now)
    send_sms_code(candidate, code)
    record(Action.CODE_SENT, actor, candidate=candidate)


def _refuse_too_many(candidate: Candidate, now: datetime) -> None:
    codes = OneTimeCode.objects.filter(candidate=candidate)
    if codes.filter(sent_at__gt=now - timedelta(days=1)).count() >= CODES_PER_DAY:
        raise Refusal(
            "code_too_many",
            _(
                "Ten codes were sent within a day. Ask for the next one tomorrow. If none arrives, let your exam "
                "site check the phone number."
            ),
            status=429,
        )
    if codes.filter(sent_at__gt=now - timedelta(hours=1)).count() >= CODES_PER_HOUR:
        raise Refusal(
            "code_too_many",
            _(
                "Five codes were sent within an hour. Type the one from the newest SMS, or ask for another one in an "
                "hour. If none arrives, let your exam site check the phone number."
            ),
            status=429,
        )


def activate(actor: Actor, candidate_id: int, *, code: str, password: str, consent: bool, notice: str = "") -> None:
    """Check the code, set the password and note the consent, once.

    ``notice``: the version of the privacy notice that was on the page, where it said so.

    Raises Refusal with code ``consent``, ``notice``, ``code_missing``, ``code_expired``, ``code_tries``,
    ``code_wrong`` or ``activated``. The password was validated by the form. A wrong code counts
    against the five tries even though the activation is refused, so that is committed first.
    """
    if not consent:
        raise Refusal(
            "consent", _("Read the privacy notice and tick the box: without consent we may not go on."), status=422
        )
    refusal = _judge_code(candidate_id, code)
    if refusal is not None:
        raise refusal
    with transaction.atomic():
        candidate = _lock(candidate_id)
        _refuse_activated(candidate)
        version = notice_for(candidate).version
        if notice and notice != version:
            raise Refusal("notice", CHANGED)
        used = OneTimeCode.objects.filter(candidate=candidate, code_hash=_hash(candidate, code), used_at=None)
        if not used.update(used_at=timezone.now()):
            raise Refusal("code_missing", _("This code was used already. Ask for a new one."), status=422)
        candidate.activated_at = timezone.now()
        candidate.consent_version = version
        candidate.language = get_language() or ""
        candidate.save(update_fields=["activated_at", "consent_version", "language"])
        candidate.user.set_password(password)
        candidate.user.save(update_fields=["password"])
        record(Action.ACTIVATED, actor, candidate=candidate, consent_version=version)


@transaction.atomic
def _judge_code(candidate_id: int, code: str) -> Refusal | None:
    """Judge a code; a wrong one costs a try. Returns the refusal so that the count is kept."""
    candidate = _lock(candidate_id)
    newest = OneTimeCode.objects.filter(candidate=candidate).order_by("-sent_at").first()
    now = timezone.now()
    if newest is None or newest.used_at is not None:
        return Refusal("code_missing", _("Ask for a code first; it comes by SMS to your phone."), status=422)
    if newest.sent_at + CODE_LIFETIME <= now:
        return Refusal("code_expired", _("This code is older than 10 minutes. Ask for a new one."), status=422)
    if newest.tries >= CODE_TRIES:
        return Refusal("code_tries", _("Five wrong tries: this code is void. Ask for a new one."), status=422)
    if not hmac.compare_digest(newest.code_hash, _hash(candidate, code)):
        newest.tries += 1
        newest.save(update_fields=["tries"])
        return Refusal("code_wrong", _("This is not the code that was sent. Look at the newest SMS."), status=422)
    return None
