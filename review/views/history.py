"""The timeline of one application, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from candidates import dates
from candidates.enums import Action, Role
from candidates.models import Candidate, Event
from materials.enums import Verdict
from materials.models import Category

from ..enums import Outcome


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    who: str
    what: str
    detail: str


@dataclass(frozen=True)
class Names:
    """What stands for the codes in events, and whose time instants are told in."""

    categories: Mapping[str, Category]
    reasons: Mapping[str, str]
    zone: ZoneInfo


def entries(events: Iterable[Event], names: Names) -> list[Entry]:
    return [Entry(event.at, _who(event), event.get_action_display(), _detail(event, names)) for event in events]


def _who(event: Event) -> str:
    if event.actor is None:
        return _("an operator")
    return _("the candidate") if event.actor.role == Role.CANDIDATE else str(event.actor)


def _detail(event: Event, names: Names) -> str:
    facts = event.facts
    if event.action == Action.SUBMITTED:
        return _("round %(number)s") % {"number": facts.get("number", "")}
    if event.action == Action.DEADLINE_EXTENDED:
        before, until = (dates.until(datetime.fromisoformat(end), str(names.zone)) for end in facts["until"])
        # What was written goes with the candidate's personal data.
        return " · ".join(filter(None, [f"{before} → {until}", facts.get("reason")]))
    if event.action == Action.REGISTRATION_CHANGED:
        fields: list[Any] = [Candidate._meta.get_field(name) for name in facts["fields"]]
        return ", ".join(str(field.verbose_name) for field in fields)
    if event.action == Action.PHONE_CHANGED:
        return " → ".join(facts.get("phone", []))
    parts = []
    if "item" in facts:
        category = names.categories.get(facts["item"])
        parts.append(f"{facts['item']} {category.name}" if category else facts["item"])
    if facts.get("verdict") in Verdict.values:
        parts.append(str(Verdict(facts["verdict"]).label))
    if facts.get("outcome") in Outcome.values:
        parts.append(str(Outcome(facts["outcome"]).label))
    if event.action in (Action.FINISHED, Action.VERDICT_GIVEN, Action.UNLOCKED) and facts.get("reason"):
        parts.append(names.reasons.get(facts["reason"], facts["reason"]))
    return " · ".join(parts)
