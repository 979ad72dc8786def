"""The second factor of staff: set up, given, lost (docs/contract.md, ``/admin/second-factor/``)."""

import math
from secrets import SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ..encryption import keyed_hash
from ..enums import Action
from ..models import Authenticator, RecoveryCodes, User
from ..refusals import Refusal
from ..rules import RECOVERY_CODE_DIGITS, RECOVERY_CODES, is_recovery_code, may_remove_second_factor
from .events import Actor, record

SecondFactor = Authenticator | RecoveryCodes


def offered_authenticator(user: User, session_key: str) -> Authenticator:
    """What an account that has none is offered in this web session; not stored.

    The same on every look, so that a page that is loaded again still shows what was scanned. Nobody can work it out
    from the session: the code's key has a part that is not in the database (models/second_factor.py).
    """
    return Authenticator(user=user, name="app", key=keyed_hash(f"offer:{user.pk}:{session_key}")[:40])


@transaction.atomic
def enrol(actor: Actor, user: User, session_key: str, code: str) -> tuple[Authenticator, list[str]]:
    """Set up the offered app, which proves with ``code`` that it was; with it come recovery codes, told this once.

    Raises Refusal.
    """
    _lock(user)
    if Authenticator.objects.filter(user=user).exists():
        raise Refusal(
            "second_factor", _("An app is set up for this account already. Give the code that it shows."), status=409
        )
    app = offered_authenticator(user, session_key)
    if not app.verify_token(code):
        raise Refusal(
            "code_wrong",
            _(
                "This is not the code that belongs to the picture above. Scan it again, and check that the phone sets "
                "its time by itself."
            ),
            status=422,
        )
    codes = _new_recovery_codes(user)
    _record(Action.SECOND_FACTOR_ENROLLED, actor, user)
    return app, codes


def give_code(actor: Actor, user: User, typed: str) -> SecondFactor:
    """What the code came from, an app or the paper with recovery codes. Raises Refusal; a wrong code is counted."""
    with transaction.atomic():
        device, refusal = _judge(actor, user, typed)
    if refusal is not None:
        raise refusal
    return device


def _judge(actor: Actor, user: User, typed: str) -> tuple[SecondFactor, Refusal | None]:
    is_recovery = is_recovery_code(typed)
    model = RecoveryCodes if is_recovery else Authenticator
    device = model.objects.select_for_update(of=("self",)).filter(user=user).first()
    if device is None:
        raise Refusal("second_factor", _("No app is set up for this account. Set one up first."), status=409)
    allowed, why = device.verify_is_allowed()
    if not allowed:
        return device, _held_back(math.ceil((why["locked_until"] - timezone.now()).total_seconds()))
    if not device.verify_token(typed):
        _record(Action.SECOND_FACTOR_FAILED, actor, user)
        return device, _wrong(is_recovery)
    if is_recovery:
        _record(Action.RECOVERY_CODE_USED, actor, user, left=device.number_left)
    else:
        _record(Action.SECOND_FACTOR_GIVEN, actor, user)
    return device, None


def _held_back(seconds: int) -> Refusal:
    return Refusal(
        "code_held_back",
        format_lazy(_("Too many wrong codes. Wait {seconds} seconds, then give a new one."), seconds=max(1, seconds)),
        status=429,
    )


def _wrong(is_recovery: bool) -> Refusal:
    if is_recovery:
        sentence = _("This is none of your recovery codes, or it was used already. Take another one.")
    else:
        sentence = _("This is not the code that the app shows now, or it was used already. Wait for the next one.")
    return Refusal("code_wrong", sentence, status=422)


@transaction.atomic
def replace_recovery_codes(actor: Actor, user: User) -> list[str]:
    """New recovery codes, told this once; those before open nothing any more. The caller has taken a code."""
    _lock(user)
    codes = _new_recovery_codes(user)
    _record(Action.RECOVERY_CODES_MADE, actor, user)
    return codes


@transaction.atomic
def remove_second_factor(actor: Actor, account: User) -> None:
    """Take an account's app and recovery codes away: its sessions end, and the next sign-in sets up new ones.

    One's own only by a page that takes a code first. Raises Refusal when the account is not the actor's to manage, or
    has none.
    """
    stored = _lock(account)
    if actor.user is not None and actor.user.pk != stored.pk and not may_remove_second_factor(actor.user, stored):
        raise Refusal("role", _("This account is not yours to manage. Ask an administrator."), status=403)
    number, _by_model = Authenticator.objects.filter(user=stored).delete()
    RecoveryCodes.objects.filter(user=stored).delete()
    if not number:
        raise Refusal("second_factor", _("This account has no second factor, so there is nothing to remove."))
    _record(Action.SECOND_FACTOR_REMOVED, actor, stored)


def _lock(account: User) -> User:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    return User.objects.select_related("region", "site").get(pk=account.pk)


def _new_recovery_codes(user: User) -> list[str]:
    numbers = SystemRandom().sample(range(10**RECOVERY_CODE_DIGITS), RECOVERY_CODES)
    codes = [f"{number:0{RECOVERY_CODE_DIGITS}}" for number in numbers]
    paper, _is_new = RecoveryCodes.objects.get_or_create(user=user, defaults={"name": "paper"})
    paper.replace(codes)
    return codes


def _record(action: Action, actor: Actor, account: User, **facts: int) -> None:
    about = {"record": "user", "key": str(account.pk), "code": account.username}
    record(action, actor, region=account.region, site=account.site, **about, **facts)
