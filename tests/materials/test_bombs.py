"""Small files that would cost much, through the page (docs/quality.md, section 1, lines 2 and 3)."""

import subprocess
import sys

import pytest
from django.conf import settings
from PIL import Image

from materials.models import Photo
from tests import pictures

from .pages import errors, file, upload

MEGABYTE = 1024 * 1024
# How many KB a process has more at its peak after taking a picture in.
GROWTH = """
import sys
from resource import RUSAGE_SELF, getrusage
from materials.intake import Policy, Refused
from materials.intake.take import take_in
data = sys.stdin.buffer.read()
before = getrusage(RUSAGE_SELF).ru_maxrss
try:
    take_in(data, Policy(frozenset({"jpeg", "png", "heic"}), 204_800, True))
except Refused as refused:
    print(refused.code, getrusage(RUSAGE_SELF).ru_maxrss - before)
"""


def bomb_of_scans() -> bytes:
    """3000×3000 pixels and 7,000 scans, each of which goes over all of them."""
    jpeg = pictures.encoded(Image.new("L", (3000, 3000), 200), progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + scan * 7_000 + b"\xff\xd9"


BOMBS = {
    "1-bit PNG": (pictures.bomb_1_bit, 16_000, "too_many_pixels", "10000 × 10000"),
    "RGB PNG": (pictures.bomb_rgb, 270_000, "too_many_pixels", "9400 × 9400"),
    "JPEG of 7,000 scans": (bomb_of_scans, 270_000, "corrupt", ""),
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BOMBS)
def test_bombs_are_refused_with_a_page(client, draft, what):
    make, size, code, said = BOMBS[what]
    data = make()
    assert len(data) < size
    answer = upload(client, "ID", file(data))
    assert (answer.status_code, errors(answer)) == (422, [code])
    assert said in answer.content.decode()
    assert not Photo.objects.exists()


@pytest.mark.parametrize("what", BOMBS)
def test_bombs_are_refused_before_they_need_memory(what):
    make, _size, code, _said = BOMBS[what]
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], input=make(), cwd=settings.BASE_DIR, capture_output=True, check=True
    )
    found, kilobytes = done.stdout.split()
    assert found.decode() == code
    assert int(kilobytes) * 1024 < 100 * MEGABYTE
