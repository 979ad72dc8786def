"""Warnings: what a candidate should look at twice. None of them refuses anything."""

import pytest
from PIL import Image, ImageChops, ImageFilter

from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING


def warnings(image, **options):
    return take_in(pictures.encoded(image, **({"quality": 85} | options)), FITTING).warnings


@pytest.mark.parametrize("size", [(1200, 1600), (3000, 4000), (600, 800)])
@pytest.mark.parametrize("noise", [0, 8])
def test_a_sharp_page_has_none(size, noise):
    assert warnings(pictures.document(*size, noise=noise)) == ()


def test_a_grey_page_has_none():
    assert warnings(pictures.document().convert("L")) == ()


@pytest.mark.parametrize("radius", [5, 8, 12])
def test_a_blurred_page(radius):
    assert warnings(pictures.document().filter(ImageFilter.GaussianBlur(radius))) == ("blurred",)


def test_a_blurred_large_photo():
    page = pictures.document(3000, 4000).filter(ImageFilter.GaussianBlur(14))
    assert warnings(page) == ("blurred",)


def test_a_page_smeared_by_a_moving_hand():
    """Along the way the hand moved, edges stay sharp."""
    page = pictures.document()
    smeared = page
    for count in range(1, 40):
        smeared = Image.blend(smeared, ImageChops.offset(page, count, 0), 1 / (count + 1))
    assert warnings(smeared) == ("blurred",)


def test_too_small_to_read():
    assert "small" in warnings(pictures.document(300, 400))
    assert "small" in warnings(pictures.document(2000, 300))


def shaded(levels):
    shade = Image.linear_gradient("L").resize((1200, 1600)).point([255 - value * levels // 255 for value in range(256)])
    return Image.merge("RGB", [shade] * 3)


@pytest.mark.parametrize("shade", [0, 60, 200])
@pytest.mark.parametrize("noise", [0, 6])
def test_a_blank_sheet_even_with_a_shadow_across(shade, noise):
    grain = Image.merge("RGB", [pictures.grainy(1200, 1600, noise)] * 3)
    assert warnings(ImageChops.add(shaded(shade), grain, 1, -128)) == ("blank",)


def test_all_black_is_blank():
    assert warnings(Image.new("RGB", (1200, 1600))) == ("blank",)


def test_a_sheet_with_a_few_lines_is_not_blank():
    page = Image.new("RGB", (1200, 1600), pictures.PAPER)
    page.paste(pictures.document().crop((0, 100, 1200, 260)), (0, 700))
    assert warnings(page) == ()


def test_a_heic_that_ends_early_but_decodes_is_incomplete():
    """What is missing may be a tile, which libheif leaves green, or a thing nobody sees."""
    whole = pictures.heic(pictures.document())
    missing = (1000).to_bytes(4, "big") + b"free"

    assert "incomplete" not in take_in(whole, FITTING).warnings
    assert "incomplete" in take_in(whole + missing, FITTING).warnings
