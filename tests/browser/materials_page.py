"""The materials page as a candidate has it open."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from candidates.models import Candidate
from materials.models import Photo

from .uploading import sign_in


@pytest.fixture
def open_materials(open_page: Callable[..., Page], live_server: Any) -> Callable[..., Page]:
    """Opens the page, signed in; in English unless asked otherwise."""

    def open_one(candidate: Candidate, address: str = "/materials/", **options: Any) -> Page:
        page = open_page(**({"language": "en"} | options))
        sign_in(page.context, candidate, live_server.url)
        page.goto(address)
        # So that a test can tell whether it was loaded anew.
        page.evaluate("window.isTheSame = true")
        return page

    return open_one


def item(page: Page, code: str) -> Locator:
    return page.locator(f"[data-item='{code}']")


def minus(page: Page, photo: Photo) -> Locator:
    return page.locator(f"[data-photo='{photo.pk}'] form[action$='/delete/'] button")


def is_the_same(page: Page) -> bool:
    return bool(page.evaluate("window.isTheSame"))


def order_of(code: str) -> list[str]:
    live = Photo.objects.filter(item__category__code=code, superseded_at=None).order_by("position")
    return [str(pk) for pk in live.values_list("pk", flat=True)]


def check(page: Page) -> None:
    """What holds for every page: nothing that axe finds, no scrolling sideways, nothing too small for a finger."""
    found = Axe().run(page).response["violations"]
    said = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    assert said == [], said
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    touched = page.locator("main :is(button, a.button, summary), [data-bar] a, .nav-row a").all()
    boxes = [(box, one.inner_text()) for one in touched if (box := one.bounding_box())]
    small = [(text, box) for box, text in boxes if min(box["width"], box["height"]) < 44]
    assert small == [], small
