"""One name for all that a request leaves behind: lines of the log here and at the proxy, and what its page says.

The proxy's `X-Request-ID` where the proxy is a trusted one, otherwise made here. Of a stranger's nothing is believed.
"""

import re
from contextvars import ContextVar
from secrets import token_hex

from django.http import HttpRequest

#: The request that this thread answers; in a command there is none.
current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
_FIT = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{8,64}", re.ASCII)
#: What a person reads out of it on the phone; enough to find the line.
SHOWN = 8


def given(request: HttpRequest) -> str:
    """What `X-Request-ID` says, if it can be one: no digits alone, which could be a person's."""
    name = request.META.get("HTTP_X_REQUEST_ID", "")
    return name if _FIT.fullmatch(name) else ""


def made() -> str:
    return token_hex(16)


def of(request: HttpRequest | None) -> str:
    return str(request.META.get("request_id", "")) if request else ""


def view_of(request: HttpRequest | None) -> str:
    """The name of what answers, as in the code; empty as long as that is not known, and where nothing does."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name) if match else ""
