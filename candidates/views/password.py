"""One's own new password, a candidate's or a staff member's; for others: candidates/account_admin.py."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ..access import CandidateRequest, SeeOther, candidate_page
from ..forms import ChangePasswordForm
from ..models import User
from ..refusals import Refusal
from ..scoped_admin import user_of
from ..services.events import Actor
from ..services.passwords import change_own_password
from ..services.sessions import set_password


@sensitive_post_parameters("old_password", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@candidate_page
def change_candidates_own(request: CandidateRequest) -> HttpResponse:
    """POST ``old_password``, ``password1``, ``password2``. Guessing at the old one is held back as signing in is."""
    candidate = request.candidate
    form = ChangePasswordForm(candidate, request.POST if request.method == "POST" else None)
    if form.is_valid():
        if (refusal := _change(request, form.cleaned_data["old_password"], form.cleaned_data["password1"])) is None:
            messages.success(request, _("Your password is changed. Everywhere else you are signed out."))
            return SeeOther(resolve_url("registration"))
        form.add_error("old_password", refusal)
    return render(request, "candidates/password.html", {"form": form}, status=422 if form.is_bound else 200)


def _change(request: CandidateRequest, old: str, new: str) -> str | None:
    """Why not, or None."""
    account = authenticate(request, username=request.candidate.user.username, password=old)
    if not isinstance(account, User) or account.pk != request.candidate.user_id:
        return _("This is not your present password. Type it again.")
    try:
        user = change_own_password(Actor.of(request), request.candidate.pk, account, new)
    except Refusal as refusal:
        return str(refusal)
    update_session_auth_hash(request, user)
    return None


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
