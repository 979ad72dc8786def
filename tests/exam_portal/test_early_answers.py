"""Answers that are given before a view is reached: their headers, and pages where Django has none."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from exam_portal import errors
from tests import factories

HEADERS = ("X-Content-Type-Options", "Content-Security-Policy", "X-Frame-Options", "Referrer-Policy")
TOO_LONG = b"x" * (1024 * 1024 + 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "path", "more"),
    [
        (200, "/static/portal.svg", {}),
        (304, "/static/portal.svg", {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        (301, "/", {}),
        (400, "/", {"HTTP_HOST": "evil.example"}),
        (404, "/nothing-here/", {"secure": True}),
        (413, "/login/", {"secure": True, "REQUEST_METHOD": "POST", "data": TOO_LONG}),
    ],
)
def test_every_answer_has_the_headers(settings, status, path, more):
    settings.SECURE_SSL_REDIRECT = path == "/"
    answer = Client().generic(more.pop("REQUEST_METHOD", "GET"), path, **more)
    answer.close()
    assert answer.status_code == status
    assert [name for name in HEADERS if name not in answer.headers] == []
    assert ("no-store" in answer["Cache-Control"]) is not path.startswith("/static/")


def test_alive_whatever_the_host_and_nothing_else(client):
    assert client.get("/healthz", HTTP_HOST="10.0.0.7").json() == {"status": "alive"}
    assert client.get("/readyz", HTTP_HOST="10.0.0.7").status_code == 400
    assert client.get("/", HTTP_HOST="10.0.0.7").status_code == 400


def test_an_error_page_that_cannot_be_rendered_is_plain(monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(errors, "render_to_string", broken)
    page = errors.error_page(404)
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert 'href="/"' in page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "back"), [("/materials/EDU/reply/", "/materials/"), ("/logout/", "/")])
def test_a_wrong_method_gets_a_page_with_a_way_back(client, path, back):
    client.force_login(factories.make_candidate().user, backend="candidates.backends.AccountBackend")
    answer = client.get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'href="{back}"' in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/materials/EDU/reply/", "/materials/"),
        ("/logout/", "/materials/"),
        ("/nothing-here/", "/materials/"),
        ("/materials/EDU/", "/materials/EDU/"),
        ("/messages/?a=1", "/messages/?a=1"),
    ],
)
def test_signing_in_leads_to_a_page(client, wanted, goes_to):
    candidate = factories.make_candidate()
    typed = {"username": candidate.registration_number, "password": factories.PASSWORD, "next": wanted}
    assert client.post("/login/", typed).url == goes_to


FORM = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\n\\ud800\r\n--x--\r\n'
PART = b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename*=%b''a%%d8%%00\r\n\r\nx\r\n--x--\r\n"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot13", "hex", "unicode_escape", "utf-7", "utf-16", "undefined"])
def test_forms_in_odd_encodings_are_refused(client, charset):
    answer = client.generic("POST", "/login/", FORM, f"multipart/form-data; boundary=x; charset={charset}")
    assert answer.status_code == 400
    url_encoded = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/login/", b"username=a", url_encoded).status_code == 400
    odd_name = PART % charset.encode()
    assert client.generic("POST", "/login/", odd_name, "multipart/form-data; boundary=x").status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8"])
def test_utf8_by_its_names_is_taken(client, charset):
    url_encoded = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/login/", b"username=a&password=b", url_encoded).status_code == 422


@pytest.mark.django_db
def test_too_many_files_at_once_lead_back_to_the_upload_page(client):
    client.force_login(factories.make_candidate().user, backend="candidates.backends.AccountBackend")
    files = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]
    answer = client.post("/materials/ID/", {"photo": files})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'href="/materials/ID/"' in page
    assert "最多20个" in page
    assert "20 MB" in page
    upload_page = client.get("/materials/ID/").content.decode()
    assert 'id="at-once"' in upload_page
    assert "最多20个文件" in upload_page
