"""Accounts of staff: made, changed, given a new password, freed of a second factor that was lost."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401 - registers groups, which are taken out below
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.db.models.fields import BLANK_CHOICE_DASH
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static import admin as static_admin  # noqa: F401 - as auth_admin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp import admin as totp_admin  # noqa: F401 - as auth_admin
from django_otp.plugins.otp_totp.models import TOTPDevice

from . import selectors
from .access import SeeOther
from .admin_forms import AccountAddForm, AccountForm, PasswordForm
from .enums import Role
from .models import User
from .refusals import Refusal
from .rules import may_remove_second_factor, roles_to_give
from .scoped_admin import ScopedFilter, user_of
from .services.events import Actor
from .services.second_factor import remove_second_factor
from .services.sessions import save_account, set_password
from .versioned_admin import VersionedAdmin

admin.site.unregister(Group)  # roles take the place of groups (candidates/rules.py)
admin.site.unregister([TOTPDevice, StaticDevice])  # nobody reads or sets another's second factor


class RoleFilter(admin.ChoicesFieldListFilter):
    """The roles of staff: candidates' accounts are not in the list."""

    def choices(self, changelist: Any) -> Any:
        return (choice for choice in super().choices(changelist) if choice["display"] != Role.CANDIDATE.label)


@admin.register(User)
class UserAdmin(VersionedAdmin):
    """Accounts of staff, by those who manage them. They are deactivated, never deleted."""

    form = AccountForm
    fields = ("username", "name", "role", "region", "site", "is_active")
    fixed_fields = ("username",)
    list_display = ("username", "name", "role", "region", "site", "is_active")
    list_filter = (("role", RoleFilter), "is_active", ("region", ScopedFilter))
    list_select_related = ("region", "site")
    search_fields = ("username", "name")

    def in_scope(self, user: User) -> QuerySet:
        return selectors.accounts_for(user)

    def store(self, actor: Actor, obj: User, version: int | None) -> None:
        save_account(actor, obj, version)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            roles = roles_to_give(user_of(request))
            kwargs["choices"] = [*BLANK_CHOICE_DASH, *((role.value, role.label) for role in roles)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*self.list_display, *(["second_factor"] if settings.STAFF_SECOND_FACTOR else []))

    @admin.display(description=_("second factor"), boolean=True)
    def second_factor(self, account: Any) -> bool:
        return bool(account.has_second_factor)

    def tools(self, user: User, obj: User) -> Sequence[tuple[str, Any]]:
        tools = [(reverse("admin:candidates_user_password", args=[obj.pk]), _("Set password"))]
        if settings.STAFF_SECOND_FACTOR and may_remove_second_factor(user, obj):
            address = reverse("admin:candidates_user_second_factor", args=[obj.pk])
            tools.append((address, _("Remove second factor")))
        return tools

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else (*self.fields, "password1", "password2")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ("role", "region", "site", "is_active") if obj == request.user else ()
        return [*super().get_readonly_fields(request, obj), *own]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            # The two passwords are the form's own and not columns.
            kwargs |= {"form": AccountAddForm, "fields": self.fields}
        return super().get_form(request, obj, change, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        return [
            path("<int:pk>/password/", inside(self.password_view), name="candidates_user_password"),
            path("<int:pk>/second-factor/", inside(self.second_factor_view), name="candidates_user_second_factor"),
            *super().get_urls(),
        ]

    def password_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give an account of staff a new password."""
        account = self.get_object(request, str(pk))
        if not self.has_change_permission(request, account):
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        form = PasswordForm(account, request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                set_password(Actor.of(request), account, form.cleaned_data["password1"])
            except Refusal as refusal:
                form.add_error(None, str(refusal.sentence))
            else:
                self.message_user(request, _("The password is set."))
                return SeeOther(reverse("admin:candidates_user_change", args=[account.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Set password"),
            "form": form,
            "account": account,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/staff/password.html", context, status=status)

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take away the second factor of an account whose owner lost it; POST does it."""
        account = self.get_object(request, str(pk))
        if not settings.STAFF_SECOND_FACTOR or not may_remove_second_factor(user_of(request), account):
            raise Http404
        refusal: Refusal | None = None
        if request.method == "POST":
            try:
                remove_second_factor(Actor.of(request), account)
            except Refusal as refused:
                refusal = refused
            else:
                self.message_user(request, _("The second factor is removed. At the next sign-in a new one is set up."))
                return SeeOther(reverse("admin:candidates_user_change", args=[account.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Remove second factor"),
            "trail": [
                (reverse("admin:candidates_user_changelist"), self.opts.verbose_name_plural),
                (reverse("admin:candidates_user_change", args=[account.pk]), account),
            ],
            "account": account,
            "refusal": refusal and refusal.sentence,
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/staff/second_factor.html", context, status=status)
