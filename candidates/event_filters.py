"""What the list of events is narrowed by where nobody could offer a choice: who acted, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import BigIntegerField, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from .models import Event, User
from .rules import spellings_of

SLACK = timedelta(hours=6)  # longer than any transaction
ACCOUNTS = 50  # of one name; the list is then about all of them


@dataclass(frozen=True)
class Box:
    """One box to type in."""

    name: str
    kind: str
    label: str | Promise
    value: str = ""


class TypedFilter(admin.ListFilter):
    """A filter by what is typed, sent by a form that keeps whatever else the address asks for."""

    template = "admin/staff/typed_filter.html"
    boxes: tuple[Box, ...] = ()
    fault: str | Promise = ""

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        names = [box.name for box in self.boxes]
        given = {name: str(params.pop(name)[-1]).strip() for name in names if name in params}
        self.typed = {name: value for name, value in given.items() if value}
        self.boxes = tuple(Box(box.name, box.kind, box.label, given.get(box.name, "")) for box in self.boxes)
        left_out = {*names, PAGE_VAR}
        self.kept = [(name, one) for name, values in request.GET.lists() for one in values if name not in left_out]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [box.name for box in self.boxes]

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())


class ActorFilter(TypedFilter):
    """By the user name or the name of an account, or a candidate's registration number; whole, so it is looked up."""

    title = _("who acted")
    boxes = (Box("who", "text", _("User name, name or registration number")),)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        who = self.typed.get("who")
        if who is None:
            return queryset
        accounts = User.objects.filter(Q(username__in=spellings_of(who)) | Q(name=who))
        return queryset.filter(actor__in=list(accounts.values_list("pk", flat=True)[:ACCOUNTS]))


class DateFilter(TypedFilter):
    """From one day to another, both included, as the list shows times."""

    title = _("day")
    boxes = (Box("from", "date", _("From")), Box("to", "date", _("Until and including")))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        try:
            days = {name: date.fromisoformat(value) for name, value in self.typed.items()}
            if "from" in days:
                begin = _midnight(days["from"])
                before = Event.objects.filter(at__lt=begin - SLACK).order_by("-at")
                queryset = queryset.filter(at__gte=begin, pk__gt=_key(before, -BigIntegerField.MAX_BIGINT))
            if "to" in days:
                end = _midnight(days["to"] + timedelta(days=1))
                after = Event.objects.filter(at__gte=end + SLACK).order_by("at")
                queryset = queryset.filter(at__lt=end, pk__lt=_key(after, BigIntegerField.MAX_BIGINT))
        except (ValueError, OverflowError):
            self.fault = _("Type each day as year, month and day: 2026-11-30.")
            return queryset.none()
        return queryset


def _key(events: QuerySet[Event], otherwise: int) -> int:
    """The key of the first of these.

    The list is in the order of keys, which is that of time but for transactions that take long. Between the keys of
    events that are well before and well after the days, it is read where they lie and not from its newest event on.
    """
    found = events.values_list("pk", flat=True).first()
    return otherwise if found is None else found


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))
