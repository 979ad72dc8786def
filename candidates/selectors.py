"""Queries about people, always scoped to whoever asks (docs/product.md, rule 13)."""

from django.db.models import Q, QuerySet

from .enums import Role
from .models import Candidate, Event, ExamSession, Message, Region, Site, User


def in_scope(user: User, *, region: str, site: str | None) -> Q:
    """What lies in the user's region or site; ``region`` and ``site`` are paths to the keys."""
    if not user.is_active:
        return Q(pk__in=[])
    if user.role == Role.ADMINISTRATOR:
        return Q()
    if user.role == Role.SITE_REVIEWER:
        return Q(**{site: user.site_id}) if site else Q(**{region: user.region_id})
    if user.role in (Role.REGION_REVIEWER, Role.REGION_STAFF):
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


def events_for(user: User) -> QuerySet[Event]:
    return Event.objects.filter(in_scope(user, region="region_id", site="site_id"))


def messages_of(candidate: Candidate) -> QuerySet[Message]:
    return Message.objects.filter(candidate=candidate)


def open_sessions() -> QuerySet[ExamSession]:
    """For the front page: every session that is not published yet, the next to close first."""
    return ExamSession.objects.filter(published_at=None).select_related("region").order_by("closes_at")
