"""Queries about materials, always scoped to whoever asks (docs/product.md, rule 13)."""

from django.db.models import Prefetch, Q, QuerySet

from candidates.enums import Role
from candidates.models import Candidate, ExamSession, User
from candidates.selectors import in_scope

from . import rules
from .models import Application, Category, Item, Photo, Reason, Submission


def applications_for(user: User) -> QuerySet[Application]:
    return Application.objects.filter(in_scope(user, region="session__region_id", site="site_id"))


def photo_for(user: User, photo_id: object) -> Photo | None:
    """A picture if ``user`` may see it: its candidate, or staff in scope. Superseded ones too, for staff."""
    photos = Photo.objects.select_related("item__category", "item__application__candidate__site__region")
    if user.role == Role.CANDIDATE:
        return photos.filter(pk=photo_id, item__application__candidate__user=user).first()
    scope = in_scope(user, region="item__application__session__region_id", site="item__application__site_id")
    return photos.filter(scope, pk=photo_id).first()


def application_of(candidate: Candidate) -> Application:
    return Application.objects.get(candidate=candidate)


def live_photos() -> QuerySet[Photo]:
    """Pictures that count, those replaced since a submission excepted."""
    return Photo.objects.filter(superseded_at=None).order_by("position")


def items_of(application: Application, candidate: Candidate) -> list[Item]:
    """Every item of an application in the catalogue's order, each with ``photo_list`` and ``applies``.

    Categories in which nothing was done yet come as unsaved items; an item with pictures whose
    category applies no longer stays visible. Three queries, however many items there are.
    """
    live = Prefetch("photos", queryset=live_photos(), to_attr="photo_list")
    saved = {
        item.category_id: item
        for item in Item.objects.filter(application=application).select_related("reason").prefetch_related(live)
    }
    items = []
    for category in Category.objects.filter(session=application.session_id).order_by("position", "code"):
        applies = rules.applies(category, candidate)
        item = saved.get(category.pk)
        if item is None:
            if not applies:
                continue
            item = Item(application=application, category=category, locked=application.status != "draft")
            item.photo_list = []
        elif not applies and not item.photo_list:
            continue
        item.category, item.application, item.applies = category, application, applies
        items.append(item)
    return items


def last_submission(application: Application) -> Submission | None:
    return application.submissions.order_by("-number").first()


def reasons_for(session: ExamSession, use: str) -> QuerySet[Reason]:
    """The reasons in use for a session's region: its own and everybody's."""
    return Reason.objects.filter(Q(region=None) | Q(region=session.region_id), use=use, is_active=True)
