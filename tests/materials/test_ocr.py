"""What is stored of a photographed page still reads as the photograph did (docs/quality.md, section 1, line 9)."""

import os
import random
import shutil
import subprocess
from collections import Counter

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from materials.intake import Policy
from materials.intake.take import take_in
from tests import pictures

POLICY = Policy(formats=frozenset({"jpeg"}), max_bytes=204_800, fit_oversized=True)
SIZE = (3000, 4000)
# fmt: off
WORDS = [
    "registration", "certificate", "practice", "clinical", "assistant", "hospital", "department", "physician",
    "examination", "district", "committee", "province", "medical", "university", "graduate", "diploma",
    "surname", "signature", "authority", "regulation", "identity", "document", "national", "holder",
]
# fmt: on
#: Share of a page's words that chance may cost or give on the way.
TOLERANCE = 0.02

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("tesseract") is None, reason="tesseract is not installed (Debian: tesseract-ocr), nothing can read"
    ),
]


def photographed(letters: int, *, lines: float, blur: float, seed: int) -> tuple[Image.Image, list[str]]:
    """A page of words and numbers as a phone of 12 megapixels takes it, and what is written on it.

    ``letters``: the print's size in pixels; ``lines``: their distance, in sizes; ``blur``: the lens's, in pixels.
    """
    chance = random.Random(seed)
    page = Image.new("RGB", SIZE, pictures.PAPER)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(letters)
    written = []
    for top in range(300, SIZE[1] - 300, round(letters * lines)):
        left = 250.0
        while True:
            word = chance.choice(WORDS) if chance.random() < 0.75 else str(chance.randrange(1000, 10**8))
            width = draw.textlength(word, font=font)
            if left + width > SIZE[0] - 250:
                break
            draw.text((left, top), word, fill=(50, 50, 60), font=font)
            written.append(word)
            left += width + letters / 2
    draw.ellipse((2100, 3100, 2700, 3700), outline=pictures.RED, width=40)
    grain = pictures.grainy(*SIZE, 3, seed)
    page = page.filter(ImageFilter.GaussianBlur(blur))
    return ImageChops.add(page, Image.merge("RGB", [grain] * 3), 1, -128), written


def share_read(jpeg: bytes, written: list[str]) -> float:
    """The share of the words on the page that tesseract finds, each as often as it is there."""
    done = subprocess.run(
        ["tesseract", "-", "-", "--psm", "6"],
        input=jpeg,
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return (Counter(done.stdout.decode().split()) & Counter(written)).total() / len(written)


def as_a_messenger_sends_it(page: Image.Image) -> bytes:
    small = page.copy()
    small.thumbnail((1280, 1280))
    return pictures.encoded(small, quality=75)


@pytest.mark.parametrize(
    "page",
    [
        {"letters": 36, "lines": 3.0, "blur": 2.0, "seed": 1},
        {"letters": 36, "lines": 3.0, "blur": 1.0, "seed": 2},
        {"letters": 38, "lines": 3.4, "blur": 1.5, "seed": 4},
    ],
    ids=["soft", "sharp", "larger"],
)
def test_as_much_is_read_from_what_is_stored_as_from_the_photograph(page):
    image, written = photographed(**page)
    photograph = pictures.encoded(image, quality=92)
    stored = take_in(photograph, POLICY).data
    assert len(stored) <= POLICY.max_bytes < len(photograph)

    original, ours = share_read(photograph, written), share_read(stored, written)
    theirs = share_read(as_a_messenger_sends_it(image), written)

    assert original > 0.9, "the test's own page must be readable"
    assert ours >= original - TOLERANCE
    # So that the line above can tell one way from another.
    assert theirs < original - TOLERANCE
    assert theirs < ours
