"""The list of events, registered by candidates/admin.py."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from . import selectors
from .enums import Role
from .event_filters import ActorFilter, DateFilter
from .event_words import words_of
from .models import Event, User
from .scoped_admin import ListFromReplica, ReadOnlyAdmin, RecordSearch, ScopedFilter, session_code, user_of


@admin.register(Event)
class EventAdmin(ListFromReplica, RecordSearch, ReadOnlyAdmin):
    """What happened, by whom, when; searchable by candidate, and for administrators the chain's head."""

    list_display = ("at", "action", "actor", "candidate", session_code, "facts_text")
    list_filter = (ActorFilter, DateFilter, ("session", ScopedFilter), ("site", ScopedFilter), "action")
    list_select_related = ("actor", "candidate", "session")
    change_list_template = "admin/staff/events.html"
    search_fields = ("candidate__registration_number",)
    search_path = "candidate__"
    sortable_by = ()
    fields = (
        "at",
        "action",
        "actor",
        "candidate",
        "session",
        "region",
        "site",
        "facts_text",
        "facts_stored",
        "ip_address",
    )

    def in_scope(self, user: User) -> QuerySet:
        return selectors.events_for(user)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if user_of(request).role == Role.ADMINISTRATOR:
            newest = selectors.newest_seal()
            chain = {
                "shows_chain": True,
                "newest_seal": newest,
                "chain_head": bytes(newest.hash).hex() if newest else "",
            }
            extra_context = chain | (extra_context or {})
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("facts"))
    def facts_text(self, event: Event) -> str:
        return words_of(event.facts)

    @admin.display(description=_("facts as stored"))
    def facts_stored(self, event: Event) -> str:
        return json.dumps(event.facts, ensure_ascii=False, sort_keys=True)
