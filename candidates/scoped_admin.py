"""What every admin list of the portal has in common: only what lies in the user's scope, at any size."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.filters import RelatedFieldListFilter
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from . import selectors
from .models import ExamSession, Region, Site, User
from .replica import reads_from_replica

# What a user may choose from, wherever a form or a filter offers one of these.
SCOPES: dict[type[models.Model], Callable[[User], QuerySet]] = {
    Region: selectors.regions_for,
    Site: selectors.sites_for,
    ExamSession: selectors.sessions_for,
}

TOO_MANY = _(
    "More than %(number)s candidates begin so. Type more of the registration number or the name, or the whole "
    "registration number."
)


def label_for(user: User) -> Callable[[models.Model], str]:
    """How choices are named: with a site its region, for those who see several."""
    is_of_one_region = user.region_id is not None

    def label(row: models.Model) -> str:
        return str(row) if is_of_one_region or not isinstance(row, Site) else f"{row.region} · {row.code} {row}"

    return label


def _choices(model: type[models.Model], user: User) -> QuerySet:
    rows = SCOPES[model](user)
    return rows.select_related("region") if model is Site else rows


class BoundedPaginator(Paginator):
    """Counts some pages ahead and no further, because counting a million rows takes longer than showing fifty.

    ``page_shown``: the one that is asked for. Nothing after MOST rows is listed. ``in_order``: count the rows as they
    are listed, so that where each takes work to find, no more are looked for than those.
    """

    AHEAD = 4  # pages
    AHEAD_SEARCHED = 1  # whoever finds too many types more of the word, rather than turn pages
    MOST = 2000
    page_shown = 1
    is_searched = False
    in_order = False

    @property
    def counts_to(self) -> int:
        ahead = self.AHEAD_SEARCHED if self.is_searched else self.AHEAD
        return min(self.MOST, (max(self.page_shown, 1) + ahead) * self.per_page)

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return (rows if self.in_order else rows.order_by())[: self.counts_to].count()

    @property
    def is_cut_off(self) -> bool:
        """Whether there are more, on pages that are not listed however far somebody goes on."""
        return self.count == self.MOST

    @property
    def goes_on(self) -> bool:
        """Whether there may be more, on pages that appear as somebody goes on."""
        return self.count == self.counts_to < self.MOST


class ScopedFilter(RelatedFieldListFilter):
    """A filter that offers only what lies in the user's scope."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        user = user_of(request)
        label = label_for(user)
        return [(row.pk, label(row)) for row in _choices(field.related_model, user)]


def user_of(request: HttpRequest) -> User:
    """The account behind a request; the admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


class ScopedAdmin(admin.ModelAdmin):
    """An admin whose rows all come from ``in_scope``; what is not in it does not exist (product.md, rule 13)."""

    actions = None
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    change_list_template = "admin/staff/change_list.html"
    change_form_template = "admin/staff/change_form.html"

    def in_scope(self, user: User) -> QuerySet:
        """The rows that this user may see."""
        raise NotImplementedError

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        found: Any = super().get_paginator(request, *arguments, **options)
        if isinstance(found, BoundedPaginator):
            shown = request.GET.get(PAGE_VAR, "")[:9]  # more digits than there are pages
            found.page_shown = int(shown) if shown.isascii() and shown.isdecimal() else 1
            found.is_searched = bool(request.GET.get(SEARCH_VAR, "").strip())
        return found

    def tools(self, user: User, obj: Any) -> Sequence[tuple[str, Any]]:
        """Links at the top of a record's page: address and label."""
        return ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With its name for a title: “select … to change” says what nobody came for."""
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = self.in_scope(user_of(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Django would lead back to the index with a message."""
        raise Http404

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The record, or 404 before anything is said about what the user may do with it."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["tools"] = self.tools(user_of(request), obj) if obj is not None else ()
        return super().render_change_form(request, context, add, change, form_url, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        user = user_of(request)
        if db_field.related_model in SCOPES:
            kwargs["queryset"] = _choices(db_field.related_model, user)
        if db_field.related_model is Region:
            kwargs["initial"] = user.region_id
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.related_model is Site:
            field.label_from_instance = label_for(user)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the pencil and plus beside a choice: what they open is a page of its own in the menu."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


@admin.display(description=_("session"))
def session_code(record: Any) -> str:
    """A column: the code alone, because a title would take half the page."""
    return record.session.code if record.session else "-"


class ListFromReplica:
    """A list of records that only ever come and are looked up; a record's own page is not read there."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        listed: Any = super()
        return _rendered(listed.changelist_view, request, extra_context)


@reads_from_replica
def _rendered(view: Callable[..., HttpResponse], *arguments: Any) -> HttpResponse:
    """Lists are fetched when their page is rendered, which otherwise is later."""
    response = view(*arguments)
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


class ReadOnlyAdmin(ScopedAdmin):
    """Records that services write: to be looked up, never changed by hand (also candidates/rules.py)."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Other records by name alone where the user may not open them: Django would link to a refusal."""
        return [self._without_dead_end(request, name) for name in super().get_fields(request, obj)]

    def _without_dead_end(self, request: HttpRequest, name: Any) -> Any:
        known = {field.name: field for field in self.opts.fields if field.is_relation}
        related = known[name].related_model if name in known else None
        target = self.admin_site._registry.get(related) if isinstance(related, type) else None
        if target is None or target.has_view_permission(request):
            return name

        @admin.display(description=known[name].verbose_name, empty_value="-")
        def by_name(record: Any) -> str | None:
            found = getattr(record, name)
            return None if found is None else str(found)

        by_name.__name__ = name
        return by_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CandidateSearch:
    """Search by registration number or name; ``search_path`` leads to the candidate."""

    search_path = ""
    search_help_text: Any = _("Registration number or its beginning, or the beginning of a name.")
    lists_people = True  # offers the form that finds by ID number, which a search would put into the address

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return queryset.filter(selectors.matching(search_term, self.search_path)), False


class RecordSearch(CandidateSearch):
    """The same for records that are listed newest first: the candidates are looked up first, then what is theirs.

    Else the newest would be read back until fifty are found, or all that the found ones ever had would be sorted.
    """

    MOST_FOUND = 500

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = selectors.candidates_of_region(user_of(request)).filter(selectors.matching(search_term))
        keys = list(found.order_by().values_list("pk", flat=True)[: self.MOST_FOUND + 1])
        if len(keys) > self.MOST_FOUND:
            messages.warning(request, TOO_MANY % {"number": self.MOST_FOUND})
            return queryset.none(), False
        return queryset.filter(**{f"{self.search_path}in": keys}), False
