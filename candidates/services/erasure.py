"""What becomes of people when their personal data goes: candidates, their accounts, messages and events.

Here and in the files of this name in materials/ and review/ is all that an erasure touches, set by set and not row by
row, so that one candidate and a whole session are the same code. docs/personal-data.md names every field.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import CharField, F, Func, JSONField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from ..backends import attempt_keys
from ..enums import Action, DeliveryStatus
from ..models import Candidate, Delivery, Event, ExamSession, Message, OneTimeCode, User
from .door_codes import door_hashes

SESSIONS_AT_ONCE = 1000


class FactsLeft(Func):
    """What the database lets stay of an event's facts (the migration "erasure" of candidates)."""

    function = "portal_facts_left"
    output_field = JSONField()

    def __init__(self) -> None:
        super().__init__(F("action"), F("facts"))


class Emptied(Func):
    """A list of objects, one key of each made empty; the database's own function again."""

    function = "portal_emptied"
    output_field = JSONField()

    def __init__(self, field: str, key: str) -> None:
        super().__init__(F(field), Value(key))


def erase_people(keys: Sequence[int], now: datetime) -> None:
    """Leave pseudonyms of these candidates, none of them erased before. Their applications are locked.

    A pseudonym is made of the candidate's key, which events name anyway, and of nothing about the person.
    """
    _erase_attempts(Candidate.objects.filter(pk__in=keys).values_list("registration_number", flat=True))
    OneTimeCode.objects.filter(candidate__in=keys).delete()
    number = Cast("pk", CharField())
    Candidate.objects.filter(pk__in=keys).update(
        registration_number=Concat(Value("ERASED-"), number),
        id_number_hash=Concat(Value("erased-"), number),
        name="",
        id_number="",
        phone="",
        phone_corrected_at=None,
        email="",
        flags=[],
        language="",
        erased_at=now,
        version=F("version") + 1,
    )
    User.objects.filter(candidate__in=keys).update(
        username=Subquery(Candidate.objects.filter(user=OuterRef("pk")).values("registration_number")),
        name="",
        password=make_password(None),
        is_active=False,
        last_login=None,
        version=F("version") + 1,
    )
    Message.objects.filter(candidate__in=keys).update(facts={})
    deliveries = Delivery.objects.filter(candidate__in=keys)
    deliveries.filter(status=DeliveryStatus.WAITING).update(status=DeliveryStatus.CALLED_OFF)
    deliveries.update(address="", subject="", text="", error="")
    events = Event.objects.filter(candidate__in=keys).exclude(action=Action.ERASED)
    events.update(facts=FactsLeft(), ip_address=None)


def _erase_attempts(names: Iterable[str]) -> None:
    """Failed sign-ins are counted by hashes of what was typed, and so are requests for codes."""
    names = list(names)
    AccessAttempt.objects.filter(username__in=[key for name in names for key in attempt_keys(name)]).delete()
    OneTimeCode.objects.filter(account_hash__in=[key for name in names for key in door_hashes(name)]).delete()


def end_sign_ins() -> int:
    """Remove the sign-in sessions of erased accounts, and those that have expired. Returns how many of the first.

    They open nothing any more; but only their content, which no query can look into, says whose they are.
    """
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    ended, after = 0, ""
    while rows := list(Session.objects.filter(pk__gt=after).order_by("pk")[:SESSIONS_AT_ONCE]):
        after = rows[-1].pk
        accounts = {row.pk: str(row.get_decoded().get("_auth_user_id", "")) for row in rows}
        numbers = {account for account in accounts.values() if account.isdecimal()}
        erased = User.objects.filter(pk__in=numbers, candidate__erased_at__isnull=False)
        gone = set(map(str, erased.values_list("pk", flat=True)))
        theirs = [key for key, account in accounts.items() if account in gone]
        Session.objects.filter(pk__in=theirs).delete()
        ended += len(theirs)
    return ended


def erase_session_events(session: ExamSession) -> None:
    """What people wrote in events about the whole session, which is purged."""
    Event.objects.filter(session=session, candidate=None).update(facts=FactsLeft())
