"""Publishing by two persons, where the session asks for it: one proposes, another confirms exactly that."""

from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates import dates
from candidates.enums import Action
from candidates.models import Event, ExamSession, User
from candidates.refusals import Refusal
from candidates.services.events import Actor, record

from ..models import Proposal, Publication
from ..rules import RESULT_LABELS, why_not_confirm, why_not_propose
from ..selectors import proposal_of
from .publication import lock_session, publish, what_would_be_published

# What may change a list that is not published, or the session that it is of.
CHANGING = (
    Action.ROSTER_LOADED,
    Action.REGISTRATION_CHANGED,
    Action.SESSION_CHANGED,
    Action.RECORD_CHANGED,
    Action.DEADLINE_EXTENDED,
    Action.SUBMITTED,
    Action.FINISHED,
    Action.UNLOCKED,
    Action.PUBLISHED,
    Action.WITHDRAWN,
)


@transaction.atomic
def propose(actor: Actor, code: str, version: int) -> Proposal:
    """Propose to publish, as it is now. Raises Stale; Refusal, with all obstacles."""
    session = lock_session(actor, code, version)
    user, now = _person(actor), timezone.now()
    refusal = why_not_propose(proposal_of(session), session, now)
    if refusal is not None:
        raise refusal
    counts, sha256 = what_would_be_published(session, now)
    _count_change(session)
    Proposal.objects.filter(session=session).delete()
    proposal = Proposal.objects.create(
        session=session, proposed_by=user, proposed_at=now, version=session.version, counts=counts, sha256=sha256
    )
    record(Action.PROPOSED, actor, session=session, counts=counts, sha256=sha256, **_about(session))
    return proposal


@transaction.atomic
def confirm(actor: Actor, code: str, version: int) -> Publication:
    """Publish what somebody else proposed, if it is still the same. Raises Stale; Refusal, with what has changed."""
    session = lock_session(actor, code, version)
    user, now = _person(actor), timezone.now()
    proposal = _standing(session)
    refusal = why_not_confirm(user, proposal, now)
    if refusal is not None:
        raise refusal
    counts, sha256 = what_would_be_published(session, now)
    if (session.version, counts, sha256) != (proposal.version, proposal.counts, proposal.sha256):
        raise Refusal("changed", what_changed(proposal, counts))
    return publish(actor, session, now, counts, sha256, proposal.proposed_by)


@transaction.atomic
def take_back(actor: Actor, code: str, version: int) -> None:
    """End a proposal, one's own or somebody else's. Raises Stale, Refusal."""
    session = lock_session(actor, code, version)
    proposal = _standing(session)
    _count_change(session)
    about = _about(session) | {"proposed_by": proposal.proposed_by.username}
    proposal.delete()
    record(Action.PROPOSAL_TAKEN_BACK, actor, session=session, **about)


def what_changed(proposal: Proposal, counts: dict[str, int]) -> Any:
    """The sentence for a proposal that is not what would be published now: numbers, and what happened since."""
    session = proposal.session
    found = [
        f"{label} {proposal.counts[result]} → {counts[result]}"
        for result, label in RESULT_LABELS.items()
        if proposal.counts[result] != counts[result]
    ]
    events = Event.objects.filter(region=session.region_id, session=session)
    made = events.filter(action=Action.PROPOSED).order_by("-pk").values_list("pk", flat=True).first()
    since = events.filter(pk__gt=made, action__in=CHANGING) if made else events.none()
    for action, number in since.values_list("action").annotate(Count("pk")).order_by("action"):
        found.append(f"{Action(action).label} ({number})")
    return format_lazy(
        _("It changed since {who} proposed it on {when}: {changes}. Take the proposal back, look again, propose anew."),
        who=proposal.proposed_by,
        when=dates.moment(proposal.proposed_at, session.region.time_zone),
        changes=", ".join(found) or _("the list itself"),
    )


def _standing(session: ExamSession) -> Proposal:
    proposal = proposal_of(session)
    if proposal is None:
        raise Refusal("not_proposed", _("Nobody has proposed to publish these results. Propose it first."))
    return proposal


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise Refusal("two_persons", _("A command is nobody. Two persons publish this on the session's page."))
    return actor.user


def _count_change(session: ExamSession) -> None:
    """Whoever looked before decides again: the version of the session is that of its proposal, too."""
    session.version += 1
    session.save(update_fields=["version"])


def _about(session: ExamSession) -> dict[str, Any]:
    return {"record": "examsession", "key": str(session.pk)}
