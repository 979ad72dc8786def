"""A body over 20 MB over a real socket (docs/quality.md, section 1, line 1): the page, whatever the headers say."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path

import pytest
from django.conf import settings

from tests import factories

from .pages import file, upload

BLOCK = bytes(64 * 1024)
OVER = settings.BODY_MAX_BYTES // len(BLOCK) + 20  # blocks
HEAD = b"POST /materials/ID/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[socket.socket, Path]]:
    """The portal as it is served, with a folder of its own for temporary files."""
    folder = tmp_path_factory.mktemp("temporary")
    listening = socket.create_server(("127.0.0.1", 0))
    command = ["-m", "gunicorn", "exam_portal.wsgi", f"--bind=fd://{listening.fileno()}", "--no-control-socket"]
    command += ["--log-level=warning", f"--worker-tmp-dir={tmp_path_factory.mktemp('heartbeat')}"]
    with (
        listening,
        subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "TMPDIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"},
            cwd=settings.BASE_DIR,
            pass_fds=[listening.fileno()],
        ) as process,
    ):
        try:
            yield listening, folder
        finally:
            process.terminate()


def send(server: tuple[socket.socket, Path], headers: bytes, first: bytes, rest: Iterable[bytes] = ()) -> bytes:
    """What comes back after all was sent; a reset connection fails the test."""
    with socket.create_connection(server[0].getsockname(), timeout=120) as connection:
        connection.sendall(HEAD + headers + b"Connection: close\r\n\r\n" + first)
        for part in rest:
            connection.sendall(part)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    return answer


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n"
    yield b"0\r\n\r\n"


def left_behind(folder: Path) -> list[str]:
    """Temporary files; the folder that the settings of the tests make for each process holds none."""
    return [str(path) for path in folder.rglob("*") if path.is_file()]


LENGTH = b"Content-Length: %d\r\n" % (OVER * len(BLOCK))
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(LENGTH, lambda: repeat(BLOCK, OVER), id="an honest length"),
        pytest.param(CHUNKED, lambda: chunks(OVER), id="no length"),
    ],
)
def test_too_large_is_a_page_and_leaves_nothing(server, headers, body):
    answer = send(server, headers, b"", body())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'data-error="too_large"' in answer
    assert left_behind(server[1]) == []


def test_what_follows_too_small_a_length_is_neither_body_nor_another_request(server):
    answer = send(server, b"Content-Length: 100\r\n", bytes(100) + HEAD + LENGTH + b"\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"HTTP/1.1 413 " not in answer


def test_a_length_beside_chunks_is_refused_before_any_body(server):
    assert send(server, b"Content-Length: 100\r\n" + CHUNKED, b"").startswith(b"HTTP/1.1 400 ")


@pytest.mark.django_db
def test_an_upload_within_the_limit_needs_no_temporary_file(client, draft, monkeypatch):
    """No second copy of an identity document on a disk: beside the store there is nowhere to write."""
    noise = factories.picture(5, size=(2400, 1800), quality=100)
    assert len(noise) > 1024 * 1024
    assert upload(client, "EDU", file(seed=1)).status_code == 303
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert upload(client, "EDU", file(noise)).status_code == 303
