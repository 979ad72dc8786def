"""账号激活: a code to the phone on the roster, a new password, consent (docs/contract.md, ``/activate/``)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..enums import Action, CodePurpose
from ..models import Candidate, OneTimeCode
from ..notice import notice_for
from ..refusals import Refusal
from ..rules import CODE_INTERVAL, CODES_PER_DAY, CODES_PER_HOUR
from .codes import end_code, hash_of, judge_code, lock_candidate, new_code
from .events import Actor, record
from .messages import send_sms_code
from .notices import CHANGED


def _codes_of(candidate_id: int) -> QuerySet[OneTimeCode]:
    return OneTimeCode.objects.filter(candidate=candidate_id, purpose=CodePurpose.ACTIVATION)


def _refuse_activated(candidate: Candidate) -> None:
    if candidate.activated_at is not None:
        raise Refusal("activated", _("This account is already activated. Sign in with your own password."))


@transaction.atomic
def send_activation_code(actor: Actor, candidate_id: int, *, host: str = "") -> None:
    """Send a six-digit code. At most one a minute, five an hour, ten a day; a new one replaces the one before.

    ``host``: where it will be typed; the SMS says so where that is public.
    """
    candidate = lock_candidate(candidate_id)
    _refuse_activated(candidate)
    now = timezone.now()
    if _codes_of(candidate.pk).filter(sent_at__gt=now - CODE_INTERVAL).exists():
        raise Refusal(
            "code_too_soon",
            _("A code was sent less than a minute ago. Wait for it, or ask for another one in a minute."),
            status=429,
        )
    _refuse_too_many(candidate, now)
    code, purpose = new_code(), CodePurpose.ACTIVATION
    code_hash = hash_of(candidate.pk, purpose, code)
    OneTimeCode.objects.create(candidate=candidate, purpose=purpose, code_hash=code_hash, sent_at=now)
    send_sms_code(candidate, code, purpose, host)
    record(Action.CODE_SENT, actor, candidate=candidate, purpose=purpose)


def _refuse_too_many(candidate: Candidate, now: datetime) -> None:
    codes = _codes_of(candidate.pk)
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
    code_id, refusal = _judge(actor, candidate_id, code)
    if refusal is not None:
        raise refusal
    with transaction.atomic():
        candidate = lock_candidate(candidate_id)
        _refuse_activated(candidate)
        version = notice_for(candidate).version
        if notice and notice != version:
            raise Refusal("notice", CHANGED)
        now = timezone.now()
        end_code(code_id, now)
        candidate.activated_at = now
        candidate.consent_version = version
        candidate.language = get_language() or ""
        candidate.save(update_fields=["activated_at", "consent_version", "language"])
        candidate.user.set_password(password)
        candidate.user.save(update_fields=["password"])
        record(Action.ACTIVATED, actor, candidate=candidate, consent_version=version)


@transaction.atomic
def _judge(actor: Actor, candidate_id: int, typed: str) -> tuple[int, Refusal | None]:
    """The newest code's key, and why it does not open; returned and not raised, so that the try is kept."""
    lock_candidate(candidate_id)
    newest = _codes_of(candidate_id).order_by("-sent_at").first()
    return newest.pk if newest else 0, judge_code(actor, newest, typed)
