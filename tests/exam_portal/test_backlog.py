"""Uploads are turned away while too many requests wait (docs/capacity.md); nothing else ever is."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from prometheus_client import REGISTRY

from candidates.models import Event
from exam_portal import backlog
from materials.models import Photo
from tests import factories
from tests.materials.pages import errors, file

LINUX = pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="this system does not say how many wait")


@pytest.fixture
def crowd(monkeypatch):
    """One worker, and as many waiting as it is called with."""
    backlog.watch([], workers=1)
    yield lambda number: monkeypatch.setattr(backlog, "number_waiting", lambda: number)
    backlog.watch([], workers=0)


@pytest.fixture
def client(client, db):
    client.force_login(factories.draft().candidate.user, backend="candidates.backends.AccountBackend")
    return client


@LINUX
def test_who_waits_is_counted_until_a_worker_takes_them():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        backlog.watch([one, other], workers=1)
        waiting = [socket.create_connection(at.getsockname()) for at in (one, one, other)]
        assert backlog.number_waiting() == 3
        one.accept()[0].close()
        assert backlog.number_waiting() == 2
        for connection in waiting:
            connection.close()
    backlog.watch([], workers=0)


def test_where_the_system_does_not_say_nobody_is_turned_away(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        backlog.watch([listening], workers=1)
        assert backlog.number_waiting() == 0
    backlog.watch([], workers=0)


def test_an_upload_is_turned_away_before_anything_is_made_of_it(client, crowd, django_assert_num_queries):
    crowd(backlog.FOR_EACH_WORKER + 1)
    counted = {"outcome": "busy"}
    before = REGISTRY.get_sample_value("portal_uploads_total", counted) or 0
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    with django_assert_num_queries(0):
        answer = client.post("/materials/EDU/", {"photo": file()})
    assert (answer.status_code, errors(answer), answer["Retry-After"]) == (503, ["busy"], "20")
    assert "Very many people are uploading right now" in answer.content.decode()
    assert 'href="/materials/EDU/"' in answer.content.decode()
    assert REGISTRY.get_sample_value("portal_uploads_total", counted) == before + 1
    assert not Photo.objects.exists()
    assert not Event.objects.filter(action="photo_refused").exists()


def test_with_as_many_as_may_wait_it_is_taken(client, crowd):
    crowd(backlog.FOR_EACH_WORKER)
    assert client.post("/materials/EDU/", {"photo": file()}).status_code == 303


def test_pages_and_handing_in_never_are(client, crowd):
    crowd(10_000)
    for path in ("/materials/", "/materials/EDU/", "/materials/submit/"):
        assert client.get(path).status_code in (200, 302), path
    assert client.post("/materials/submit/").status_code != 503
    assert client.post("/materials/EDU/reply/", {"reply": "x"}).status_code != 503


@LINUX
def test_gunicorn_tells_its_workers_and_the_page_arrives_whole():
    """One worker is kept busy by somebody who says nothing; behind them an upload, and more than may wait."""
    body = b"x" * 3_000_000
    head = b"POST /materials/EDU/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = ["-m", "gunicorn", "-c", "python:exam_portal.gunicorn_conf", "exam_portal.wsgi"]
        command += [f"--bind=fd://{listening.fileno()}"]
        at = listening.getsockname()
        with subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "WEB_CONCURRENCY": "1"},
            cwd=settings.BASE_DIR,
            pass_fds=[listening.fileno()],
        ) as process:
            try:
                silent = socket.create_connection(at)
                upload = socket.create_connection(at, timeout=120)
                others = [socket.create_connection(at) for _ in range(backlog.FOR_EACH_WORKER + 1)]
                silent.close()
                upload.sendall(head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
                answer = b""
                while received := upload.recv(65536):
                    answer += received
                upload.close()
                for one in others:
                    one.close()
            finally:
                process.terminate()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 20" in answer
    assert b'data-error="busy"' in answer
    assert b"</html>" in answer
