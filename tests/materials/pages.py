"""How tests read the marks of docs/contract.md off a page."""

import re
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from tests import factories


@dataclass
class ItemMarks:
    locked: bool
    verdict: str
    photos: int
    min: int
    max: int
    uuids: list[str]


def items(answer: HttpResponse) -> dict[str, ItemMarks]:
    """The items of a page by their codes."""
    parts = re.split(r'data-item="', answer.content.decode())[1:]
    return {part.split('"', 1)[0]: _marks(part) for part in parts}


def _marks(part: str) -> ItemMarks:
    def mark(name: str) -> str:
        found = re.search(rf'data-{name}="([^"]*)"', part)
        assert found, name
        return found[1]

    return ItemMarks(
        locked=mark("locked") == "true",
        verdict=mark("verdict"),
        photos=int(mark("photos")),
        min=int(mark("min")),
        max=int(mark("max")),
        uuids=re.findall(r'data-photo="([^"]+)"', part),
    )


def errors(answer: HttpResponse) -> list[str]:
    return re.findall(r'data-error="([^"]+)"', answer.content.decode())


def status(answer: HttpResponse) -> str:
    found = re.search(r'<body[^>]*data-application-status="(\w+)"', answer.content.decode())
    assert found
    return found[1]


def file(data: bytes | None = None, name: str = "photo.jpg", seed: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, factories.picture(seed) if data is None else data, "image/jpeg")


def upload(client: Client, code: str, *files: SimpleUploadedFile) -> HttpResponse:
    return client.post(f"/materials/{code}/", {"photo": list(files)})
