"""Sideways and cropped: drawn documents that are, and others that come close and are not."""

import pytest
from PIL import Image, ImageChops, ImageDraw

from materials.intake.legibility import warnings_for
from tests import pictures

SIZES = [(1200, 1600), (1800, 2400)]
TURNS = [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270]
PAGE = (170, 230, 980, 1300)  # of a page of 1200 × 1600: the lines, without bar, margins and seal


def warnings(image):
    """What is said of ``image`` after it went through a JPEG."""
    shown = pictures.decoded(pictures.encoded(image, quality=85))
    return warnings_for(shown, *shown.size)


def grained(size, turned):
    """A wooden table: long streaks of brown, lying across or up and down."""
    fibres = pictures.grainy(size[0] // 40, size[1] // 3, 40) if turned else pictures.grainy(size[0] // 3, 40, 40)
    streaks = fibres.resize(size, Image.Resampling.BICUBIC)
    return ImageChops.add(Image.new("RGB", size, (150, 115, 80)), Image.merge("RGB", [streaks] * 3), 1, -128)


def on_wood(page, degrees, turned):
    """``page`` lying on a table, a little askew."""
    size = (page.width + 240, page.height + 240)
    sheet = Image.new("RGBA", size)
    sheet.paste(page, (120, 120))
    sheet = sheet.rotate(degrees, Image.Resampling.BICUBIC)
    table = grained(size, turned)
    table.paste(sheet, mask=sheet.getchannel("A"))
    return table


def ruled(width=1200, height=1600):
    """A table with words in few of its cells: lines both ways, more of them upright."""
    page = Image.new("RGB", (width, height), pictures.PAPER)
    words = pictures.document(width, height)
    for top in range(200, height - 200, 200):
        page.paste(words.crop((170, top, 600, top + 50)), (170, top))
    draw = ImageDraw.Draw(page)
    for x in range(100, width - 99, 40):
        draw.line((x, 100, x, height - 100), fill="black", width=2)
    for y in range(100, height - 99, 100):
        draw.line((100, y, width - 100, y), fill="black", width=2)
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("turn", TURNS)
def test_text_that_runs_up_or_down_is_sideways(size, turn):
    assert warnings(pictures.document(*size, noise=4).transpose(turn)) == ("sideways",)


@pytest.mark.parametrize("grain", [False, True])
@pytest.mark.parametrize("degrees", [-5, 0, 5])
def test_a_photo_of_a_page_on_wood(degrees, grain):
    photo = on_wood(pictures.document(noise=4), degrees, grain)
    assert warnings(photo) == ()
    assert warnings(photo.transpose(Image.Transpose.ROTATE_90)) == ("sideways",)


def test_upside_down_is_not_told():
    assert warnings(pictures.document().transpose(Image.Transpose.ROTATE_180)) == ()


@pytest.mark.parametrize("grain", [False, True])
def test_wood_alone_lies_neither_way(grain):
    assert not {"sideways", "cropped"} & {*warnings(grained((1200, 1600), grain))}


@pytest.mark.parametrize("turn", TURNS)
def test_ruled_lines_are_no_text(turn):
    assert "sideways" not in warnings(ruled())
    lines = ImageChops.lighter(ruled(), ruled().transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert "sideways" not in warnings(lines.transpose(turn))


def test_a_few_words_are_too_few_to_tell():
    page = Image.new("RGB", (1200, 1600), pictures.PAPER)
    page.paste(pictures.document().crop((0, 100, 1200, 220)), (0, 700))
    assert "sideways" not in warnings(page.transpose(Image.Transpose.ROTATE_90))


@pytest.mark.parametrize("away", [0.2, 0.35, 0.5])
def test_lines_cut_by_the_left_edge(away):
    page = pictures.document(noise=4)
    assert warnings(page.crop((int(away * page.width), 0, *page.size))) == ("cropped",)


def test_lines_cut_by_the_right_edge():
    assert warnings(pictures.document(noise=4).crop((0, 0, 600, 1600))) == ("cropped",)


def test_a_scan_that_ends_at_the_paper_is_whole():
    """The bar at its top reaches both edges; it is no print."""
    assert warnings(pictures.document(noise=4)) == ()


def test_a_scan_cut_close_around_its_lines_is_whole():
    page = pictures.document()
    ink = ImageChops.difference(page, Image.new("RGB", page.size, pictures.PAPER)).convert("L")
    below = ink.crop((0, 60, *page.size)).point([0] * 40 + [255] * 216).getbbox()
    assert below is not None
    margin = 16
    left, right = below[0] - margin, min(below[2] + margin, page.width)
    assert "cropped" not in warnings(page.crop((left, 60, right, 1600)))


def test_ruled_lines_may_reach_the_edge():
    assert "cropped" not in warnings(ruled().crop((300, 0, 1200, 1600)))


@pytest.mark.parametrize("size", [(3500, 500), (500, 3500)])
def test_a_strip_is_cropped(size):
    assert "cropped" in warnings(pictures.document(*size))


def test_a_long_receipt_is_no_strip():
    assert "cropped" not in warnings(pictures.document(600, 3000))
