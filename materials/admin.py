"""Sessions, categories and reasons to edit."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from candidates.enums import Flag, Level, Track
from candidates.models import ExamSession, Region, User
from candidates.rules import may_change_for, retained_until
from candidates.scoped_admin import ScopedFilter, session_code, user_of
from candidates.selectors import regions_for, sessions_for
from candidates.services.events import Actor
from candidates.versioned_admin import VersionedAdmin, VersionedForm

from . import selectors
from .enums import PictureFormat
from .models import Category, Reason
from .services.catalogue import create_session, save_category, save_session


@admin.register(ExamSession)
class ExamSessionAdmin(VersionedAdmin):
    """Windows and policy of a session. Its times are shown and typed in its region's time zone."""

    fields = (
        "region",
        "code",
        "title_zh",
        "title_en",
        "opens_at",
        "closes_at",
        "corrections_until",
        "stages",
        "drafts_at_close",
        "correction_days",
        "fit_oversized",
        "max_bytes",
        "second_look_percent",
        "two_persons",
        "retention_days",
        "contact",
        "published_at",
        "retained",
    )
    fixed_fields = ("region", "code")
    readonly_fields = ("published_at", "retained")
    list_display = ("code", "titled", "region", "opens", "closes", "corrections", "published", "acts")
    list_filter = (("region", ScopedFilter),)
    list_select_related = ("region",)
    search_fields = ("code", "title_zh", "title_en")

    def in_scope(self, user: User) -> QuerySet:
        return sessions_for(user)

    def store(self, actor: Actor, obj: ExamSession, version: int | None) -> None:
        if version is None:
            create_session(actor, obj)
        else:
            save_session(actor, obj, version)

    @admin.display(description=_("Title"))
    def titled(self, session: ExamSession) -> str:
        return session.title

    @admin.display(description=_("upload opens"), ordering="opens_at")
    def opens(self, session: ExamSession) -> str:
        return _there(session, session.opens_at)

    @admin.display(description=_("upload closes"), ordering="closes_at")
    def closes(self, session: ExamSession) -> str:
        return _there(session, session.closes_at)

    @admin.display(description=_("corrections until"), ordering="corrections_until")
    def corrections(self, session: ExamSession) -> str:
        return _there(session, session.corrections_until)

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, session: ExamSession) -> str:
        return _there(session, session.published_at)

    @admin.display(description=_("Personal data"))
    def retained(self, session: ExamSession) -> str:
        if session.purged_at is not None:
            return gettext("Removed on %(when)s.") % {"when": _there(session, session.purged_at)}
        if session.published_at is None:
            return gettext("Kept until the retention after publication has passed.")
        until = retained_until(session)
        sentence = gettext("May be removed from %(when)s; an operator does it (purge_session).")
        return sentence % {"when": _there(session, until)}

    @admin.display(description=_("acts"))
    def acts(self, session: ExamSession) -> str:
        """The pages that are opened most; each leads to all the others."""
        pages = [("staff_progress", _("Progress")), ("staff_publish", _("Publish results"))]
        links = [(reverse(name, args=[session.code]), label) for name, label in pages]
        return format_html_join(" ", '<a href="{}">{}</a>', links)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        zone = self._zone(request, object_id)
        with _in_zone(zone):
            context = {**(extra_context or {}), "time_zone": zone}
            response = super().changeform_view(request, object_id, form_url, context)
            # Otherwise rendered later, out of the region's time zone.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    def _zone(self, request: HttpRequest, object_id: str | None) -> str | None:
        """Of the session's region; of the one that was chosen, or is the user's own, for a new session."""
        if object_id is not None:
            return self.get_object(request, unquote(object_id)).region.time_zone
        user, chosen = user_of(request), request.POST.get("region", "")
        regions: QuerySet[Region] = regions_for(user)
        region = regions.filter(pk=chosen).first() if chosen.isascii() and chosen.isdigit() else user.region
        return region.time_zone if region else None


def _there(session: ExamSession, instant: datetime | None) -> str:
    """An instant in the time zone of the session's region: a list may hold sessions of several."""
    return localize(timezone.localtime(instant, ZoneInfo(session.region.time_zone))) if instant else "-"


def _in_zone(zone: str | None) -> AbstractContextManager[None]:
    return timezone.override(ZoneInfo(zone) if zone else timezone.get_default_timezone())


def _choices(label: Any, choices: Iterable[tuple[Any, Any]], *, required: bool = False) -> forms.MultipleChoiceField:
    help_text = "" if required else _("None ticked: everybody.")
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class CategoryForm(VersionedForm):
    levels = _choices(_("levels"), Level.choices)
    tracks = _choices(_("tracks"), Track.choices)
    flags_any = _choices(_("any of the flags"), Flag.choices)
    formats = _choices(_("formats"), PictureFormat.choices, required=True)


@admin.register(Category)
class CategoryAdmin(VersionedAdmin):
    """The categories of a session; the default catalogue (without a session) is the administrators'."""

    form = CategoryForm
    fields = (
        "session",
        "code",
        "position",
        "name_zh",
        "name_en",
        "min_photos",
        "max_photos",
        "requirement",
        "levels",
        "tracks",
        "flags_any",
        "formats",
        "max_bytes",
        "hint_zh",
        "hint_en",
    )
    fixed_fields = ("session", "code")
    list_display = ("code", "name_zh", session_code, "requirement", "min_photos", "max_photos", "position")
    list_filter = (("session", ScopedFilter), "requirement")
    list_select_related = ("session",)
    search_fields = ("code", "name_zh", "name_en")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.categories_for(user)

    def store(self, actor: Actor, obj: Category, version: int | None) -> None:
        save_category(actor, obj, version)

    def region_of(self, obj: Category) -> int | None:
        return obj.session.region_id if obj.session else None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "session":
            field.empty_label = _("(default catalogue)")
        return field


@admin.register(Reason)
class ReasonAdmin(VersionedAdmin):
    """The reasons of a region; those of every region are the administrators'."""

    fields = (
        "region",
        "code",
        "use",
        "name_zh",
        "name_en",
        "sentence_zh",
        "sentence_en",
        "categories",
        "position",
        "is_active",
    )
    fixed_fields = ("region", "code")
    list_display = ("code", "name_zh", "use", "region", "sentence_zh", "is_active", "position")
    list_filter = (("region", ScopedFilter), "use", "is_active")
    list_select_related = ("region",)
    search_fields = ("code", "name_zh", "name_en", "sentence_zh")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.all_reasons_for(user)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "region" and not may_change_for(user_of(request), None):
            field.required = True
        return field
