"""Stores that fail, each in its way: what answers instead of an S3 store, and folders that take nothing."""

import os
import resource
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings

from cluster.seaweed import store_at
from drill.portal import free_ports
from materials import s3_storage
from materials.storage import DurableFileSystemStorage, PhotoStore

from .clamd import until_hung_up

Behaviour = Callable[[socket], object]
IS_ROOT = os.geteuid() == 0


@contextmanager
def answering(behave: Behaviour) -> Iterator[tuple[PhotoStore, list[object]]]:
    """An S3 store in whose place ``behave`` runs on every connection; and those connections, as they come."""
    connections: list[object] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connections.append(self.client_address)
            with suppress(OSError):
                behave(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield store_at(f"http://127.0.0.1:{server.server_address[1]}"), connections
        finally:
            server.shutdown()
            thread.join()


def says(status: str, body: bytes, *headers: str, length: int | None = None) -> Behaviour:
    """Takes a request and answers as told, whatever was asked; ``length``: what it says of the body's."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]

    def behave(connection: socket) -> None:
        connection.settimeout(0.2)
        with suppress(TimeoutError):
            while received := connection.recv(1 << 20):
                if b"100-continue" in received.lower():
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall("\r\n".join([*head, *headers, "", ""]).encode() + body)

    return behave


PAGE = b"<html><body><h1>Accept our terms</h1></body></html>"
ANSWERS: dict[str, Behaviour] = {
    "silent": until_hung_up,
    "hangs up": lambda connection: connection.recv(1),
    "no HTTP": lambda connection: connection.sendall(b"\x00\x01\x02 SSH-2.0-none\r\n\r\n"),
    "500": says("500 Internal Server Error", b"oops"),
    "503 XML": says("503 Slow Down", b"<Error><Code>SlowDown</Code></Error>"),
    "another's page": says("200 OK", PAGE, "Content-Type: text/html"),
    "another's 404": says("404 Not Found", PAGE, "Content-Type: text/html"),
    "cut off": says("200 OK", b"\xff\xd8half", 'ETag: "1"', length=100_000),
    "other bytes": says("200 OK", b"\xff\xd8other\xff\xd9", 'ETag: "1"'),
}
#: What these answer to a write looks like success, and only reading tells.
ONLY_READING = {"cut off", "other bytes"}


@contextmanager
def refused() -> Iterator[PhotoStore]:
    yield store_at(f"http://127.0.0.1:{free_ports(1)[0]}")


@contextmanager
def in_answer(name: str) -> Iterator[PhotoStore]:
    with answering(ANSWERS[name]) as (store, _connections):
        yield store


def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short time-outs, and the second try at once: the tests have a hundred of them to wait for."""
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda *_, **__: 0)
    monkeypatch.setattr(s3_storage, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(s3_storage, "READ_SECONDS", 0.3)


# --- folders ---------------------------------------------------------------------------------------------------------


@contextmanager
def mounted(options: str) -> Iterator[Path]:
    """A small file system of its own, which only root can have."""
    with TemporaryDirectory(prefix="portal-mount-") as folder:
        command = ["mount", "-t", "tmpfs", "-o", options, "portal-tests", folder]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no file system can be mounted here: faults of a disk are left out")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def full_disk() -> Iterator[PhotoStore]:
    """What has been stored is there, and for what comes there is no room: for its first bytes, not for its last."""
    if not IS_ROOT:
        nothing_free = patch("materials.storage.shutil.disk_usage", lambda _: SimpleNamespace(free=0))
        with _no_file_longer_than(1000), nothing_free:
            yield folder_at(settings.FILES_DIR / "photos")
        return
    with mounted("size=1m") as folder:
        shutil.copytree(settings.FILES_DIR / "photos", folder / "photos")
        filling = folder / "filling"
        filling.write_bytes(bytes(shutil.disk_usage(folder).free - 4096))
        yield folder_at(folder / "photos")


@contextmanager
def _no_file_longer_than(limit: int) -> Iterator[None]:
    """What an ordinary user can have of a full disk: writing fails where a file grows longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def unwritable() -> Iterator[PhotoStore]:
    if IS_ROOT:  # who may write everywhere but where nobody can
        with mounted("size=1m") as folder:
            shutil.copytree(settings.FILES_DIR / "photos", folder / "photos")
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
            yield folder_at(folder / "photos")
        return
    photos = Path(settings.FILES_DIR) / "photos"
    folders = [photos, *(folder for folder in photos.rglob("*") if folder.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        yield folder_at(photos)
    finally:
        for folder in folders:
            folder.chmod(0o700)


def folder_at(location: Path, **options: Any) -> DurableFileSystemStorage:
    return DurableFileSystemStorage(location=location, **options)
