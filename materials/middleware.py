"""How much a request may carry (docs/quality.md, section 1)."""

import io
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .metrics import UPLOADS

CHUNK = 64 * 1024
SMALL_FORM = 1024 * 1024
ROSTER = 50 * 1024 * 1024
UPLOAD_ADDRESS = re.compile(r"/materials/[^/]+/$")
# What a client still sends after it was refused is read and thrown away, or it would see a
# reset connection instead of the page; but not for ever.
DRAIN_TIMES = 5
DRAIN_SECONDS = 30.0


def body_limit(path: str) -> int:
    """The largest body, in bytes, that an address takes."""
    if UPLOAD_ADDRESS.match(path):
        return settings.BODY_MAX_BYTES
    return ROSTER if path.startswith("/admin/") else SMALL_FORM


class BodyLimitMiddleware:
    """Refuse a body that is too large with 413 and a page, before anything is made of it.

    A body without a length (``Transfer-Encoding: chunked``), which Django would take for an empty
    one, is counted while it arrives and then handed on with its length.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = body_limit(request.path_info)
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            refusal = _take_in_chunked(request, limit)
        else:
            refusal = _judge_length(request, limit)
        return refusal or self.get_response(request)


def _judge_length(request: HttpRequest, limit: int) -> HttpResponse | None:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0  # as Django takes it
    if length <= limit:
        return None
    _drain(request.META["wsgi.input"], min(length, DRAIN_TIMES * limit))
    return too_large(request.path_info)


def _take_in_chunked(request: HttpRequest, limit: int) -> HttpResponse | None:
    stream = request.META["wsgi.input"]
    if not request.META.get("wsgi.input_terminated"):
        # Nothing says where the body ends; reading on might wait for ever.
        return HttpResponse(status=411)
    body = io.BytesIO()
    while chunk := stream.read(CHUNK):
        if body.tell() + len(chunk) > limit:
            _drain(stream, DRAIN_TIMES * limit - body.tell())
            return too_large(request.path_info)
        body.write(chunk)
    request.META["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    request._stream = body
    return None


def _drain(stream: io.BufferedIOBase, most: int) -> None:
    """Read and forget up to ``most`` bytes."""
    until = time.monotonic() + DRAIN_SECONDS
    while most > 0 and time.monotonic() < until:
        try:
            chunk = stream.read(min(CHUNK, most))
        except OSError:
            return  # the client went away
        if not chunk:
            return
        most -= len(chunk)


def too_large(path: str) -> HttpResponse:
    """What is answered to a body that is over the limit of ``path``."""
    is_upload = bool(UPLOAD_ADDRESS.fullmatch(path))
    if is_upload:
        UPLOADS.labels("too_large").inc()
    context = {"megabytes": body_limit(path) // (1024 * 1024), "back": path if is_upload else ""}
    return HttpResponse(render_to_string("errors/413.html", context), status=413)
