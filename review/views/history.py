"""The timeline of one application, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from candidates.enums import Action, Role
from candidates.models import Event
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


def entries(events: Iterable[Event], categories: Mapping[str, Category]) -> list[Entry]:
    return [Entry(event.at, _who(event), event.get_action_display(), _detail(event, categories)) for event in events]


def _who(event: Event) -> str:
    if event.actor is None:
        return _("an operator")
    return _("the candidate") if event.actor.role == Role.CANDIDATE else str(event.actor)


def _detail(event: Event, categories: Mapping[str, Category]) -> str:
    facts = event.facts
    if event.action == Action.SUBMITTED:
        return _("round %(number)s") % {"number": facts.get("number", "")}
    parts = []
    if "item" in facts:
        category = categories.get(facts["item"])
        parts.append(f"{facts['item']} {category.name}" if category else facts["item"])
    if facts.get("verdict") in Verdict.values:
        parts.append(str(Verdict(facts["verdict"]).label))
    if facts.get("outcome") in Outcome.values:
        parts.append(str(Outcome(facts["outcome"]).label))
    if event.action in (Action.FINISHED, Action.VERDICT_GIVEN, Action.UNLOCKED) and facts.get("reason"):
        parts.append(facts["reason"])
    return " · ".join(parts)
