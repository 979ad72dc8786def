"""deploy/nginx.conf in a real nginx, before the portal as it answers in the tests."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings as portal_settings
from django.test import Client

from candidates.enums import Action
from candidates.models import Event
from cluster.nginx import front as front_of
from cluster.nginx import make_certificate
from cluster.places import DEPLOY
from drill.portal import free_ports
from tests import factories
from tests.nginx import nginx_with

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "localhost"


@dataclass
class Front:
    port: int
    plain_port: int
    log: Path

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=ssl._create_unverified_context())
        try:
            connection.request(method, path, body=body, headers={"Host": HOST, **headers})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def placed(portal: str, folder: str, port: int, plain_port: int) -> str:
    """The file as it is there but for its places."""
    return front_of([portal], Path(folder), HOST, port, plain_port, f"{DEPLOY}/nginx-photos-folder.conf")


@pytest.fixture
def front(live_server, settings) -> Iterator[Front]:
    settings.TRUSTED_PROXIES = portal_settings.TRUSTED_PROXIES
    with TemporaryDirectory(prefix="portal-front-") as folder:
        make_certificate(Path(folder), HOST)
        port, plain_port = free_ports(2)
        portal = live_server.url.removeprefix("http://")
        with nginx_with(placed(portal, folder, port, plain_port), f"http://127.0.0.1:{plain_port}"):
            yield Front(port, plain_port, Path(folder, "access"))


def test_plain_http_leads_to_tls(front):
    connection = HTTPConnection("127.0.0.1", front.plain_port, timeout=30)
    connection.request("GET", "/login/?next=/materials/", headers={"Host": HOST})
    answer = connection.getresponse()
    connection.close()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/login/?next=/materials/")


def test_a_page_says_what_the_portal_says(front):
    answer, body = front.ask("GET", "/login/", Cookie="language=en")
    assert answer.status == 200
    assert b"<form" in body
    assert answer.headers.get_all("Cache-Control") == ["private, no-store"]
    assert answer.headers.get_all("X-Frame-Options") == ["DENY"]
    assert "Content-Encoding" not in answer.headers


def test_who_asks_is_the_client_and_the_name_is_nginxs(front, settings):
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    answer, _body = front.ask("GET", "/healthz", **{"X-Request-ID": "my-own-name-of-it"})
    assert answer.headers["X-Request-ID"] != "my-own-name-of-it"
    assert answer.headers["X-Request-ID"] in front.log.read_text()

    form = f"username={factories.make_candidate().registration_number}&password=wrong"
    jar = Client().get("/login/").cookies
    token = jar["csrftoken"].value
    front.ask(
        "POST",
        "/login/",
        f"{form}&csrfmiddlewaretoken={token}",
        Cookie=f"csrftoken={token}",
        Referer=f"https://{HOST}/login/",
        **{"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "198.51.100.1"},
    )
    # Another proxy of ours would be believed; what a client wrote before it is passed over.
    assert Event.objects.get(action=Action.SIGN_IN_FAILED).ip_address == "198.51.100.1"


@pytest.mark.parametrize(
    ("path", "megabytes", "limit"),
    [("/materials/EDU/", 22, b"20 MB"), ("/login/", 22, b"1 MB"), ("/admin/sessions/X/roster/", 52, b"50 MB")],
)
def test_what_is_too_large_is_refused_unread_with_the_portals_page(front, monkeypatch, path, megabytes, limit):
    came: list[int] = []
    monkeypatch.setattr("materials.middleware._drain", lambda stream, most: came.append(most))
    answer, body = front.ask("POST", path, bytes(megabytes * 1024 * 1024), Cookie="language=en")
    assert answer.status == 413
    assert limit in body
    assert b'data-error="too_large"' in body
    assert (f'href="{path}"'.encode() in body) == path.startswith("/materials/")
    assert came == []


def test_what_is_not_comes_through_whole(front, monkeypatch):
    came: list[int] = []
    monkeypatch.setattr("materials.middleware.body_limit", lambda path: 1000)
    monkeypatch.setattr("materials.middleware._drain", lambda stream, most: came.append(len(stream.read(most * 9999))))
    answer, _body = front.ask("POST", "/materials/EDU/", bytes(20 * 1024 * 1024))
    assert answer.status == 413
    assert came == [20 * 1024 * 1024]


def test_metrics_are_nothing_from_outside(front):
    answer, body = front.ask("GET", "/metrics", Authorization=f"Bearer {portal_settings.METRICS_TOKEN}")
    assert answer.status == 404
    assert b"portal_" not in body


def test_static_files_come_and_are_kept(front):
    answer, body = front.ask("GET", "/static/portal/base.css")
    assert answer.status == 200
    assert body == (Path(portal_settings.BASE_DIR) / "static/portal/base.css").read_bytes()


def test_the_log_says_neither_query_nor_cookie(front):
    front.ask("GET", "/login/?next=/secret/", Cookie="sessionid=secret")
    until = time.monotonic() + 10  # it is written when the answer is out
    while "/login/" not in front.log.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    [line] = [line for line in front.log.read_text().splitlines() if "/login/" in line]
    assert "secret" not in line
    assert '"/login/" 200' in line


def test_a_portal_that_is_away_is_a_calm_page():
    with TemporaryDirectory(prefix="portal-front-") as folder:
        make_certificate(Path(folder), HOST)
        port, plain_port, nobody = free_ports(3)
        text = placed(f"127.0.0.1:{nobody}", folder, port, plain_port)
        with nginx_with(text, f"http://127.0.0.1:{plain_port}"):
            answer, body = Front(port, plain_port, Path(folder, "access")).ask("GET", "/materials/")
    assert (answer.status, answer.headers["Retry-After"]) == (502, "30")
    assert "请一分钟后重试" in body.decode()
