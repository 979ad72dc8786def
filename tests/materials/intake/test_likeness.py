"""Nearly the same picture: the same one in another form, and others of its kind."""

import pytest
from PIL import Image, ImageChops, ImageDraw

from materials.intake.likeness import (
    APART,
    NEARLY_THE_SAME,
    OUTLINES_APART,
    SURELY_MADE_FROM,
    distance,
    is_made_from,
    likeness,
    outline,
)
from tests import pictures


def are_alike(one, other):
    return distance(likeness(one), likeness(other)) < NEARLY_THE_SAME


def darker(image):
    return image.point([round(level * 0.75) for level in range(256)] * 3)


def recoded(image, quality):
    return pictures.decoded(pictures.encoded(image, quality=quality))


@pytest.fixture
def page():
    """A page with white margins on all sides."""
    sheet = Image.new("RGB", (1300, 1700), pictures.PAPER)
    sheet.paste(pictures.document(1100, 1500), (100, 100))
    return sheet


IN_ANOTHER_FORM = pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda page: recoded(page, 40), id="encoded anew"),
        pytest.param(lambda page: page.resize((650, 850), Image.Resampling.HAMMING), id="half the size"),
        pytest.param(darker, id="darker"),
        pytest.param(lambda page: page.convert("L"), id="grey"),
        pytest.param(lambda page: page.crop((13, 8, 1292, 1688)), id="cut closer"),
        pytest.param(lambda page: recoded(darker(page.crop((9, 9, 1290, 1690))).resize((700, 918)), 60), id="all"),
    ],
)


@IN_ANOTHER_FORM
def test_the_same_picture_in_another_form(page, changed):
    assert are_alike(page, changed(page))


@IN_ANOTHER_FORM
def test_is_found_by_its_outline_and_taken_for_made_from_it(page, changed):
    one, other = likeness(page), likeness(changed(page))
    assert is_made_from(one, other)
    assert max(abs(a - b) for a, b in zip(outline(one), outline(other), strict=True)) <= OUTLINES_APART


def test_an_outline_tells_pages_apart():
    values = [outline(likeness(pictures.document(seed=seed))) for seed in range(3)]
    assert len(values[0]) == 8
    assert len(set(values)) == 3
    assert all(abs(value) <= 1020 for some in values for value in some)


def test_what_differs_in_one_spot_is_not_made_from_it():
    """As near as a copy, but elsewhere nothing differs: the same form with one more stroke on it."""
    one = bytes([100]) * 1024
    spot, all_over = bytes([112]) + one[1:], bytes([112, 94] * 512)
    assert SURELY_MADE_FROM < distance(one, spot) == distance(one, all_over) < NEARLY_THE_SAME
    assert is_made_from(one, all_over)
    assert not is_made_from(one, spot)
    assert is_made_from(one, bytes([109]) + one[1:])
    assert not is_made_from(b"", b"")


def test_two_pages_of_one_layout_are_not_alike():
    assert not are_alike(pictures.document(seed=1), pictures.document(seed=2))


def test_a_form_filled_in_differently_is_not_alike(page):
    """One line of the page is another; all else is the same."""
    other = page.copy()
    other.paste(pictures.document(1100, 1500, seed=3).crop((0, 700, 1100, 740)), (100, 800))
    assert ImageChops.difference(page, other).getbbox() is not None
    assert not are_alike(page, other)


def test_turned_is_another_picture(page):
    assert not are_alike(page, page.transpose(Image.Transpose.ROTATE_180))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pictures_match_nothing_not_even_each_other(page, level):
    blank = Image.new("RGB", (1200, 1600), (level,) * 3)
    assert likeness(blank) == b""
    assert distance(b"", b"") == distance(b"", likeness(page)) == APART
    assert not are_alike(blank, blank)


def test_a_shadow_and_grain_are_nothing():
    shadow = Image.linear_gradient("L").resize((1200, 1600)).point([255 - level // 2 for level in range(256)])
    assert likeness(ImageChops.add(shadow, pictures.grainy(1200, 1600, 10), 1, -128)) == b""


@pytest.mark.parametrize("size", [(1, 1), (20, 3000), (50, 40), (3000, 2000)])
def test_it_always_has_the_same_length(size):
    picture = Image.new("L", size, 255)
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 3, size[1] // 3), fill=0)
    assert len(likeness(picture)) in (0, 1024)
    assert len(likeness(pictures.document())) == 1024
