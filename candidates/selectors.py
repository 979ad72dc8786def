"""Queries about people, always scoped to whoever asks (docs/product.md, rule 13)."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from .encryption import keyed_hashes
from .enums import Action, DeliveryStatus, Role
from .models import (
    Authenticator,
    Candidate,
    Delivery,
    DeliveryTally,
    Event,
    ExamSession,
    Message,
    Region,
    Seal,
    Site,
    User,
)
from .rules import REGIONAL_STAFF, clean_id_number, roles_to_give, spellings_of

REVIEWERS = (Role.SITE_REVIEWER, Role.REGION_REVIEWER)
SECOND_LOOKS = (Action.SECOND_LOOK_CLAIMED, Action.SECOND_LOOK_ANSWERED, Action.SECOND_LOOK_SETTLED)


def in_scope(user: User, *, region: str, site: str | None) -> Q:
    """What lies in the user's region or site; ``region`` and ``site`` are paths to the keys."""
    if not user.is_active:
        return Q(pk__in=[])
    if user.role == Role.ADMINISTRATOR:
        return Q()
    if user.role == Role.SITE_REVIEWER:
        return Q(**{site: user.site_id}) if site else Q(**{region: user.region_id})
    if user.role in (Role.REGION_REVIEWER, *REGIONAL_STAFF):
        return Q(**{region: user.region_id})
    return Q(pk__in=[])


def regions_for(user: User) -> QuerySet[Region]:
    return Region.objects.filter(in_scope(user, region="pk", site=None))


def sites_for(user: User) -> QuerySet[Site]:
    return Site.objects.filter(in_scope(user, region="region_id", site="pk"))


def sessions_for(user: User) -> QuerySet[ExamSession]:
    return ExamSession.objects.filter(in_scope(user, region="region_id", site=None)).select_related("region")


def candidates_for(user: User) -> QuerySet[Candidate]:
    return Candidate.objects.filter(in_scope(user, region="site__region_id", site="site_id"))


def candidates_of_region(user: User) -> QuerySet[Candidate]:
    """All of the user's region: a site's records of somebody stay its own when they move to another."""
    everybody = Candidate.objects.all()
    return everybody if user.region_id is None else everybody.filter(session__region=user.region_id)


def consents_of(session: ExamSession) -> dict[str, int]:
    """How many candidates agreed last to which version of the privacy notice."""
    agreed = Candidate.objects.filter(session=session).exclude(consent_version="").order_by()
    return dict(agreed.values_list("consent_version").annotate(number=Count("pk")))


def erased_in(session: ExamSession) -> int:
    """Of how many candidates the personal data is gone, where there is a published list that this matters to."""
    if session.published_at is None:
        return 0
    return Candidate.objects.filter(session=session, erased_at__isnull=False).count()


def events_for(user: User) -> QuerySet[Event]:
    """Reviewers are not told which of their passes were looked at a second time."""
    events = Event.objects.filter(in_scope(user, region="region_id", site="site_id"))
    return events.exclude(action__in=SECOND_LOOKS) if user.role in REVIEWERS else events


def newest_seal() -> Seal | None:
    """The head of the chain over the events (services/seals.py)."""
    return Seal.objects.order_by("-pk").first()


# --- of all, for machines (exam_portal/metrics.py) ----------------------------------------------------------------


def number_of_deliveries() -> dict[str, int]:
    """Those that have not left, by status."""
    failed = Delivery.objects.filter(status=DeliveryStatus.FAILED).exclude(error="")  # as the index has it
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING)
    return {DeliveryStatus.WAITING.value: waiting.count(), DeliveryStatus.FAILED.value: failed.count()}


def longest_wait_of_deliveries(now: datetime) -> timedelta:
    """Since the one that has been due longest was due."""
    first = Delivery.objects.filter(status=DeliveryStatus.WAITING).aggregate(due=Min("next_attempt_at"))["due"]
    return max(now - first, timedelta()) if first else timedelta()


# --- scoped -----------------------------------------------------------------------------------------------------------


def deliveries_for(user: User) -> QuerySet[Delivery]:
    return Delivery.objects.filter(in_scope(user, region="candidate__site__region_id", site="candidate__site_id"))


@dataclass(frozen=True)
class Outcome:
    """What became of the deliveries of one kind: numbers by status, and the error of the newest in trouble."""

    numbers: Counter[str] = field(default_factory=Counter)
    error: str = ""


def outcomes_of(session: ExamSession) -> dict[str, Outcome]:
    """By ``Delivery.about``; what went to a list also all together, under its kind. Two queries."""
    newest = Delivery.objects.filter(session=session).exclude(error="").order_by("about", "-pk").distinct("about")
    by_about = dict(newest.values_list("about", "error"))
    errors = {_kind_of(about): error for about, error in by_about.items()} | by_about
    found: dict[str, Outcome] = {}
    tally = DeliveryTally.objects.filter(session=session).order_by().values_list("about", "status")
    for about, status, number in tally.annotate(total=Sum("number")).exclude(total=0):
        for name in {about, _kind_of(about)}:
            found.setdefault(name, Outcome(error=errors.get(name, ""))).numbers[status] += number
    return found


def _kind_of(about: str) -> str:
    return about.partition(":")[0]


def failures_of(session: ExamSession) -> QuerySet[Delivery]:
    """What was given up, the newest first; codes too."""
    failed = Delivery.objects.filter(session=session, status=DeliveryStatus.FAILED).exclude(error="")
    return failed.select_related("candidate", "message").order_by("-pk")


def reminders_of(session: ExamSession) -> QuerySet[Event]:
    """When how many were reminded, the newest first."""
    return Event.objects.filter(session=session, action=Action.REMINDED).order_by("-at")


def account_named(typed: str) -> User | None:
    """The account that somebody means who typed this as a user name."""
    names = spellings_of(typed)
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    return next((found[name] for name in names if name in found), None)


def accounts_for(user: User) -> QuerySet[User]:
    """Accounts of staff that the user manages; a candidate's comes from the roster and is nobody's to edit.

    With ``has_second_factor``, for the list.
    """
    accounts = User.objects.filter(in_scope(user, region="region_id", site="site_id"), role__in=roles_to_give(user))
    return accounts.annotate(has_second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"))))


def matching(term: str, path: str = "") -> Q:
    """Candidates by what staff type: a registration number or its beginning, or a name's beginning.

    ``path`` leads to the candidate, e.g. ``candidate__``. Both can be answered from an index. What is
    searched for stands in the address; ID numbers have a form of their own (with_id_number).
    """
    term = term.strip()
    if not term:
        return Q()
    if not any(character in "0123456789" for character in term):
        return Q(**{f"{path}name__startswith": term})
    return Q(**{f"{path}registration_number__startswith": term})


def with_id_number(user: User, number: str) -> QuerySet[Candidate]:
    """The registrations of one person in the user's scope, by their whole ID number: one a session."""
    return candidates_for(user).filter(id_number_hash__in=keyed_hashes(clean_id_number(number)))


def last_change_of(name: str, key: str, region_id: int | None) -> Event | None:
    """The newest event about a record that staff edit by hand; ``name`` is its model's."""
    changes = [
        Action.RECORD_CHANGED,
        Action.SESSION_CHANGED,
        Action.PROPOSED,
        Action.PROPOSAL_TAKEN_BACK,
        Action.PUBLISHED,
        Action.WITHDRAWN,
    ]
    events = Event.objects.filter(region=region_id, action__in=changes, facts__record=name, facts__key=key)
    return events.select_related("actor").order_by("-pk").first()


def messages_of(candidate: Candidate) -> QuerySet[Message]:
    """All that a candidate was told, the newest first."""
    return Message.objects.filter(candidate=candidate)


def number_unread() -> Coalesce:
    """How many messages a candidate has not read, for a query of candidates. Each has few: the index by time serves."""
    unread = Message.objects.filter(candidate=OuterRef("pk"), read_at=None).order_by()
    return Coalesce(Subquery(unread.values("candidate").annotate(number=Count("pk")).values("number")), 0)


def newest_message() -> Subquery:
    """The key of the newest message of a candidate, for a query of candidates."""
    return Subquery(Message.objects.filter(candidate=OuterRef("pk")).values("pk")[:1])


def open_sessions() -> QuerySet[ExamSession]:
    """For the front page: every session that is not published yet, the next to close first."""
    return ExamSession.objects.filter(published_at=None).select_related("region").order_by("closes_at")
