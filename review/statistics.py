"""How a session is being reviewed, in numbers: by whom, how fast, and what is asked for most."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery

from candidates import replica
from candidates.models import ExamSession, User
from materials.models import Category, Reason

from .enums import Outcome
from .models import Decision, SecondLook

#: What a later decision of the same round says when it takes a pass back.
_TAKES_BACK = [Outcome.RETURN, Outcome.REJECT, Outcome.SEND_BACK, Outcome.UNLOCK]


Figures = dict[str, list[Any]]


class Median(Aggregate):
    """The middle of an interval's values."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def count_reviews(session: ExamSession) -> Figures:
    """All that the functions below tell, as plain values that can be kept (review/figures.py). Three queries."""
    with connections[replica.alias()].cursor() as cursor:
        cursor.execute(_ASKED, [session.pk])
        asked = cursor.fetchall()
    return {"work": _work(session), "asked": asked, "agreement": _agreement(session)}


@dataclass(frozen=True)
class Work:
    """One reviewer's decisions of a session; single items unlocked by themselves are no decisions.

    ``median``: from claiming to deciding. ``reversed_later``: passes that another decision of the same round took
    back.
    """

    reviewer: User
    decided: int
    passed: int
    returned: int
    rejected: int
    sent_back: int
    reversed_later: int
    median: timedelta | None


def work_of(figures: Figures) -> list[Work]:
    """Every reviewer's numbers, the busiest first. One query, for the names."""
    rows: list[dict[str, Any]] = figures["work"]
    reviewers = User.objects.select_related("region", "site").in_bulk([row["reviewer"] for row in rows])
    found = []
    for row in rows:
        median = None if row["median"] is None else timedelta(seconds=row["median"])
        found.append(Work(**row | {"reviewer": reviewers[row["reviewer"]], "median": median}))
    return found


def _work(session: ExamSession) -> list[dict[str, Any]]:
    following = Decision.objects.filter(
        application=OuterRef("application"), round=OuterRef("round"), pk__gt=OuterRef("pk")
    ).order_by("pk")
    taken = ExpressionWrapper(F("decided_at") - F("claimed_at"), output_field=DurationField())
    rows = (
        Decision.objects.filter(application__session=session)
        .exclude(outcome=Outcome.UNLOCK)
        .annotate(following=Subquery(following.values("outcome")[:1]), taken=taken)
        .order_by()
        .values("reviewer")
        .annotate(
            decided=Count("pk"),
            passed=Count("pk", filter=Q(outcome=Outcome.PASS)),
            returned=Count("pk", filter=Q(outcome=Outcome.RETURN)),
            rejected=Count("pk", filter=Q(outcome=Outcome.REJECT)),
            sent_back=Count("pk", filter=Q(outcome=Outcome.SEND_BACK)),
            # In this order: what follows is looked up for passes alone.
            reversed_later=Count("pk", filter=Q(outcome=Outcome.PASS) & Q(following__in=_TAKES_BACK)),
            median=Median("taken"),
        )
        .order_by("-decided", "reviewer")
    )
    found: list[dict[str, Any]] = [dict(row) for row in rows]
    return [row | {"median": row["median"] and row["median"].total_seconds()} for row in found]


@dataclass(frozen=True)
class Asked:
    """How often changes of one category were asked for, and for which reasons, the commonest first."""

    name: str
    count: int
    reasons: list[tuple[str, int]]


_ASKED = """
SELECT entry ->> 'item', entry ->> 'reason', count(*)
FROM review_decision decision
JOIN materials_application application ON application.id = decision.application_id
CROSS JOIN LATERAL jsonb_array_elements(decision.requests) entry
WHERE application.session_id = %s
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
"""


def asked_for(session: ExamSession, figures: Figures) -> list[Asked]:
    """What was asked for, the category asked for most first. Two queries, for the names."""
    categories = {category.code: category.name for category in Category.objects.filter(session=session)}
    in_region = Reason.objects.filter(Q(region=None) | Q(region=session.region_id))
    # A region's own comes last, so that it stands.
    reasons = {reason.code: reason.name for reason in in_region.order_by(F("region").asc(nulls_first=True))}
    by_item: dict[str, list[tuple[str, int]]] = {}
    for item, reason, count in figures["asked"]:
        by_item.setdefault(item, []).append((reasons.get(reason, reason), count))
    found = [
        Asked(categories.get(item, item), sum(count for _reason, count in entries), entries)
        for item, entries in by_item.items()
    ]
    return sorted(found, key=lambda asked: -asked.count)


@dataclass(frozen=True)
class Agreement:
    """How second looks judged the passes of one first reviewer; ``reviewer`` None: of all.

    ``drawn`` leaves out passes that were taken back before anybody had answered.
    """

    reviewer: User | None
    drawn: int
    agreed: int
    disagreed: int

    @property
    def done(self) -> int:
        return self.agreed + self.disagreed

    @property
    def rate(self) -> float | None:
        """Of disagreement, in percent of what is done."""
        return 100 * self.disagreed / self.done if self.done else None


def agreement_of(figures: Figures) -> list[Agreement]:
    """All first reviewers together, then each one, the most drawn first. One query, for the names."""
    found = figures["agreement"]
    reviewers = User.objects.in_bulk([first for first, *_numbers in found])
    each = [Agreement(reviewers[first], *numbers) for first, *numbers in found]
    if not each:
        return []
    return [Agreement(None, *(sum(column) for column in zip(*(row[1:] for row in found), strict=True))), *each]


def _agreement(session: ExamSession) -> list[Any]:
    rows = (
        SecondLook.objects.filter(application__session=session)
        .exclude(answered_at=None, taken_back_at__isnull=False)
        .values(first=F("decision__reviewer"))
        .annotate(
            drawn=Count("pk"),
            agreed=Count("pk", filter=Q(answered_at__isnull=False, findings=[])),
            disagreed=Count("pk", filter=~Q(findings=[])),
        )
        .order_by("-drawn", "first")
    )
    return list(rows.values_list("first", "drawn", "agreed", "disagreed"))
