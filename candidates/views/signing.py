"""The candidates' door, in and out."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ..access import SeeOther, candidate_of
from ..forms import SignInForm
from ..models import Candidate, User
from ..receivers import HOW
from ..services.accounts import choose_language
from ..services.events import Actor

# Where a candidate may be led after signing in; the other addresses take what a button sends, or are no pages.
PAGES = {
    "home", "registration", "materials", "category", "submit", "receipt", "messages", "result", "timeline", "password",
}  # fmt: skip


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Staff who give their right password are shown their own door and are not signed in here."""
    if request.method != "POST":
        if isinstance(request.user, User):
            return redirect("admin:index" if request.user.is_staff else "registration")
        return _page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    user = authenticate(request, **form.cleaned_data)
    if not isinstance(user, User):
        form.add_error(None, _("Registration number and password do not match. Check both and try again."))
        return _page(request, form, status=422)
    candidate = candidate_of(user)
    if candidate is None:
        return SeeOther(resolve_url("admin:login"))
    let_in(request, user, "password" if candidate.activated_at else "id_number")
    return SeeOther(next_address(request, candidate))


def let_in(request: HttpRequest, user: User, how: str) -> None:
    """Begin the account's session, under a new key; ``how`` is for the event.

    The switch pressed before signing in was nobody's yet: messages come in the language of the pages.
    """
    vars(user)[HOW] = how
    login(request, user, backend="candidates.backends.AccountBackend")
    choose_language(Actor.of(request), get_language() or settings.LANGUAGE_CODE)


def next_address(request: HttpRequest, candidate: Candidate) -> str:
    """Where they wanted to go, if that is a page of ours; first of all to activation.

    Somebody whose session ended before they pressed a button wanted to go where only a button leads:
    they come to their materials.
    """
    if candidate.activated_at is None:
        return resolve_url("activate")
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted if _is_page(wanted) else resolve_url("materials")
    return resolve_url("registration")


def _is_page(address: str) -> bool:
    try:
        return resolve(urlsplit(address).path).url_name in PAGES
    except (Resolver404, ValueError):
        return False


def _page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return render(request, "candidates/login.html", {"form": form, "next": wanted}, status=status)


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return SeeOther(resolve_url("home"))
