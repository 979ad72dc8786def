"""A file's name and declared type decide nothing and go nowhere (docs/quality.md, section 1, lines 5 and 12)."""

import logging
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from materials.models import Photo
from materials.storage import DurableFileSystemStorage
from tests import factories, pictures

from .pages import errors, file, upload

pytestmark = pytest.mark.django_db
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
PAGE = pictures.document(60, 80)
STRANGERS = {
    "GIF": pictures.encoded(PAGE, "GIF"),
    "WebP": pictures.encoded(PAGE, "WEBP"),
    "TIFF": pictures.encoded(PAGE, "TIFF"),
    "BMP": pictures.encoded(PAGE, "BMP"),
    "PDF": pictures.encoded(PAGE, "PDF"),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
}
NAMES = ["a.jpg", "a.JpG", "a.svg.jpg", "a.jpg.svg", "a.jpg\0.svg", "a.svg\0.jpg", "a.jpg.", "a.jpg ", ".jpg", "jpg"]
HOSTILE = [
    "../../../../etc/passwd.jpg",
    "..\\..\\windows\\system32\\evil.jpg",
    "/etc/cron.d/evil.jpg",
    "evil\r\nSet-Cookie: evil=1\r\n\r\n.jpg",
    "evil\n2026-01-01 00:00:00 CRITICAL forged line.jpg",
    "\x1b[31mevil\x1b[0m.jpg",
    "\u202egpj.evil",
    "<img src=x onerror=evil()>.jpg",
    "{{ evil }}{% evil %}.jpg",
    "evil'; DROP TABLE x; --.jpg",
    "evil" * 200 + ".jpg",
    "evil张三的身份证.jpg",
]


@pytest.mark.parametrize("found", STRANGERS)
def test_other_formats_are_refused_under_any_name_and_named(client, draft, found):
    for name in NAMES:
        answer = upload(client, "ID", file(STRANGERS[found], name))
        assert (answer.status_code, errors(answer)) == (422, ["format"]), name
        assert found in answer.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("scan.gif", "image/gif"),
        ("scan.php", "application/x-php"),
        ("scan", ""),
        ("扫描件.pdf", "application/pdf"),
        ("scan.jpg.html", "text/html; charset=utf-7"),
    ],
)
def test_a_jpeg_is_taken_under_any_name_and_type(client, draft, name, declared):
    picture = SimpleUploadedFile(name, factories.picture(1), declared)
    assert upload(client, "ID", picture).status_code == 303
    assert Photo.objects.get().format == "jpeg"


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_is_in_no_path_header_or_log(client, draft, name, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    answers = [send(client, factories.picture(1), name), send(client, b"GIF89a", name)]
    photo = Photo.objects.get()
    answers += [client.get(f"/photos/{photo.pk}/"), client.get(f"/photos/{photo.pk}/thumb/"), client.get("/materials/")]
    monkeypatch.setattr(DurableFileSystemStorage, "_save", out_of_order)
    answers.append(send(client, factories.picture(2), name))

    assert [answer.status_code for answer in answers] == [303, 422, 200, 200, 200, 503]
    stored = [path.relative_to(settings.FILES_DIR) for path in files_stored()]
    assert len(stored) == 2
    for path in stored:
        assert re.fullmatch(rf"photos/[0-9a-f]{{2}}/{UUID}/{UUID}(-thumb)?\.jpg", str(path)), path
    headers = "".join(f"{header}: {value}\n" for answer in answers for header, value in answer.headers.items())
    for text in (headers, caplog.text, "".join(answer.cookies.output() for answer in answers)):
        assert "evil" not in text
        assert quote("张三") not in text
        assert "张三" not in text
    assert not Photo.objects.filter(file__contains="evil").exists()


def send(client: Client, data: bytes, name: str) -> HttpResponse:
    """With the name written as RFC 5987 has it, in which no character is lost on the way."""
    head = f"--x\r\nContent-Disposition: form-data; name=\"photo\"; filename*=UTF-8''{quote(name, safe='')}\r\n\r\n"
    body = head.encode() + data + b"\r\n--x--\r\n"
    return client.post("/materials/ID/", body, content_type="multipart/form-data; boundary=x")


def out_of_order(*args: object) -> None:
    raise OSError("disk full")


def files_stored() -> list[Path]:
    return [path for path in (settings.FILES_DIR / "photos").rglob("*") if path.is_file()]


def test_a_name_is_shown_inert_and_short(client, draft):
    name = "<script>evil()</script>" + "x" * 200 + ".pdf"
    page = upload(client, "ID", file(b"%PDF-1.4", name)).content.decode()
    # Django keeps what follows the last slash of a name; what is left must be text.
    assert "<script>evil" not in page
    assert "script&gt;" in page
    assert "x" * 100 not in page


def test_names_cannot_be_guessed_from_one_another(client, draft):
    upload(client, "EDU", file(seed=1), file(seed=2))
    names = {Path(photo.file.name).stem for photo in Photo.objects.all()}
    assert names == {str(photo.pk) for photo in Photo.objects.all()}
    assert {photo.pk.version for photo in Photo.objects.all()} == {4}
