"""Regions and sites to edit, accounts in account_admin.py; candidates, events and deliveries to look up."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from . import account_admin as account_admin  # registers the list of accounts
from . import event_admin as event_admin  # registers the list of events
from . import selectors
from .admin_forms import IdNumberForm, RegionForm
from .enums import Flag
from .models import Candidate, Delivery, Region, Site, User
from .rules import mask_id_number, mask_phone, may_change_phone, may_run_session
from .scoped_admin import (
    CandidateSearch,
    ListFromReplica,
    ReadOnlyAdmin,
    RecordSearch,
    ScopedFilter,
    session_code,
    user_of,
)
from .versioned_admin import VersionedAdmin


@admin.register(Region)
class RegionAdmin(VersionedAdmin):
    """Regions, by administrators only."""

    form = RegionForm
    fields = ("code", "name_zh", "name_en", "time_zone")
    fixed_fields = ("code",)
    list_display = ("code", "name_zh", "name_en", "time_zone")
    search_fields = ("code", "name_zh", "name_en")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.regions_for(user)

    def region_of(self, obj: Region) -> int | None:
        return None


@admin.register(Site)
class SiteAdmin(VersionedAdmin):
    """The sites of a region."""

    fields = ("region", "code", "name_zh", "name_en", "contact")
    fixed_fields = ("region",)
    list_display = ("code", "name_zh", "name_en", "region", "contact")
    list_filter = (("region", ScopedFilter),)
    list_select_related = ("region",)
    search_fields = ("code", "name_zh", "name_en")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.sites_for(user)


class ActivatedFilter(admin.SimpleListFilter):
    """Whether somebody activated their account yet."""

    title = _("activated")
    parameter_name = "activated"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(activated_at__isnull=self.value() == "no")


@admin.register(Candidate)
class CandidateAdmin(CandidateSearch, ReadOnlyAdmin):
    """Registrations as the roster made them. Identity numbers and telephones are masked."""

    list_display = (
        "registration_number",
        "name",
        "masked_id_number",
        session_code,
        "site",
        "track",
        "level",
        "activated",
    )
    list_filter = (
        ("session", ScopedFilter),
        ("site", ScopedFilter),
        "track",
        "level",
        ActivatedFilter,
    )
    list_select_related = ("session", "site")
    search_fields = ("registration_number",)
    sortable_by = ("registration_number",)
    fields = (
        "registration_number",
        "name",
        "masked_id_number",
        "masked_phone",
        "phone_corrected_at",
        "session",
        "site",
        "track",
        "level",
        "flags_text",
        "activated",
        "consent_version",
        "erased_at",
    )

    def in_scope(self, user: User) -> QuerySet:
        return selectors.candidates_for(user)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.find_view)
        return [path("find/", view, name="candidates_candidate_find"), *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """POST ``id_number``: on to the candidate. A page of its own because a search stands in the address."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = IdNumberForm(user_of(request), request.POST if request.method == "POST" else None)
        if form.is_valid():
            keys = [str(candidate.pk) for candidate in form.found]
            address = reverse("admin:candidates_candidate_changelist") + f"?id__in={','.join(keys)}"
            if len(keys) == 1:
                address = reverse("admin:candidates_candidate_change", args=keys)
            return redirect_to(address)
        context = {**self.admin_site.each_context(request), "title": _("Find by ID number"), "form": form}
        context["trail"] = [(reverse("admin:candidates_candidate_changelist"), self.opts.verbose_name_plural)]
        return TemplateResponse(request, "admin/staff/find.html", context, status=422 if form.is_bound else 200)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        candidate = self.get_object(request, object_id)
        return redirect(events_of(candidate))

    @admin.display(description=_("ID number"))
    def masked_id_number(self, candidate: Candidate) -> str:
        return mask_id_number(candidate.id_number)

    @admin.display(description=_("phone"))
    def masked_phone(self, candidate: Candidate) -> str:
        return mask_phone(candidate.phone)

    @admin.display(description=_("flags"))
    def flags_text(self, candidate: Candidate) -> str:
        labels = dict(Flag.choices)
        return ", ".join(str(labels.get(flag, flag)) for flag in candidate.flags) or "-"

    @admin.display(description=_("activated"), ordering="activated_at", empty_value="-")
    def activated(self, candidate: Candidate) -> str | None:
        at = candidate.activated_at
        return localize(timezone.localtime(at)) if at else None

    def tools(self, user: User, obj: Candidate) -> Sequence[tuple[str, Any]]:
        tools = []
        if (application := getattr(obj, "application", None)) is not None:
            tools.append((reverse("admin:materials_application_change", args=[application.pk]), _("Application")))
        if may_change_phone(user, obj):
            tools.append((reverse("staff_phone", args=[obj.pk]), _("Change phone number")))
        if obj.erased_at is None and may_run_session(user, obj.session):
            tools.append((reverse("staff_erasure", args=[obj.pk]), _("Remove personal data")))
        return tools


@admin.register(Delivery)
class DeliveryAdmin(ListFromReplica, RecordSearch, ReadOnlyAdmin):
    """What became of each message outside the portal. Neither addresses nor texts are shown."""

    list_display = ("created_at", "who", "channel", "kind", "status", "attempts", "sent_at", "error")
    list_filter = ("status", "channel", ("session", ScopedFilter))
    list_select_related = ("candidate", "message")
    search_fields = ("candidate__registration_number",)
    search_path = "candidate__"
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("created_at", "who", "channel", "kind", "status", "attempts", "next_attempt_at", "sent_at", "error")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.deliveries_for(user)

    @admin.display(description=_("candidate"))
    def who(self, delivery: Delivery) -> str:
        address = reverse("admin:candidates_candidate_change", args=[delivery.candidate_id])
        return format_html('<a href="{}">{}</a>', address, delivery.candidate)

    @admin.display(description=_("message"))
    def kind(self, delivery: Delivery) -> Any:
        return delivery.message.get_kind_display() if delivery.message else _("One-time code")


def redirect_to(address: str) -> HttpResponse:
    """On to a page after a form: 303, so that a reload does not send the form again."""
    response = redirect(address)
    response.status_code = 303
    return response


def events_of(candidate: Candidate) -> str:
    """The address of one candidate's events."""
    return f"{reverse('admin:candidates_event_changelist')}?candidate__id__exact={candidate.pk}"
