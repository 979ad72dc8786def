"""What holds for every request: headers, its language, no caching by others, and text that a database can hold."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.middleware.security import SecurityMiddleware
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

from exam_portal import health, metrics, request_id
from exam_portal.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIDMiddleware:
    """Before all others, so that what they log and answer has it too; and before ClientAddressMiddleware, which puts
    the client in the place of whoever connects.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        is_believed = bool(settings.TRUSTED_PROXIES) and (not peer or _is_trusted(peer))
        request.META["request_id"] = (is_believed and request_id.given(request)) or request_id.made()
        token = request_id.current.set(request)
        try:
            response = self.get_response(request)
        finally:
            request_id.current.reset(token)
        response.headers["X-Request-ID"] = request_id.of(request)
        return response


class LanguageMiddleware:
    """The language that was chosen with the switch, otherwise the installation's.

    Not the browser's: many phones here are set to English by chance, and a page that a neighbour
    sees in Chinese must not come in English for no visible reason.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response


class StaffTimeMiddleware:
    """On the pages of staff, times are those of their region. Administrators have none: the installation's.

    Pages about one session go by that session's region (review/views/staff/), as candidates' pages do.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        region = getattr(request.user, "region", None)
        with timezone.override(ZoneInfo(region.time_zone) if region else None):
            return self.get_response(request)


class ClientAddressMiddleware:
    """Behind proxies that the operator named, let REMOTE_ADDR be the client's address: throttles and events go by it.

    Every proxy adds whom it was asked by at the end of X-Forwarded-For. Only what trusted ones added is believed;
    before that, a client may have written anything.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.TRUSTED_PROXIES:
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = _client_address(request.META.get("REMOTE_ADDR", ""), forwarded)
        return self.get_response(request)


def _client_address(peer: str, forwarded: str) -> str:
    """The last address that is no trusted proxy's. A peer without one came through a socket of this machine."""
    address = peer
    for before in reversed(forwarded.split(",")):
        if (address and not _is_trusted(address)) or not _parsed(before):
            break
        address = before.strip()
    return address


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


class PrivatePagesMiddleware:
    """No shared cache, and no browser's on a shared computer, keeps what the portal answers.

    Static files are the same for everybody and keep what WhiteNoise says of them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, WhiteNoiseFileResponse):
            response.headers["Cache-Control"] = "private, no-store"
        return response


class SecurityHeadersMiddleware(SecurityMiddleware):
    """Django's headers without its redirect, which asks for the host: the page for a wrong host has them too."""

    def process_request(self, request: HttpRequest) -> None:
        return None


class MachinesMiddleware:
    """Answer ``/healthz`` and ``/metrics`` whatever host was asked for, and without TLS: machines beside this one ask
    each process by its address, not by the portal's name.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz" and request.method in ("GET", "HEAD"):
            return health.alive(request)
        if request.path_info == "/metrics" and "HTTP_AUTHORIZATION" in request.META:
            with suppress(Http404):  # its page is for whoever asked for a host of ours
                return metrics.metrics(request)
        return self.get_response(request)


class WrongMethodMiddleware:
    """A page with a way on where Django answers a wrong method (405) with nothing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        doors = [door for door in ("/materials/", "/admin/") if request.path_info.startswith(door)]
        page = error_page(405, back=doors[0] if doors else "/")
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


class PlainTextMiddleware:
    """Refuse what no browser sends and no database holds, in addresses, forms and cookies.

    NUL, which PostgreSQL cannot hold; halves of characters (surrogates), which nothing can encode; and
    forms in other encodings than UTF-8: Python knows some that are no text, or that make such halves.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_utf8(request):
            return error_page(400)
        try:
            is_plain = not any(NOT_TEXT.search(text) for text in _texts(request))
        except (UnreadablePostError, LookupError, ValueError):
            # The connection broke while the form was on its way, or a part of it names an odd encoding.
            is_plain = False
        return self.get_response(request) if is_plain else error_page(400)


NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def _is_utf8(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    return charset.strip().lower() in ("utf-8", "utf8")


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path
    yield from request.COOKIES.values()
    for form in (request.GET, request.POST):
        for name, values in form.lists():
            yield name
            yield from values
    for name, files in request.FILES.lists():
        yield name
        yield from (file.name or "" for file in files)
