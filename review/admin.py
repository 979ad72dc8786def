"""Applications, decisions and publications to look up. What is done with them has pages of its own (urls)."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from candidates.admin import events_of
from candidates.models import User
from candidates.rules import mask_id_number, may_run_session, may_run_sessions
from candidates.scoped_admin import CandidateSearch, ReadOnlyAdmin, RecordSearch, ScopedFilter, user_of
from candidates.selectors import sessions_for, sites_for
from materials.models import Application, Submission
from materials.rules import CORRECTABLE
from materials.selectors import applications_for

from . import selectors
from .enums import Progress
from .models import Decision, Publication
from .progress import in_state, waiting_choices, waiting_over
from .rules import HOW_TO_CHECK, RESULT_LABELS
from .views.screen import screen_for


def _links(application: Application, user: User) -> list[tuple[str, Any]]:
    """What to do with an application: look at it on the review screen, and for regional staff extend its deadline."""
    links = [(reverse("review_screen", args=[application.pk]), _("Review"))]
    if application.status in CORRECTABLE and may_run_session(user, application.session):
        links.append((reverse("staff_extension", args=[application.pk]), _("Extend deadline")))
    return links


def _export_address(user: User, listed: QueryDict) -> str:
    """The page that exports what a list of applications shows; ``listed``: the list's own query."""
    chosen = {name: listed.get(name) for name in ("progress", "waiting")}
    chosen |= {"status": listed.get("status__exact"), "stage": listed.get("stage__exact"), "search": listed.get("q")}
    if site := _key(listed, "site__id__exact"):
        chosen["site"] = sites_for(user).filter(pk=site).values_list("code", flat=True).first()
    session = sessions_for(user).filter(pk=_key(listed, "session__id__exact")).first()
    address = reverse("staff_export", args=[session.code]) if session else reverse("export_session")
    return f"{address}?{urlencode({name: value for name, value in chosen.items() if value})}"


def _message_address(user: User, listed: QueryDict) -> str:
    """The page that writes to whom a list of applications shows; empty where it cannot choose just these."""
    progress = listed.get("progress")
    if progress not in Progress.values or listed.get("q") or listed.get("waiting"):
        return ""
    session = sessions_for(user).filter(pk=_key(listed, "session__id__exact")).first()
    if session is None or not may_run_session(user, session):
        return ""
    sites = sites_for(user).filter(pk=_key(listed, "site__id__exact")).values_list("code", flat=True)
    query = urlencode({"states": progress, "sites": list(sites)}, doseq=True)
    return f"{reverse('staff_circular', args=[session.code])}?{query}"


def _key(listed: QueryDict, name: str) -> int:
    """A row's key in a list's query; 0, which no row has, for anything else that stands there."""
    value = listed.get(name, "")
    return int(value) if value.isdecimal() else 0


def _contents(submission: Submission) -> str:
    """``ID 2, EDU 1``: how many pictures of each item were handed in."""
    counts = [(entry["item"], len(entry["photos"])) for entry in submission.manifest]
    return ", ".join(f"{code} {number}" for code, number in counts if number)


class ProgressFilter(admin.SimpleListFilter):
    """The states that the progress page counts."""

    title = _("state")
    parameter_name = "progress"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Progress.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = next((state for state in Progress if state == self.value()), None)
        return queryset.filter(in_state(chosen)) if chosen else queryset


class WaitingFilter(admin.SimpleListFilter):
    """How long an application has waited for a reviewer."""

    title = _("waiting since it was submitted")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return waiting_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        known = chosen in dict(waiting_choices())
        return queryset.filter(waiting_over(int(chosen), timezone.now())) if chosen and known else queryset


@admin.register(Application)
class ApplicationAdmin(CandidateSearch, ReadOnlyAdmin):
    """Where every application stands; its page shows items, pictures, submissions, decisions and history."""

    change_form_template = "admin/staff/application.html"
    list_display = ("number", "name", "site", "status", "stage", "rounds", "submitted_at", "claimed_by")
    list_filter = (("session", ScopedFilter), ("site", ScopedFilter), ProgressFilter, WaitingFilter)
    list_select_related = ("candidate", "session", "site", "claim__reviewer")
    search_fields = ("candidate__registration_number",)
    search_path = "candidate__"
    ordering = ("candidate__registration_number",)
    sortable_by = ("number", "submitted_at")
    fields = (
        "number",
        "name",
        "masked_id_number",
        "session",
        "site",
        "status",
        "stage",
        "rounds",
        "submitted_at",
        "decided_at",
        "corrections_until",
        "claimed_by",
    )

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        found = super().get_paginator(request, *arguments, **options)
        # Looked for in the list's order, or all drafts would be gathered before the first complete one is known. A
        # site's lie too far apart in it for that, and are not so many.
        is_complete = request.GET.get(ProgressFilter.parameter_name) == Progress.COMPLETE
        found.in_order = is_complete and user_of(request).site_id is None
        return found

    def in_scope(self, user: User) -> QuerySet:
        return applications_for(user).select_related(*self.list_select_related)

    def get_list_display(self, request: HttpRequest) -> Any:
        """With a column of links that knows who looks."""
        user = user_of(request)

        @admin.display(description=_("acts"))
        def acts(application: Application) -> str:
            return format_html_join(" ", '<a href="{}">{}</a>', _links(application, user))

        return [*self.list_display, acts]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With a way to export what is listed and to write to them; a list that refuses its filters redirects."""
        response = super().changelist_view(request, extra_context)
        user = user_of(request)
        if isinstance(response, TemplateResponse) and response.context_data and may_run_sessions(user):
            tools = [
                (_export_address(user, request.GET), _("Export these")),
                (_message_address(user, request.GET), _("Write to these")),
            ]
            response.context_data["tools"] = [(address, label) for address, label in tools if address]
        return response

    def tools(self, user: User, obj: Application) -> Sequence[tuple[str, Any]]:
        return [
            *_links(obj, user),
            (reverse("admin:candidates_candidate_change", args=[obj.candidate_id]), _("Registration")),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return redirect(events_of(self.get_object(request, unquote(object_id)).candidate))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        application = self.get_object(request, unquote(object_id))
        # First the screen: its version must not be newer than what is shown.
        screen = screen_for(user_of(request), application.pk)
        if screen is None:
            raise Http404
        photos = selectors.photos_by_category(application)
        context = {
            "screen": screen,
            "items": [(box.item, photos.get(box.item.category_id, []), box.unlock) for box in screen.boxes],
            "submissions": [
                (submission, _contents(submission)) for submission in selectors.submissions_of(application)
            ],
            "all_events": events_of(application.candidate),
        }
        with timezone.override(ZoneInfo(screen.session.region.time_zone)):
            response = super().change_view(request, object_id, form_url, {**(extra_context or {}), **context})
            # Otherwise rendered later, out of the region's time zone.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    @admin.display(description=_("registration number"), ordering="candidate__registration_number")
    def number(self, application: Application) -> str:
        return application.candidate.registration_number

    @admin.display(description=_("name"))
    def name(self, application: Application) -> str:
        return application.candidate.name

    @admin.display(description=_("ID number"))
    def masked_id_number(self, application: Application) -> str:
        return mask_id_number(application.candidate.id_number)

    @admin.display(description=_("claimed by"))
    def claimed_by(self, application: Application) -> Any:
        claim = getattr(application, "claim", None)
        return claim.reviewer if claim and claim.expires_at > timezone.now() else "-"


@admin.register(Decision)
class DecisionAdmin(RecordSearch, ReadOnlyAdmin):
    """What reviewers decided."""

    list_display = ("decided_at", "of_whom", "round", "stage", "outcome", "reason", "reviewer")
    list_filter = ("outcome", "stage")
    list_select_related = ("application__candidate", "reason", "reviewer")
    search_fields = ("application__candidate__registration_number",)
    search_path = "application__candidate__"
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("decided_at", "of_whom", "round", "stage", "outcome", "reason", "asked", "note", "reviewer")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.decisions_for(user).select_related(*self.list_select_related)

    @admin.display(description=_("application"))
    def of_whom(self, decision: Decision) -> str:
        address = reverse("admin:materials_application_change", args=[decision.application_id])
        return format_html('<a href="{}">{}</a>', address, decision.application)

    @admin.display(description=_("requested changes"))
    def asked(self, decision: Decision) -> str:
        lines = [(entry["item"], entry["reason"], entry["note"]) for entry in decision.requests]
        return format_html_join("", "<div>{} · {} · {}</div>", lines) or "-"


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    """Which results were published when, and withdrawn why."""

    list_display = (
        "session",
        "number",
        "published_at",
        "published_by",
        "counts_text",
        "withdrawn_at",
        "sum_of_list",
    )
    list_filter = (("session", ScopedFilter),)
    list_select_related = ("session", "published_by")
    sortable_by = ()
    fields = (
        "session",
        "number",
        "published_at",
        "published_by",
        "proposed_by",
        "counts_text",
        "sum_of_list",
        "how_to_check",
        "withdrawn_at",
        "withdrawn_by",
        "withdrawal_reason",
    )

    def in_scope(self, user: User) -> QuerySet:
        return selectors.publications_for(user)

    @admin.display(description=_("counts"))
    def counts_text(self, publication: Publication) -> str:
        return " · ".join(f"{RESULT_LABELS.get(name, name)} {number}" for name, number in publication.counts.items())

    @admin.display(description="SHA-256", ordering="sha256", empty_value="-")
    def sum_of_list(self, publication: Publication) -> Any:
        return format_html('<code class="staff-sum">{}</code>', publication.sha256) if publication.sha256 else None

    @admin.display(description=_("How to check a list"))
    def how_to_check(self, publication: Publication) -> Any:
        if publication.session.purged_at is not None:
            return "-"
        return HOW_TO_CHECK % {"file": f"results-{publication.session.code}.csv"}
