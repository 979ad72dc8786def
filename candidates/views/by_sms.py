"""Without the password: signing in with a code by SMS, or setting a new password with one.

First the registration number, then the code. What was asked for stays in the browser's session, because a code
opens nothing in another browser (candidates/services/door_codes.py).
"""

from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ..access import SeeOther
from ..enums import CodePurpose
from ..forms import CodeForm, NumberForm, ResetForm
from ..models import Candidate, OneTimeCode, User
from ..refusals import Refusal
from ..rules import CODE_LIFETIME, CODE_TRIES
from ..services import door_codes
from ..services.events import Actor
from .signing import let_in, next_address

SESSION_KEY = "codes"
ASK = {CodePurpose.SIGN_IN: "sms_sign_in", CodePurpose.RESET: "password_forgotten"}
TYPE = {CodePurpose.SIGN_IN: "sms_sign_in_code", CodePurpose.RESET: "password_forgotten_code"}
# The field that a refusal of the service is about; otherwise the code.
FIELDS = {"password": "password1", "inactive": None}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, purpose: CodePurpose) -> HttpResponse:
    """POST ``username``: a code is on its way, if that is an activated candidate's; the answer is the same if not."""
    if request.method != "POST":
        if isinstance(request.user, User):
            return redirect("admin:index" if request.user.is_staff else "registration")
        return _ask_page(request, purpose, NumberForm())
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _ask_page(request, purpose, form, status=422)
    number = form.cleaned_data["username"]
    begun = monotonic()
    try:
        code = door_codes.ask_for_code(
            Actor(None, Actor.of(request).ip_address), number, purpose, host=request.get_host()
        )
    except Refusal as refusal:
        pending = _pending(request, purpose)
        if pending is not None and pending.typed_number == number:
            # Asked for once more on the page that takes the code: there the one before may still be typed.
            return _type_page(request, purpose, _code_form(purpose, pending), pending, refusal=refusal)
        return _ask_page(request, purpose, form, status=refusal.status, refusal=refusal)
    sleep(max(0.0, settings.SMS_ANSWER_SECONDS - (monotonic() - begun)))
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), purpose.value: code.pk}
    query = urlencode({"next": wanted}) if (wanted := request.POST.get("next", "")) else ""
    return SeeOther(f"{resolve_url(TYPE[purpose])}{'?' if query else ''}{query}")


@login_not_required
@sensitive_post_parameters("code", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, purpose: CodePurpose) -> HttpResponse:
    """POST ``code``, and to set a new password ``password1`` and ``password2``; then signed in."""
    pending = _pending(request, purpose)
    if request.method != "POST":
        if pending is None:
            return redirect(ASK[purpose])
        return _type_page(request, purpose, _code_form(purpose, pending), pending)
    if pending is None:
        refusal = Refusal("code_missing", _("Ask for a code first; it comes by SMS to your phone."), status=422)
        return _ask_page(request, purpose, NumberForm(), status=422, refusal=refusal)
    form = _code_form(purpose, pending, request.POST)
    if not form.is_valid():
        return _type_page(request, purpose, form, pending, status=422)
    try:
        user = _open(request, purpose, pending, form.cleaned_data)
    except Refusal as refusal:
        form.add_error(FIELDS.get(refusal.code, "code"), str(refusal))
        return _type_page(request, purpose, form, pending, status=refusal.status, refusal=refusal)
    del request.session[SESSION_KEY]
    let_in(request, user, "code" if purpose == CodePurpose.SIGN_IN else "reset")
    if purpose == CodePurpose.RESET:
        messages.success(request, _("Your new password is set, and you are signed in. Everywhere else you are not."))
    return SeeOther(next_address(request, Candidate.objects.get(user=user)))


def _open(request: HttpRequest, purpose: CodePurpose, pending: OneTimeCode, given: dict[str, Any]) -> User:
    if purpose == CodePurpose.SIGN_IN:
        return door_codes.use_sign_in_code(Actor.of(request), pending.pk, given["code"])
    return door_codes.reset_password(Actor.of(request), pending.pk, given["code"], given["password1"])


def _code_form(purpose: CodePurpose, pending: OneTimeCode, data: Any = None) -> CodeForm:
    return CodeForm(data) if purpose == CodePurpose.SIGN_IN else ResetForm(pending.typed_number, data)


def _pending(request: HttpRequest, purpose: CodePurpose) -> OneTimeCode | None:
    code_id = request.session.get(SESSION_KEY, {}).get(purpose.value)
    return door_codes.pending_code(code_id, purpose) if code_id else None


def _ask_page(
    request: HttpRequest, purpose: CodePurpose, form: NumberForm, status: int = 200, refusal: Refusal | None = None
) -> HttpResponse:
    context = _context(request, purpose) | {"form": form, "refusal": refusal}
    return render(request, "candidates/ask_for_code.html", context, status=status)


def _type_page(
    request: HttpRequest,
    purpose: CodePurpose,
    form: CodeForm,
    pending: OneTimeCode,
    status: int = 200,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = _context(request, purpose) | {
        "form": form,
        "refusal": refusal,
        "number": pending.typed_number,
        "minutes": int(CODE_LIFETIME.total_seconds()) // 60,
        "tries": CODE_TRIES,
        "address": resolve_url(TYPE[purpose]),
    }
    status = refusal.status if refusal else status
    return render(request, "candidates/type_code.html", context, status=status)


def _context(request: HttpRequest, purpose: CodePurpose) -> dict[str, Any]:
    return {
        "is_reset": purpose == CodePurpose.RESET,
        "ask": resolve_url(ASK[purpose]),
        "type": resolve_url(TYPE[purpose]),
        "address": resolve_url(ASK[purpose]),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
