"""How much a request may carry (docs/quality.md, section 1, line 1)."""

import io

import pytest
from django.conf import settings
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from materials import middleware
from materials.models import Photo

from .pages import errors, file, items

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


class Stream(io.BytesIO):
    """A body that remembers how much was read of it."""

    def __init__(self, size: int) -> None:
        super().__init__(b"x" * size)

    @property
    def is_drained(self) -> bool:
        return self.tell() == len(self.getbuffer())


def send(client: Client, path: str, body: io.BytesIO, *, chunked: bool = False, length: int | None = None):
    size = len(body.getbuffer()) if length is None else length
    environ = {"wsgi.input": body, "CONTENT_LENGTH": str(size)}
    if chunked:
        environ = {"wsgi.input": body, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
        environ["wsgi.input_terminated"] = True
    return client.generic("POST", path, b"", CONTENT_TYPE=MULTIPART_CONTENT, **environ)


@pytest.mark.parametrize("chunked", [False, True])
def test_too_large_an_upload_is_refused_with_a_page_and_read_to_its_end(client, draft, chunked):
    body = Stream(settings.BODY_MAX_BYTES + 2 * MEGABYTE)
    answer = send(client, "/materials/ID/", body, chunked=chunked)
    assert (answer.status_code, errors(answer)) == (413, ["too_large"])
    assert "20 MB" in answer.content.decode()
    assert 'href="/materials/ID/"' in answer.content.decode()
    assert body.is_drained


def test_not_read_for_ever(client, draft, monkeypatch):
    monkeypatch.setattr(settings, "BODY_MAX_BYTES", MEGABYTE)
    body = Stream(8 * MEGABYTE)
    assert send(client, "/materials/ID/", body).status_code == 413
    assert body.tell() == middleware.DRAIN_TIMES * MEGABYTE


def test_needs_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert send(client, "/materials/ID/", Stream(settings.BODY_MAX_BYTES + 1)).status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_other_addresses_take_little(client, draft, chunked):
    answer = send(client, "/materials/ID/reply/", Stream(MEGABYTE + 1), chunked=chunked)
    assert answer.status_code == 413
    assert send(client, "/login/", Stream(MEGABYTE + 1), chunked=chunked).status_code == 413


def test_an_upload_without_a_length_is_taken_whole(client, draft):
    body = io.BytesIO(encode_multipart(BOUNDARY, {"photo": file()}))
    answer = send(client, "/materials/ID/", body, chunked=True)
    assert answer.status_code == 303
    assert items(client.get("/materials/"))["ID"].photos == 1
    assert Photo.objects.get().original_bytes == len(file().read())


def test_a_length_that_is_no_number_is_nothing(client, draft):
    answer = client.generic("POST", "/materials/ID/", b"", CONTENT_TYPE=MULTIPART_CONTENT, CONTENT_LENGTH="many")
    assert answer.status_code in (400, 422)


def test_a_body_whose_end_nobody_knows_is_not_read(client, draft):
    answer = client.generic(
        "POST", "/materials/ID/", b"", CONTENT_TYPE=MULTIPART_CONTENT, HTTP_TRANSFER_ENCODING="chunked"
    )
    assert answer.status_code == 411


def test_a_client_that_goes_away(client, draft):
    class Broken(Stream):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    answer = send(client, "/materials/ID/", Broken(0), length=settings.BODY_MAX_BYTES + 1)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/materials/ID/", settings.BODY_MAX_BYTES),
        ("/materials/submit/x/", middleware.SMALL_FORM),
        ("/admin/candidates/examsession/", middleware.ROSTER),
        ("/", middleware.SMALL_FORM),
    ],
)
def test_limits(path, limit):
    assert middleware.body_limit(path) == limit
