"""Telling candidates: in the portal always, by SMS and mail through the outbox.

The outbox is written in the transaction of the change (``tell``) and sent after it commits, at
least once. A sender that dies between the gateway's answer and its own commit may send again;
the delivery's number goes along so that a gateway can tell.

Only what costs nothing (a file) or is waited for (a one-time code) is sent by the request that
wrote it: a gateway that hangs must not hold up pages. The rest is left to ``send_messages``.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from .. import gateways, texts
from ..encryption import encrypt
from ..enums import Action, Channel, CodePurpose, DeliveryStatus, MessageKind
from ..interruption import put_off
from ..models import Candidate, Delivery, ExamSession, Message
from ..rules import CODE_LIFETIME
from .events import Actor, record

logger = logging.getLogger(__name__)

# One act's own messages are sent at once; more than that are left to ``send_messages``.
SEND_AT_ONCE = 4
# Ten tries over about two days, the last ones half a day apart.
GIVE_UP_AFTER = 10
LONGEST_WAIT = timedelta(hours=12)


def tell(
    candidate: Candidate, kind: MessageKind, *, once_key: str | None = None, also_to: str = "", **facts: Any
) -> Message:
    """Write a message and its deliveries; they leave when the surrounding transaction commits.

    ``also_to``: another phone number that gets the SMS too.
    """
    message = Message.objects.create(candidate=candidate, kind=kind, facts=facts, once_key=once_key)
    deliveries = Delivery.objects.bulk_create(deliveries_for(candidate, message, also_to))
    send_on_commit([delivery for delivery in deliveries if gateways.is_file(delivery.channel)])
    return message


def tell_many(candidates: Iterable[Candidate], kind: MessageKind, *, once_key: str | None = None, **facts: Any) -> int:
    """The same message to many, left to ``send_messages``. Returns how many."""
    batch: list[Candidate] = []
    count = 0
    for candidate in candidates:
        batch.append(candidate)
        if len(batch) == 1000:
            count += _write_batch(batch, kind, once_key, facts)
            batch = []
    return count + _write_batch(batch, kind, once_key, facts)


def _write_batch(batch: list[Candidate], kind: MessageKind, once_key: str | None, facts: dict[str, Any]) -> int:
    messages = Message.objects.bulk_create(
        Message(candidate=candidate, kind=kind, facts=facts, once_key=once_key) for candidate in batch
    )
    Delivery.objects.bulk_create(
        delivery
        for candidate, message in zip(batch, messages, strict=True)
        for delivery in deliveries_for(candidate, message)
    )
    return len(messages)


# One statement for all who read one language: no row passes through Python, whose encryption would take the time.
# The telephone and the address are copied as they are, encrypted; the texts are the same for all, encrypted once.
_TELL_SESSION = """
WITH told AS (
    INSERT INTO candidates_message (candidate_id, kind, facts, created_at, once_key)
    SELECT id, %(kind)s, '{}', %(now)s, %(once_key)s FROM candidates_candidate
    WHERE session_id = %(session)s AND language = %(language)s
    RETURNING id, candidate_id
), left_to_send AS (
    INSERT INTO candidates_delivery
        (message_id, candidate_id, session_id, about, channel, address, subject, text, status, attempts,
         next_attempt_at, created_at, error)
    SELECT told.id, c.id, c.session_id, %(kind)s, way.channel, way.address, way.subject, way.text, %(waiting)s, 0,
        %(now)s, %(now)s, ''
    FROM told
    JOIN candidates_candidate c ON c.id = told.candidate_id
    CROSS JOIN LATERAL (
        VALUES (%(sms)s, c.phone, '', %(sms_text)s), (%(mail)s, c.email, %(mail_subject)s, %(mail_text)s)
    ) way (channel, address, subject, text)
    WHERE way.address <> ''
)
SELECT count(*) FROM told
"""

# An array, read once: joined, so many rows that the statistics do not know of yet were compared each with each.
_CALL_OFF = """
UPDATE candidates_delivery SET status = %(called_off)s, error = %(why)s, text = '', address = ''
WHERE status IN (%(waiting)s, %(failed)s) AND message_id = ANY(ARRAY(
    SELECT m.id FROM candidates_message m JOIN candidates_candidate c ON c.id = m.candidate_id
    WHERE c.session_id = %(session)s AND m.once_key = %(once_key)s
))
"""


def tell_session(session: ExamSession, kind: MessageKind, once_key: str) -> int:
    """The same message to every candidate of a session, left to ``send_messages``. Returns to how many.

    ``once_key``: a second message of the same kind and key to anybody is an IntegrityError.
    """
    languages = Candidate.objects.filter(session=session).order_by("language").values_list("language", flat=True)
    told = 0
    for language in languages.distinct():
        with texts.language_of(Candidate(language=language)):
            sent = texts.sent_texts(kind, {}, session)
        parameters: dict[str, Any] = {
            "session": session.pk,
            "language": language,
            "kind": kind.value,
            "once_key": f"{kind.value}: {once_key}",
            "sms_text": encrypt(sent[Channel.SMS].text),
            "mail_subject": sent[Channel.MAIL].subject,
            "mail_text": encrypt(sent[Channel.MAIL].text),
            "waiting": DeliveryStatus.WAITING.value,
            "sms": Channel.SMS.value,
            "mail": Channel.MAIL.value,
            "now": timezone.now(),
        }
        with connection.cursor() as cursor:
            cursor.execute(_TELL_SESSION, parameters)
            told += cursor.fetchone()[0]
    return told


def call_off(session: ExamSession, kind: MessageKind, once_key: str, why: str) -> int:
    """Have what ``tell_session`` wrote leave no more; in the portal it stays. Returns how many deliveries.

    That is what waits, and what has failed, which could be tried again.
    What a gateway is taking at this moment is waited for.
    """
    parameters: dict[str, Any] = {
        "session": session.pk,
        "once_key": f"{kind.value}: {once_key}",
        "waiting": DeliveryStatus.WAITING.value,
        "failed": DeliveryStatus.FAILED.value,
        "called_off": DeliveryStatus.CALLED_OFF.value,
        "why": why,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CALL_OFF, parameters)
        return int(cursor.rowcount)


def deliveries_for(candidate: Candidate, message: Message, also_to: str = "") -> list[Delivery]:
    """Unsaved deliveries of a message, in the candidate's language; ``also_to``: a number that gets the SMS too."""
    with texts.language_of(candidate):
        sent = texts.sent_texts(message.kind, message.facts, candidate.session)
    about = (message.kind == MessageKind.CIRCULAR and message.once_key) or message.kind
    return [
        Delivery(
            message=message,
            candidate=candidate,
            session_id=candidate.session_id,
            about=about,
            channel=channel,
            address=address,
            subject=sent[channel].subject,
            text=sent[channel].text,
        )
        for channel, address in [*_addresses(candidate).items(), (Channel.SMS, also_to)]
        if address
    ]


def _addresses(candidate: Candidate) -> dict[Channel, str]:
    return {Channel.SMS: candidate.phone, Channel.MAIL: candidate.email}


def mark_read(candidate: Candidate, keys: Iterable[int]) -> int:
    """Note that these messages were on a page that the candidate looked at. Returns how many were new.

    By their keys and not "all until now": one that came after the page was made has not been seen.
    """
    unread = Message.objects.filter(candidate=candidate, pk__in=list(keys), read_at=None)
    return unread.update(read_at=timezone.now())


def send_sms_code(
    candidate: Candidate, code: str, purpose: CodePurpose = CodePurpose.ACTIVATION, host: str = ""
) -> None:
    """Put a one-time code into the outbox; it is sent on commit, because a candidate waits for it.

    In the language of the page on which they wait. But where nobody is signed in, the page does not wait for the
    gateway: how long it took would tell whoever asked that there was somebody to send to.
    """
    text = texts.code_sms(code, candidate.session, purpose, host)
    delivery = Delivery.objects.create(
        candidate=candidate,
        session_id=candidate.session_id,
        channel=Channel.SMS,
        address=candidate.phone,
        subject="",
        text=text,
    )
    if purpose == CodePurpose.ACTIVATION or gateways.is_file(Channel.SMS):
        send_on_commit([delivery])
    else:
        transaction.on_commit(partial(_send_beside, delivery.pk), robust=True)


def _send_beside(pk: int) -> None:
    """In a thread of its own; if that comes to nothing, ``send_messages`` finds the delivery waiting."""
    Thread(target=_send_and_hang_up, args=(pk,), daemon=True, name="send-sms").start()


def _send_and_hang_up(pk: int) -> None:
    try:
        send_one(pk)
    finally:
        connection.close()


@transaction.atomic
def redirect_sms(candidate: Candidate, old: str) -> None:
    """Have what still waits go to the candidate's phone of today and not to ``old``; codes go nowhere."""
    waiting = Delivery.objects.filter(candidate=candidate, channel=Channel.SMS, status=DeliveryStatus.WAITING)
    for delivery in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
        if delivery.message_id is None:
            delivery.status, delivery.error = DeliveryStatus.CALLED_OFF, "the phone number was changed"
            delivery.text = delivery.address = ""
        elif delivery.address == old:
            delivery.address = candidate.phone
        delivery.save(update_fields=["status", "error", "text", "address"])


def send_on_commit(deliveries: list[Delivery]) -> None:
    if len(deliveries) <= SEND_AT_ONCE:
        for delivery in deliveries:
            transaction.on_commit(partial(send_one, delivery.pk, gateways.TIMEOUT_AT_ONCE), robust=True)


@transaction.atomic
def try_again(actor: Actor, session: ExamSession, pk: int | None = None) -> int:
    """Put failed deliveries of a session back (that one, or up to a thousand). Returns how many.

    They go to the address that the candidate has now: a wrong one on the roster is why most fail. But that a number
    was changed is told to the number that it was written to, the old one too. Codes are not sent again; a candidate
    asks for a new one.
    """
    failed = Delivery.objects.filter(session=session, status=DeliveryStatus.FAILED, message__isnull=False)
    rows = failed.exclude(error="").select_for_update(skip_locked=True, of=("self",), no_key=True)
    rows = rows.select_related("candidate").order_by("-pk")
    again = []
    for delivery in (rows.filter(pk=pk) if pk else rows)[:1000]:
        is_alarm = delivery.about == MessageKind.PHONE_CHANGED and delivery.channel == Channel.SMS
        address = delivery.address if is_alarm else _addresses(delivery.candidate)[Channel(delivery.channel)]
        if address:
            delivery.address, delivery.status = address, DeliveryStatus.WAITING
            delivery.attempts, delivery.next_attempt_at = 0, timezone.now()
            again.append(delivery)
    Delivery.objects.bulk_update(again, ["address", "status", "attempts", "next_attempt_at"])
    if again:
        candidate = again[0].candidate if pk else None
        record(Action.DELIVERY_RETRIED, actor, session=session, candidate=candidate, number=len(again))
    return len(again)


def send_waiting(limit: int | None = None) -> tuple[int, int]:
    """Send what is due, each in its own transaction. Returns (sent, failed). Many may run at once."""
    sent = failed = 0
    while limit is None or sent + failed < limit:
        outcome = send_one()
        if outcome is None:
            break
        sent, failed = sent + outcome, failed + (not outcome)
    return sent, failed


def send_one(pk: int | None = None, timeout: float = gateways.TIMEOUT) -> bool | None:
    """Send one due delivery (that one, or the oldest): True sent, False failed, None nothing to do.

    The row stays locked while the gateway answers, so that nobody else sends it meanwhile. Whatever
    goes wrong is a failed attempt at this one delivery and stops nobody from sending the next.
    Ctrl-C and SIGTERM wait for it: undone after the gateway took it, it would be sent again.
    """
    due = Q(status=DeliveryStatus.WAITING, next_attempt_at__lte=timezone.now())
    with put_off(), transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).filter(due)
        delivery = (rows.filter(pk=pk) if pk else rows.order_by("next_attempt_at")).first()
        if delivery is None:
            return None
        if delivery.message_id is None and delivery.created_at + CODE_LIFETIME <= timezone.now():
            # A code that is void would only mislead whoever receives it.
            delivery.status, delivery.error = DeliveryStatus.FAILED, "the code is void"
            delivery.text = delivery.address = ""
            delivery.save()
            return False
        delivery.attempts += 1
        try:
            gateways.send(delivery, timeout)
        except Exception as error:
            # Only a GatewayError is known to be free of the address and the words sent.
            reason = str(error) if isinstance(error, gateways.GatewayError) else type(error).__name__
            delivery.error = reason[:200]
            if delivery.attempts >= GIVE_UP_AFTER:
                delivery.status = DeliveryStatus.FAILED
            delay = min(timedelta(seconds=15 * 4**delivery.attempts), LONGEST_WAIT)
            delivery.next_attempt_at = timezone.now() + delay
            logger.warning("delivery %s failed at attempt %s: %s", delivery.pk, delivery.attempts, reason)
        else:
            delivery.status, delivery.sent_at, delivery.error = DeliveryStatus.SENT, timezone.now(), ""
            delivery.text = delivery.address = ""
        delivery.save()
        return delivery.status == DeliveryStatus.SENT
