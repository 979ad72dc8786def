"""A scanner for the tests: speaks clamd's side of the protocol as far as told, on 127.0.0.1; and what it finds."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import socket

from tests import factories, pictures

Behaviour = Callable[[socket], object]
# The industry's harmless test string, in two parts so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def carrying_eicar() -> bytes:
    """A picture that every viewer shows, with the test string in a comment."""
    return pictures.with_segments(factories.picture(7), pictures.segment(0xFE, EICAR))


@contextmanager
def scanner_that(behave: Behaviour) -> Iterator[tuple[str, int]]:
    """Run ``behave`` on every connection, one after the other, and hang up after it; yields the address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                behave(self.request)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address
        finally:
            server.shutdown()
            thread.join()


def read_stream(connection: socket) -> bytes:
    """The body of one INSTREAM command."""
    assert exactly(connection, 10) == b"zINSTREAM\0"
    body = b""
    while length := int.from_bytes(exactly(connection, 4), "big"):
        body += exactly(connection, length)
    return body


def exactly(connection: socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        received = connection.recv(count - len(data))
        if not received:
            raise ConnectionResetError
        data += received
    return data


def until_hung_up(connection: socket) -> None:
    while connection.recv(65536):
        pass


def says(reply: bytes) -> Behaviour:
    """Takes the whole stream, then answers."""

    def behave(connection: socket) -> None:
        read_stream(connection)
        connection.sendall(reply)

    return behave
