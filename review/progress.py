"""How far a session has come: who is where, what waits since when, what came in by the hour, when it would be done."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, Value
from django.db.models.functions import TruncHour
from django.utils.translation import gettext as _

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession, Site
from materials.enums import Stage, Status
from materials.models import Application
from materials.rules import last_stage
from materials.selectors import complete_drafts, counts_by_state

from .enums import Outcome, Progress
from .models import Decision
from .statistics import Median

OVER_HOURS = (24, 72)
HOURS_SHOWN = 48
#: From fewer decisions in a day nothing is forecast.
FEWEST = 10
DAY = timedelta(days=1)
Figures = dict[str, list[Any]]


def in_state(state: str) -> Q:
    """Which applications are in this state."""
    if state == Progress.COMPLETE:
        return complete_drafts()
    return {
        Progress.NOT_ACTIVATED: Q(status=Status.DRAFT, candidate__activated_at=None),
        Progress.DRAFT: Q(status=Status.DRAFT, candidate__activated_at__isnull=False),
        Progress.AT_SITE: Q(status=Status.SUBMITTED, stage=Stage.SITE),
        Progress.AT_REGION: Q(status=Status.SUBMITTED, stage=Stage.REGION),
        Progress.RETURNED: Q(status=Status.RETURNED),
        Progress.PASSED: Q(status=Status.PASSED),
        Progress.REJECTED: Q(status=Status.REJECTED),
    }[Progress(state)]


def waiting_over(hours: int, now: datetime) -> Q:
    """Which applications have waited for longer than that since they were last submitted."""
    return Q(status=Status.SUBMITTED, submitted_at__lt=now - timedelta(hours=hours))


def waiting_choices() -> list[tuple[str, str]]:
    """The lists of what has waited too long, for filters and forms."""
    return [(str(hours), _("over %(hours)s hours") % {"hours": hours}) for hours in OVER_HOURS]


def in_states(session: ExamSession, states: Iterable[str], sites: Iterable[str]) -> QuerySet[Application]:
    """A session's applications in one of these states, at these sites (codes); none named: at every site."""
    wanted = reduce(or_, map(in_state, states), Q(pk__in=[]))
    found = Application.objects.filter(wanted, session=session)
    codes = list(sites)
    return found.filter(site__code__in=codes) if codes else found


def count_progress(session: ExamSession, now: datetime) -> Figures:
    """All that the functions below tell, as plain values that can be kept (review/figures.py). Seven queries."""
    new = Candidate.objects.filter(session=session, activated_at=None).order_by()
    complete = Application.objects.filter(complete_drafts(), session=session).order_by()
    return {
        "states": [[entry.site, entry.status, entry.stage, entry.number] for entry in counts_by_state([session])],
        "new": list(new.values_list("site").annotate(Count("pk"))),
        "complete": list(complete.values_list("site").annotate(Count("pk"))),
        "waiting": _waiting(session, now),
        "hours": _hours(session, now),
        "paces": _paces(session, now),
    }


def _of_sites_there(sites: dict[int, Site], rows: list[Any]) -> list[Any]:
    """Without those of a site that was deleted since they were counted."""
    return [row for row in rows if row[0] is None or row[0] in sites]


@dataclass(frozen=True)
class Standing:
    """How many are in each state at one site; ``site`` None: in all."""

    site: Site | None
    numbers: Counter[str]


def counts_of(sites: dict[int, Site], figures: Figures) -> list[Standing]:
    """All sites together, then each site of the region."""
    at = {key: Standing(site, Counter()) for key, site in sites.items()}
    for site, status, stage, number in _of_sites_there(sites, figures["states"]):
        waits = Progress.AT_SITE if stage == Stage.SITE else Progress.AT_REGION
        at[site].numbers[waits if status == Status.SUBMITTED else status] += number
    # Who is not activated cannot have handed in anything, so a draft is theirs.
    for site, number in _of_sites_there(sites, figures["new"]):
        at[site].numbers[Progress.NOT_ACTIVATED] = number
        at[site].numbers[Progress.DRAFT] -= number
    for site, number in _of_sites_there(sites, figures["complete"]):
        at[site].numbers[Progress.COMPLETE] = number
    return [Standing(None, sum((standing.numbers for standing in at.values()), Counter())), *at.values()]


@dataclass(frozen=True)
class Waiting:
    """What waits for a decision at one stage; ``site`` None: of all sites. Times run from the last submission.

    ``over``: how many have waited for more than so many hours.
    """

    site: Site | None
    stage: str
    number: int
    oldest: datetime
    median: timedelta
    over: dict[int, int]


def waiting_of(sites: dict[int, Site], figures: Figures) -> list[Waiting]:
    """By stage in all, then by stage and site, where something waits."""
    return [
        Waiting(
            None if site is None else sites[site],
            stage,
            number,
            datetime.fromtimestamp(oldest, UTC),
            timedelta(seconds=median),
            dict(zip(OVER_HOURS, over, strict=True)),
        )
        for site, stage, number, oldest, median, *over in _of_sites_there(sites, figures["waiting"])
    ]


def _waiting(session: ExamSession, now: datetime) -> list[list[Any]]:
    waiting = Application.objects.filter(session=session, status=Status.SUBMITTED).order_by()
    waited = ExpressionWrapper(Value(now) - F("submitted_at"), output_field=DurationField())
    numbers: dict[str, Any] = {"number": Count("pk"), "oldest": Min("submitted_at"), "median": Median(waited)}
    numbers |= {f"over_{hours}": Count("pk", filter=waiting_over(hours, now)) for hours in OVER_HOURS}
    in_all = waiting.values_list("stage").annotate(**numbers).order_by("-stage")
    by_site = waiting.values_list("stage", "site").annotate(**numbers).order_by("-stage", "site__code")
    rows = [(None, *row) for row in in_all] + [(site, stage, *row) for stage, site, *row in by_site]
    return [
        [site, stage, number, oldest.timestamp(), median.total_seconds(), *over]
        for site, stage, number, oldest, median, *over in rows
    ]


@dataclass(frozen=True)
class Hour:
    """What came in from ``start`` on for an hour."""

    start: datetime
    uploads: int
    submissions: int


def hours_of(session: ExamSession, now: datetime, figures: Figures) -> list[Hour]:
    """The last 48 hours in the region's time zone, the one that runs included, the oldest first.

    Counted from events: a picture that was deleted since was an upload all the same.
    """
    found = {(start, action): number for start, action, number in figures["hours"]}
    return [
        Hour(
            start,
            found.get((start.timestamp(), Action.PHOTO_ADDED), 0),
            found.get((start.timestamp(), Action.SUBMITTED), 0),
        )
        for start in _starts(session, now)
    ]


def _starts(session: ExamSession, now: datetime) -> list[datetime]:
    last = now.astimezone(ZoneInfo(session.region.time_zone)).replace(minute=0, second=0, microsecond=0)
    return [last - timedelta(hours=hours) for hours in reversed(range(HOURS_SHOWN))]


def _hours(session: ExamSession, now: datetime) -> list[list[Any]]:
    [first, *_later] = _starts(session, now)
    rows = (
        Event.objects.filter(session=session, action__in=[Action.PHOTO_ADDED, Action.SUBMITTED], at__gte=first)
        .order_by()
        .values_list(TruncHour("at", tzinfo=first.tzinfo), "action")
        .annotate(number=Count("*"))
    )
    return [[start.timestamp(), action, number] for start, action, number in rows]


@dataclass(frozen=True)
class Pace:
    """What was decided within a day."""

    decided: int = 0
    passed: int = 0


def paces_of(figures: Figures) -> dict[tuple[int, str], Pace]:
    """By site and stage, within a day. Single items unlocked by themselves are no decisions."""
    return {(site, stage): Pace(decided, passed) for site, stage, decided, passed in figures["paces"]}


def _paces(session: ExamSession, now: datetime) -> list[Any]:
    rows = (
        Decision.objects.filter(application__session=session, decided_at__gt=now - DAY)
        .exclude(outcome=Outcome.UNLOCK)
        .order_by()
        .values_list("application__site", "stage")
    )
    return list(rows.annotate(decided=Count("pk"), passed=Count("pk", filter=Q(outcome=Outcome.PASS))))


@dataclass(frozen=True)
class Forecast:
    """When one stage (of one site; ``site`` None: the region) would be done with what waits, at the pace of a day.

    ``coming``: what the sites would still pass on to the region. ``done_at`` is None where too few were decided to
    tell (``is_unknown``), or where that is so of a site that comes first.
    """

    site: Site | None
    waiting: int
    coming: int
    decided: int
    done_at: datetime | None

    @property
    def is_unknown(self) -> bool:
        return self.decided < FEWEST


def forecast(
    session: ExamSession, now: datetime, waiting: Iterable[Waiting], paces: dict[tuple[int, str], Pace]
) -> list[Forecast]:
    """Each site where something waits, then the region; empty when nothing waits. Pure.

    Drafts and corrections that may still come in are not in it. Where a site cannot be forecast, all that waits
    there is taken to come to the region.
    """
    found = []
    coming, at_region = 0, 0
    for entry in waiting:
        if entry.site is None:
            at_region = entry.number if entry.stage == Stage.REGION else at_region
        elif entry.stage == Stage.SITE:
            pace = paces.get((entry.site.pk, Stage.SITE.value), Pace())
            found.append(Forecast(entry.site, entry.number, 0, pace.decided, _done_at(now, entry.number, pace.decided)))
            share = 1.0 if found[-1].is_unknown else pace.passed / pace.decided
            coming += round(entry.number * share)
    if last_stage(session) == Stage.SITE:
        return found
    if at_region or coming:
        decided = sum(pace.decided for (_site, stage), pace in paces.items() if stage == Stage.REGION)
        ends = [_done_at(now, at_region + coming, decided), *(site.done_at for site in found)]
        known = [end for end in ends if end is not None]
        found.append(Forecast(None, at_region, coming, decided, max(known) if len(known) == len(ends) else None))
    return found


def _done_at(now: datetime, number: int, decided: int) -> datetime | None:
    return now + DAY * number / decided if decided >= FEWEST else None
