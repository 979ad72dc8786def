"""Editing records by hand without overwriting anybody (docs/product.md, rule 10).

The form carries the version it was made from. A save that comes too late, or that a service
refuses, shows the form again with what was typed, what is stored now, and the sentence.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import display_for_field, unquote
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from . import rules
from .enums import Action
from .refusals import Refusal, Stale
from .scoped_admin import ScopedAdmin, user_of
from .services.events import Actor
from .services.sessions import save_record

VERSION = "version"


class DateTimeField(forms.DateTimeField):
    """The browser's own picker, to the second: the admin's would cut them off in Chinese."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class VersionedForm(forms.ModelForm):
    """A form that knows its version, and the refusal that its first attempt at saving met."""

    refusal: Refusal | None = None
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.fields.pop(VERSION, None)
        else:
            self.initial[VERSION] = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            # A page shows times to the second; one that was left alone stays what it is.
            if isinstance(value, datetime) and self.instance.pk and name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
        if VERSION in self.errors:
            self.add_error(None, _("This form is damaged: its version is missing. Load the page again."))
        if self.refusal is not None:
            self.add_error(None, str(self.refusal.sentence))
            if isinstance(self.refusal, Stale):
                self._show_what_is_stored()
        return cleaned

    def _show_what_is_stored(self) -> None:
        """Beside every field that differs; the instance does not have the typed values yet."""
        for name in self.changed_data:
            if name != VERSION:
                field: Any = self.instance._meta.get_field(name)
                shown = display_for_field(getattr(self.instance, name), field, "-")
                self.add_error(name, format_lazy(_("Stored now: {value}"), value=shown))


class VersionedAdmin(ScopedAdmin):
    """An admin whose records have a ``version`` and are stored by a service."""

    form: Any = VersionedForm
    formfield_overrides: ClassVar[Any] = {
        models.DateTimeField: {"form_class": DateTimeField, "widget": DateTimeField.widget}
    }
    action = Action.RECORD_CHANGED
    # What never changes once a record exists: others refer to it, or it says whose it is.
    fixed_fields: Sequence[str] = ()

    def region_of(self, obj: Any) -> int | None:
        """The region whose staff may edit the record; None: administrators only."""
        return obj.region_id

    def store(self, actor: Actor, obj: Any, version: int | None) -> None:
        """Call the service that stores the record; ``version`` is None for a new one."""
        save_record(actor, obj, version, self.action)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        self.store(Actor.of(request), obj, form.cleaned_data[VERSION] if change else None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or rules.may_change_for(user_of(request), self.region_of(obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(self.fixed_fields if obj else ())]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": [VERSION]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if kwargs.get("fields"):
            kwargs["fields"] = [name for name in kwargs["fields"] if name != VERSION]
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Django's view in its transaction; when that was refused, once more to show the form with the reason."""
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            vars(request)["refusal"] = refusal
            if object_id is not None and isinstance(refusal, Stale):
                fresh = self.get_object(request, unquote(object_id))
                typed = request.POST.copy()
                typed[VERSION] = str(fresh.version)
                vars(request)["_post"] = typed
            response = super().changeform_view(request, object_id, form_url, extra_context)
            response.status_code = refusal.status
        except IntegrityError:
            # Somebody stored the same code in the same moment: the form finds it now and says so.
            response = super().changeform_view(request, object_id, form_url, extra_context)
        if response.status_code == 302:
            response.status_code = 303
        return response
