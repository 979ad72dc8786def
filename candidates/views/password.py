"""Staff give themselves a new password; an administrator's for somebody else is in candidates/admin.py."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy

from ..access import SeeOther
from ..scoped_admin import user_of
from ..services.events import Actor
from ..services.sessions import set_password


class OwnPassword(PasswordChangeView):
    """The Django admin's page, which leaves an event and a version as every other change of an account does."""

    form_class = AdminPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | admin.site.each_context(self.request) | {"title": self.title}

    def form_valid(self, form: Any) -> HttpResponse:
        user = user_of(self.request)
        set_password(Actor.of(self.request), user, form.cleaned_data["new_password1"])
        # The sessions elsewhere end; this one goes on.
        user.refresh_from_db(fields=["password", "version"])
        update_session_auth_hash(self.request, user)
        return SeeOther(self.get_success_url())


def change_own(request: HttpRequest) -> HttpResponseBase:
    request.current_app = admin.site.name
    return OwnPassword.as_view()(request)
