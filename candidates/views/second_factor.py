"""The second factor of staff: to set it up, to give it after the password, and one's own page about it."""

from typing import Any
from urllib.parse import urlsplit

import django_otp
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from .. import web_sessions
from ..access import SeeOther
from ..forms import SecondFactorForm
from ..models import Authenticator, RecoveryCodes
from ..qr_codes import qr_code
from ..refusals import Refusal
from ..scoped_admin import user_of
from ..services import second_factor as services
from ..services.events import Actor


def _staff_only(view: Any) -> Any:
    """The admin's own sign-in for everybody else; and no such page where no second factor is asked for."""

    def wrapped(request: HttpRequest) -> HttpResponse:
        if not settings.STAFF_SECOND_FACTOR:
            raise Http404
        answer: HttpResponse = view(request)
        return answer

    return login_not_required(admin.site.admin_view(wrapped))


def is_given(request: HttpRequest) -> bool:
    """Whether this web session has the second factor (django-otp's middleware)."""
    return getattr(request.user, "otp_device", None) is not None


@_staff_only
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """POST ``code``: sets up the app that is offered, or gives what it shows now; with ``next``, on to that page."""
    if is_given(request):
        return redirect(_next(request))
    form = SecondFactorForm(request.POST if request.method == "POST" else None)
    is_new = not Authenticator.objects.filter(user=user_of(request)).exists()
    if is_new:
        form.ask_for_app_only()
    if not form.is_valid():
        return _way_in(request, form, is_new)
    actor, user, code = Actor.of(request), user_of(request), form.cleaned_data["code"]
    codes: list[str] = []
    device: services.SecondFactor
    try:
        if is_new:
            device, codes = services.enrol(actor, user, request.session.session_key or "", code)
        else:
            device = services.give_code(actor, user, code)
    except Refusal as refusal:
        return _refused(request, form, refusal, is_new)
    _let_in(request, device)
    if codes:
        return _codes_page(request, codes)
    if isinstance(device, RecoveryCodes):
        left = device.number_left
        messages.warning(request, _("A recovery code was used; %(left)s are left.") % {"left": left})
        return SeeOther(resolve_url("second_factor_own"))
    return SeeOther(_next(request))


@_staff_only
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """POST ``act`` and ``code``: new recovery codes (codes), or another app in place of this one (app)."""
    form = SecondFactorForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _own_page(request, form, status=422 if form.is_bound else 200)
    actor, user = Actor.of(request), user_of(request)
    try:
        services.give_code(actor, user, form.cleaned_data["code"])
        if request.POST.get("act") == "app":
            services.remove_second_factor(actor, user)
            web_sessions.note_second_factor(request, is_given=False)
            return SeeOther(resolve_url("second_factor"))
        return _codes_page(request, services.replace_recovery_codes(actor, user))
    except Refusal as refusal:
        form.add_error("code", str(refusal.sentence))
        return _own_page(request, form, status=refusal.status)


def _let_in(request: HttpRequest, device: services.SecondFactor) -> None:
    """From now on under another key: who knew the old one has a session without a second factor."""
    django_otp.login(request, device)
    web_sessions.note_second_factor(request, is_given=True)
    request.session.cycle_key()
    rotate_token(request)


def _refused(request: HttpRequest, form: SecondFactorForm, refusal: Refusal, is_new: bool) -> HttpResponse:
    if refusal.code == "second_factor":
        # Set up, or taken away, in another window meanwhile: what to do now is on the page as it is now.
        return SeeOther(resolve_url("second_factor"))
    form.add_error("code", str(refusal.sentence))
    return _way_in(request, form, is_new, status=refusal.status)


def _way_in(request: HttpRequest, form: SecondFactorForm, is_new: bool, status: int = 0) -> HttpResponse:
    title = _("Set up the second factor") if is_new else _("Second factor")
    context = _frame(request, title) | {"form": form, "next": _wanted(request)}
    if not is_new:
        form.fields["code"].widget.attrs["autofocus"] = True  # there is nothing else to do on that page
    else:
        app = services.offered_authenticator(user_of(request), request.session.session_key or "")
        label = _("QR code for the app; the same as the key below")
        context |= {"qr_code": qr_code(app.config_url, label), "secret": _in_fours(app.secret)}
    template = "admin/second_factor/enrol.html" if is_new else "admin/second_factor/enter.html"
    return TemplateResponse(request, template, context, status=status or (422 if form.is_bound else 200))


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Shown in the answer itself and kept nowhere: after a redirect they would have to wait in the session."""
    context = _frame(request, _("Recovery codes"))
    context |= {"codes": [f"{code[:5]} {code[5:]}" for code in codes], "next": _next(request)}
    return TemplateResponse(request, "admin/second_factor/codes.html", context)


def _own_page(request: HttpRequest, form: SecondFactorForm, status: int) -> HttpResponse:
    user = user_of(request)
    context = _frame(request, _("Second factor")) | {
        "form": form,
        "app": Authenticator.objects.filter(user=user).first(),
        "left": sum(paper.number_left for paper in RecoveryCodes.objects.filter(user=user)),
    }
    return TemplateResponse(request, "admin/second_factor/own.html", context, status=status)


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    """The admin's frame; before the second factor without anything that leads elsewhere."""
    is_inside = is_given(request)
    return {
        **(admin.site.each_context(request) if is_inside else {}),
        "title": title,
        "is_inside": is_inside,
        "is_nav_sidebar_enabled": False,
    }


def _wanted(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next", "")


def _next(request: HttpRequest) -> str:
    """Where they wanted to go, if that is a page of ours for staff; otherwise the admin's front page."""
    wanted = _wanted(request)
    if wanted.startswith("/admin/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        try:
            resolve(urlsplit(wanted).path)
        except (Resolver404, ValueError):
            return resolve_url("admin:index")
        return wanted
    return resolve_url("admin:index")


def _in_fours(text: str) -> str:
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
