"""A message to a list of candidates: confirmed at once, written to each of them by ``send_messages``."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, MessageKind
from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal
from candidates.rules import may_run_session
from candidates.services.events import Actor, record
from candidates.services.messages import tell_many
from candidates.services.sessions import refuse_purged

from ..models import Circular
from ..progress import in_states
from ..rules import why_not_told

BATCH = 1000
WORDS = ("title_zh", "title_en", "text_zh", "text_en")


@transaction.atomic
def send_circular(
    actor: Actor,
    session_code: str,
    key: UUID,
    *,
    number: int,
    states: Sequence[str],
    sites: Sequence[str],
    words: dict[str, str],
) -> Circular:
    """Take the list as it is now and have the message sent to it. ``words``: WORDS; ``number``: as it was previewed.

    Doing it again with the same ``key`` does nothing. Raises Refusal (``number`` when the list changed since).
    """
    session = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(code=session_code)
    if actor.user is not None and not may_run_session(actor.user, session):
        raise Refusal("role", _("Only the region's staff send messages to lists. Ask them."), status=403)
    sent = Circular.objects.filter(session=session, key=key).first()
    if sent is not None:
        return sent
    refuse_purged(session)
    refusal = why_not_told([words["title_zh"], words["title_en"]], [words["text_zh"], words["text_en"]])
    if refusal is not None:
        raise refusal
    recipients = list(in_states(session, states, sites).order_by().values_list("candidate", flat=True))
    if not recipients:
        raise Refusal("nobody", _("There is nobody on this list. Choose others."), status=422)
    if len(recipients) != number:
        sentence = _("Not sent: {before} were on the list in the preview, now there are {now}. Confirm it again.")
        raise Refusal("number", format_lazy(sentence, before=number, now=len(recipients)))
    circular = Circular.objects.create(
        key=key,
        session=session,
        sent_by=actor.user,
        states=list(states),
        sites=list(sites),
        recipients=recipients,
        number=number,
        **words,
    )
    about: dict[str, Any] = {"circular": circular.pk, "number": number, "states": list(states), "sites": list(sites)}
    record(Action.CIRCULAR_SENT, actor, session=session, **about)
    return circular


def write_circulars() -> int:
    """Write what is confirmed to those who do not have it yet. Returns to how many. Many may run at once."""
    told = 0
    while batch := _write_batch():
        told += batch
    return told


@transaction.atomic
def _write_batch() -> int:
    rows = Circular.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).defer("recipients")
    circular = rows.filter(written__lt=F("number")).order_by("pk").first()
    if circular is None:
        return 0
    start, end = circular.written, min(circular.written + BATCH, circular.number)
    keys = Circular.objects.filter(pk=circular.pk).values_list(f"recipients__{start}_{end}", flat=True).get()
    told = tell_many(
        Candidate.objects.filter(pk__in=keys).select_related("session__region"),
        MessageKind.CIRCULAR,
        once_key=circular.once_key,
        **{name: getattr(circular, name) for name in WORDS},
    )
    circular.written = end
    circular.save(update_fields=["written"])
    return told
