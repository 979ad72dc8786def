"""How many requests wait for a worker, and uploads that are turned away while they are too many.

A worker does one thing at a time; who comes meanwhile waits in the kernel, first come, first served, and nobody knows
it. Left to itself that line grows until everybody in it, for a page too, waits nearly as long as a browser does. So an
upload, which costs as much as many pages, is told to come back later while more than so many wait behind it; pages and
everything else are never turned away (docs/capacity.md).
"""

import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.urls import resolve

from materials.metrics import UPLOADS
from materials.middleware import UPLOAD_ADDRESS

#: Requests that may wait for each worker before uploads are turned away: a few seconds' worth of uploads.
FOR_EACH_WORKER = 10
#: After how many seconds to come back; the upload page's script waits longer each time (static/upload/queue.js).
RETRY_AFTER = 20
# In Linux's tcp_info, the fifth number behind eight bytes is of a listening socket the connections nobody has accepted.
_TCP_INFO = struct.Struct("=8B5I")

_listening: list[socket.socket] = []
_most = 0


def watch(listening: Iterable[socket.socket], workers: int) -> None:
    """From gunicorn: where its workers, so many of them, take requests from."""
    global _most
    _listening[:] = listening
    _most = FOR_EACH_WORKER * workers


def number_waiting() -> int:
    """Requests that no worker has taken yet; 0 where the system does not say: without gunicorn, on other systems than
    Linux, of a Unix socket.
    """
    if not hasattr(socket, "TCP_INFO"):
        return 0
    return sum(map(_waiting_at, _listening))


def _waiting_at(one: socket.socket) -> int:
    try:
        said = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
    except OSError:
        return 0
    return int(_TCP_INFO.unpack(said)[-1])


class BusyMiddleware:
    """Before anything is made of the upload, so that turning it away costs a hundredth of taking it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_upload(request) or number_waiting() <= _most:
            return self.get_response(request)
        with suppress(UnreadablePostError):  # whoever sent it has gone
            while request.read(64 * 1024):  # unread, the connection would be reset and the page lost
                pass
        UPLOADS.labels("busy").inc()
        page = render_to_string("errors/503.html", {"error": "busy", "back": request.path_info})
        return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER)})


def _is_upload(request: HttpRequest) -> bool:
    """Handing in has an address of the same form, and is never turned away."""
    is_like_one = request.method == "POST" and UPLOAD_ADDRESS.fullmatch(request.path_info)
    return bool(is_like_one) and resolve(request.path_info).url_name == "category"
