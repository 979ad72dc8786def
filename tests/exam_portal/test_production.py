"""What goes out in production: headers on every kind of answer, cookies, check --deploy (docs/quality.md, 23, 24)."""

from collections.abc import Callable
from http.cookies import Morsel
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from candidates.views import front
from exam_portal import flash, health
from tests import factories
from tests.exam_portal.production import HOST, production_settings, run
from tests.second_factor import code_of, set_up

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "font-src": "'self'", "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'",
    "frame-ancestors": "'none'",
}  # fmt: skip
NO_PICTURE = SimpleUploadedFile("a.jpg", b"not a picture")
PICTURE = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}


@pytest.fixture
def production(settings, monkeypatch) -> Any:
    for name, value in production_settings().items():
        setattr(settings, name, tuple(value) if name == "SECURE_PROXY_SSL_HEADER" else value)
    monkeypatch.setattr(flash.FlashCookie, "cookie_name", settings.MESSAGE_COOKIE_NAME)
    return settings


def browser(user: Any = None, **more: Any) -> Client:
    """Behind the proxy that ends TLS."""
    client = Client(**{"HTTP_HOST": HOST, "HTTP_X_FORWARDED_PROTO": "https", "raise_request_exception": False} | more)
    if user is not None:
        client.force_login(user, backend="candidates.backends.AccountBackend")
    return client


def policy_of(answer: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";")]
    return {name: value for name, _space, value in parts if name}


def broken(*_arguments: Any, **_more: Any) -> Any:
    raise ValueError("a fault of ours")


def no_database(*_arguments: Any, **_more: Any) -> Any:
    raise OperationalError("gone")


def fails_at_home(monkeypatch: Any, fault: Callable[..., Any]) -> Any:
    monkeypatch.setattr(front, "open_sessions", fault)
    return browser().get("/")


def too_many(_monkeypatch: Any) -> Any:
    for _n in range(11):
        answer = browser().post("/login/", {"username": "TJ1", "password": "wrong"})
    return answer


def candidate_browser() -> Client:
    return browser(factories.make_candidate().user)


def picture(_monkeypatch: Any) -> Any:
    application = factories.submitted(factories.make_session(codes=("ID",)))
    photo = application.items.get().photos.first()
    return browser(application.candidate.user).get(f"/photos/{photo.pk}/")


ANSWERS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "a page": (200, lambda m: browser().get("/")),
    "the admin's door": (200, lambda m: browser().get("/admin/login/")),
    "a picture": (200, picture),
    "a static file": (200, lambda m: browser().get("/static/portal.svg")),
    "an unchanged static file": (
        304, lambda m: browser().get("/static/portal.svg", HTTP_IF_MODIFIED_SINCE="Fri, 01 Jan 2100 00:00:00 GMT"),
    ),
    "alive": (200, lambda m: browser().get("/healthz")),
    "to TLS": (301, lambda m: browser(HTTP_X_FORWARDED_PROTO="http").get("/")),
    "to a sign-in": (302, lambda m: browser().get("/materials/")),
    "to the second factor": (302, lambda m: browser(factories.administrator()).get("/admin/")),
    "after a POST": (303, lambda m: candidate_browser().post("/logout/")),
    "an address without its slash": (301, lambda m: browser().get("/login")),
    "an unknown host": (400, lambda m: browser(HTTP_HOST="evil.example").get("/")),
    "odd characters": (400, lambda m: browser().get("/login/?next=%00")),
    "no token": (403, lambda m: browser(enforce_csrf_checks=True).post("/login/", {"username": "a"})),
    "not found": (404, lambda m: browser().get("/nothing-here/")),
    "a wrong method": (405, lambda m: candidate_browser().get("/logout/")),
    "no length": (411, lambda m: browser(HTTP_TRANSFER_ENCODING="chunked").post("/login/")),
    "too long": (413, lambda m: browser().post("/login/", {"a": "x" * (1024 * 1024 + 1)})),
    "refused": (422, lambda m: candidate_browser().post("/materials/ID/", {"photo": NO_PICTURE})),
    "too many": (429, too_many),
    "a fault": (500, lambda m: fails_at_home(m, broken)),
    "no database": (503, lambda m: fails_at_home(m, no_database)),
    "not ready": (503, lambda m: m.setattr(health, "_ask_database", broken) or browser().get("/readyz")),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:A ValueError:RuntimeWarning")
@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_has_all_headers(production, monkeypatch, kind):
    status, visit = ANSWERS[kind]
    answer = visit(monkeypatch)
    answer.close()
    assert answer.status_code == status
    assert policy_of(answer) == (PICTURE if kind == "a picture" else POLICY)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    # A browser takes it over TLS only, and everything else leads there.
    expected = None if kind == "to TLS" else "max-age=31536000; includeSubDomains; preload"
    assert answer.headers.get("Strict-Transport-Security") == expected
    assert ("no-store" in answer.headers.get("Cache-Control", "")) is ("static file" not in kind)


@pytest.mark.django_db
def test_every_cookie_is_bound_to_this_host_and_to_tls(production):
    staff = factories.administrator()
    app = set_up(staff)
    client = browser()
    client.get("/admin/login/")
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    client.post("/admin/login/", {"username": staff.username, "password": factories.PASSWORD})
    client.post("/admin/second-factor/", {"code": code_of(app)})
    address = f"/admin/candidates/user/{factories.administrator().pk}/password/"
    answer = client.post(address, {"password1": "quite-new-2026", "password2": "quite-new-2026"})
    assert answer.status_code == 303

    names = {"__Host-session", "__Host-csrf", "__Host-language", "__Host-messages"}
    assert set(client.cookies) == names
    for cookie in client.cookies.values():
        assert_bound(cookie)


def assert_bound(cookie: "Morsel[str]") -> None:
    found = {name: cookie[name] for name in ("secure", "httponly", "samesite", "path", "domain")}
    assert found == {"secure": True, "httponly": True, "samesite": "Lax", "path": "/", "domain": ""}, cookie.key


@pytest.mark.django_db
def test_the_language_is_taken_from_its_cookie(production):
    client = browser()
    client.post("/i18n/setlang/", {"language": "en", "next": "/"})
    assert client.get("/")["Content-Language"] == "en"


def test_the_check_for_deployment_finds_nothing():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr
