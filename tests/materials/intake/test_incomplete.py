"""A JPEG whose data end before the picture does, though the file ends well: taken, with a warning."""

import pytest
from PIL import Image

from materials.intake import take
from tests import pictures

from .policies import FITTING


def cut_in_the_scan(image, **options):
    data = pictures.encoded(image, **({"quality": 80} | options))
    return data[: len(data) * 2 // 3] + b"\xff\xd9"


@pytest.mark.parametrize(
    ("size", "mode"), [((900, 1200), "RGB"), ((903, 1197), "RGB"), ((900, 1200), "L"), ((3000, 4000), "RGB")]
)
def test_what_is_missing_is_told(size, mode):
    page = pictures.document(*size).convert(mode)
    assert "incomplete" in take.take_in(cut_in_the_scan(page), FITTING).warnings
    assert "incomplete" not in take.take_in(pictures.encoded(page, quality=80), FITTING).warnings


@pytest.mark.parametrize("turn", [3, 6])
def test_whichever_way_up(turn):
    assert "incomplete" in take.take_in(cut_in_the_scan(pictures.document(912, 1200)), FITTING, turn).warnings


@pytest.mark.parametrize("level", [0, 120, 136, 255])
def test_a_plain_corner_is_nothing_missing(level):
    page = pictures.document(900, 1200)
    page.paste(Image.new("RGB", (64, 64), (level,) * 3), (836, 1136))
    assert "incomplete" not in take.take_in(pictures.encoded(page, quality=90), FITTING).warnings
