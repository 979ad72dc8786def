"""Records what happened. Called inside the transaction of the change it records."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .. import dates
from ..enums import Action
from ..models import Candidate, Event, ExamSession, Region, Site, User


@dataclass(frozen=True)
class Actor:
    """Who acts, and from which address. ``user`` is None for a command run by an operator."""

    user: User | None
    ip_address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        user = request.user if isinstance(request.user, User) else None
        return cls(user, request.META.get("REMOTE_ADDR") or None)


OPERATOR = Actor(None)
_command: ContextVar[dict[str, str] | None] = ContextVar("command", default=None)


@contextmanager
def by_command(name: str, account: str) -> Iterator[None]:
    """Within, an event that no signed-in user is behind says which command wrote it, and whose account ran that."""
    token = _command.set({"command": name, "account": account})
    try:
        yield
    finally:
        _command.reset(token)


def make_event(
    action: str,
    actor: Actor,
    *,
    candidate: Candidate | None = None,
    session: ExamSession | None = None,
    region: Region | None = None,
    site: Site | None = None,
    **facts: Any,
) -> Event:
    """An unsaved event, with the places that the candidate or session belongs to, so that staff find it in their scope.

    ``facts`` must be JSON and without personal data.
    """
    if candidate is not None:
        session, site = session or candidate.session, site or candidate.site
    if session is not None:
        region = region or session.region
    if site is not None:
        region = region or site.region
    return Event(
        action=action,
        actor=actor.user,
        ip_address=actor.ip_address,
        candidate=candidate,
        session=session,
        region=region,
        site=site,
        facts=facts if actor.user else facts | (_command.get() or {}),
    )


def record(action: str, actor: Actor, **about: Any) -> Event:
    """Add an event; what it takes is what ``make_event`` takes."""
    event = make_event(action, actor, **about)
    event.save(force_insert=True)
    return event


def what_happened(candidate: Candidate, actions: Sequence[Action], unknown: str | Promise) -> str | Promise:
    """The sentence for a form that comes too late (docs/product.md, rule 10): the newest of these acts, by whom, when.

    ``unknown`` is said where there is none.
    """
    event = Event.objects.filter(candidate=candidate, action__in=actions).select_related("actor").first()
    if event is None:
        return unknown
    return format_lazy(
        _("Meanwhile: {what}, by {who}, on {when}. Look at it again; what you typed is kept below."),
        what=event.get_action_display(),
        who=event.actor or _("an operator"),
        when=dates.exactly(event.at, candidate.session.region.time_zone),
    )
