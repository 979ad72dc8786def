"""账号激活: nothing else opens before it."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ..access import CandidateRequest, SeeOther, activation_page
from ..forms import ActivationForm
from ..notice import notice_for
from ..refusals import Refusal
from ..rules import CODE_LIFETIME, CODE_TRIES, mask_phone
from ..services import activation
from ..services.events import Actor

# The field that a refusal of the service is about.
FIELDS = {"consent": "consent", "notice": "consent", "activated": None}


@sensitive_post_parameters("code", "password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
@activation_page
def activate(request: CandidateRequest) -> HttpResponse:
    """Send a code, then code, password and consent; then straight on to the materials."""
    candidate = request.candidate
    if candidate.activated_at is not None:
        return redirect("materials")
    if request.method != "POST":
        return form_page(request, ActivationForm(candidate))
    form = ActivationForm(candidate, request.POST)
    if not form.is_valid():
        return form_page(request, form, status=422)
    given = form.cleaned_data
    try:
        activation.activate(
            Actor.of(request),
            candidate.pk,
            code=given["code"],
            password=given["password1"],
            consent=given["consent"],
            notice=given["notice"],
        )
    except Refusal as refusal:
        form.add_error(FIELDS.get(refusal.code, "code"), str(refusal))
        return form_page(request, form, status=refusal.status, refusal=refusal)
    # The session was for an account without a password; it goes on under a new key.
    candidate.user.refresh_from_db(fields=["password"])
    update_session_auth_hash(request, candidate.user)
    messages.success(request, _("Your account is activated. From now on sign in with your new password."))
    return SeeOther(resolve_url("materials"))


@require_POST
@activation_page
def send_code(request: CandidateRequest) -> HttpResponse:
    """Send a one-time code to the phone on the roster."""
    candidate = request.candidate
    try:
        activation.send_activation_code(Actor.of(request), candidate.pk, host=request.get_host())
    except Refusal as refusal:
        if refusal.code == "activated":
            return SeeOther(resolve_url("materials"))
        return form_page(request, ActivationForm(candidate), status=refusal.status, refusal=refusal)
    sent = _("A code was sent to %(phone)s. It is valid for 10 minutes.") % {"phone": mask_phone(candidate.phone)}
    messages.success(request, sent)
    return SeeOther(resolve_url("activate"))


def form_page(
    request: CandidateRequest, form: ActivationForm, status: int = 200, refusal: Refusal | None = None
) -> HttpResponse:
    candidate = request.candidate
    context = {
        "form": form,
        "refusal": refusal,
        "phone": mask_phone(candidate.phone),
        "contact": candidate.site.contact or candidate.session.contact,
        "minutes": int(CODE_LIFETIME.total_seconds()) // 60,
        "tries": CODE_TRIES,
        "notice": notice_for(candidate),
        "address": resolve_url("activate"),
    }
    return render(request, "candidates/activate.html", context, status=status)
