"""Asks a virus scanner about an upload, in ClamAV's protocol (clamd(8), "COMMANDS").

Fails closed: where a scanner is configured (``settings.SCANNER``), only its plain word that the upload is
clean lets it pass. Whatever else happens is a refusal.
"""

import logging
import re
import socket
import struct
import time
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from candidates.refusals import Refusal

logger = logging.getLogger(__name__)

#: (host, port), or the path of a Unix socket.
Address = tuple[str, int] | str

CONNECT_SECONDS = 2.0
#: For everything, on the clock: a scanner that sends or takes a byte a second must not hold the worker.
SCAN_SECONDS = 10.0
PING_SECONDS = 3.0
MOST_REPLY_BYTES = 4096
CHUNK_BYTES = 256 * 1024


class ScannerError(Exception):
    """The scanner did not answer as it should. Its text goes into the log and repeats nothing of the upload."""


def refuse_unless_clean(data: bytes) -> None:
    """Return if no scanner is configured or it calls ``data``, the raw bytes of an upload, clean.

    Takes at most SCAN_SECONDS, and before that what the system needs to look the scanner's name up. Raises
    Refusal "infected", or "scanner" when there was no clear answer.
    """
    address = settings.SCANNER
    if address is None:
        return
    try:
        found = _scan(address, data)
    except (OSError, ScannerError) as error:
        logger.error("an upload was refused because the scanner gave no verdict: %s: %s", type(error).__name__, error)
        raise Refusal(
            "scanner",
            _(
                "We could not check the picture for viruses: the fault is ours, not yours. "
                "What you uploaded before is safe. Try again in a few minutes."
            ),
            status=503,
        ) from error
    if found is not None:
        logger.warning("the scanner found %s in an upload", found)
        raise Refusal(
            "infected",
            _(
                "The virus scanner found something harmful in this file; it was not stored. "
                "Take the picture anew with the phone's camera and upload that, not a file from a chat or the web."
            ),
            status=422,
        )


def ping(address: Address) -> None:
    """Ask the scanner whether it is there. Raises OSError or ScannerError when it is not."""
    reply = _ask(address, [b"zPING\0"], PING_SECONDS)
    if reply != b"PONG\0":
        raise _misunderstood(reply)


def _scan(address: Address, data: bytes) -> str | None:
    """The name of what the scanner found, or None where it says that there is nothing."""
    reply = _ask(address, _stream(data), SCAN_SECONDS)
    if reply == b"stream: OK\0":
        return None
    found = re.fullmatch(rb"stream: ([ -~]+) FOUND\0", reply)
    if found is None:
        raise _misunderstood(reply)
    return found[1].decode()


def _stream(data: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    for at in range(0, len(data), CHUNK_BYTES):
        chunk = data[at : at + CHUNK_BYTES]
        yield struct.pack(">L", len(chunk)) + chunk
    yield struct.pack(">L", 0)


def _misunderstood(reply: bytes) -> ScannerError:
    # clamd's own complaint is for the operator; anything else might be the upload sent back.
    complaint = re.fullmatch(rb"([ -~]{1,200}) ERROR\0", reply)
    return ScannerError(complaint[1].decode() if complaint else f"a reply of {len(reply)} bytes that means nothing")


def _ask(address: Address, request: Iterable[bytes], seconds: float) -> bytes:
    """Send a command and return the reply to the whole of it, the closing NUL included."""
    deadline = time.monotonic() + seconds
    with _connected(address) as connection:
        try:
            for part in request:
                connection.settimeout(_left(deadline))  # for all of the part
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError) as error:
            # clamd hangs up on a stream over its limit, and says so. No other word counts now.
            raise _misunderstood(_reply(connection, deadline)) from error
        return _reply(connection, deadline)


def _reply(connection: socket.socket, deadline: float) -> bytes:
    reply = b""
    while not reply.endswith(b"\0"):
        connection.settimeout(_left(deadline))
        received = connection.recv(MOST_REPLY_BYTES)
        if not received:
            raise ScannerError("it hung up")
        reply += received
        if len(reply) > MOST_REPLY_BYTES:
            raise ScannerError("its reply has no end")
    return reply


def _connected(address: Address) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, timeout=CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _left(deadline: float) -> float:
    """Seconds until the deadline; raises TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
