"""Screenshots of every page for docs/screens/ (``make screens``). Not part of the suite: it asserts nothing.

Candidates' pages as on a phone in Chinese and on a desk in English, dark; staff's on a desk in Chinese. Colours are
reduced to a palette, which text and lines do not mind and which makes the files a quarter as large.
"""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.browser import gallery
from tests.browser.test_every_page import visit, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["visit", "world"]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
PHONE = {"width": 360, "language": "zh-hans"}
DESK = {"width": 1280, "language": "en", "dark": True}
OFFICE = {"width": 1280, "language": "zh-hans"}


@pytest.mark.parametrize(
    ("scenes", "way", "suffix"),
    [(gallery.CANDIDATES, PHONE, "phone"), (gallery.CANDIDATES, DESK, "desk"), (gallery.STAFF, OFFICE, "office")],
    ids=["phone", "desk", "office"],
)
def test_take(visit, scenes, way, suffix):
    FOLDER.mkdir(exist_ok=True)
    for scene in scenes:
        page = visit(scene, **way)
        page.wait_for_load_state("networkidle")
        # As tall as the page, so that what stays at the window's foot does not cover its middle; but for the review
        # screen, which fits itself to the window.
        height = 0 if "/admin/review/" in scene.path else page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": way["width"], "height": max(height, 720)})
        page.wait_for_load_state("networkidle")
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        reduced = shot.quantize(128, dither=Image.Dither.NONE)
        reduced.save(FOLDER / f"{scene.name}-{suffix}.png", optimize=True)
        page.set_viewport_size({"width": way["width"], "height": 720})
