"""Large pictures are decoded a band of rows at a time, and come out as if they had been decoded whole."""

import zlib
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from materials.intake import Refused, bands, decode, png_file, take
from tests import pictures

from .policies import FITTING

PAGE = pictures.document(900, 1307)  # 1307 rows: neither bands nor factors come out even
ALPHA = Image.linear_gradient("L").resize(PAGE.size)
CLEAR = Image.merge("RGBA", (*PAGE.split(), ALPHA))


@pytest.fixture
def small_is_large(monkeypatch):
    """Pictures of a megapixel are treated as those of 25."""
    monkeypatch.setattr(decode, "ENOUGH_PIXELS", 60_000)


def whole(container, monkeypatch):
    monkeypatch.setattr(decode, "can_band", lambda _container: False)
    return decode.decode(container)


@pytest.mark.parametrize("image", [PAGE, CLEAR, PAGE.convert("RGBA")], ids=["RGB", "RGBA", "opaque RGBA"])
@pytest.mark.parametrize("options", [{}, {"compress_level": 1}, {"compress_level": 0}])
def test_the_bands_are_the_picture(image, options):
    container = png_file.read(pictures.encoded(image, "PNG", **options))
    assert bands.can_band(container)
    joined = b"".join(band.tobytes() for band in bands.bands(container, 4))
    assert joined == image.tobytes()


@pytest.mark.parametrize("image", [PAGE, CLEAR, PAGE.convert("RGBA")], ids=["RGB", "RGBA", "opaque RGBA"])
def test_a_png_in_bands_is_the_same_picture_made_smaller(image, small_is_large, monkeypatch):
    container = png_file.read(pictures.encoded(image, "PNG"))
    banded = decode.decode(container)
    assert banded.image.size == (225, 327)
    assert not banded.is_whole
    expected = image.reduce(4)
    assert max(ImageStat.Stat(ImageChops.difference(banded.image, expected)).rms) < 1
    assert banded.identity == whole(container, monkeypatch).identity


def test_a_heic_in_bands_is_the_same_picture_made_smaller(small_is_large, monkeypatch):
    from materials.intake import heic_file

    container = heic_file.read(pictures.heic(PAGE, 90))
    banded = decode.decode(container)
    there = whole(container, monkeypatch)
    assert max(ImageStat.Stat(ImageChops.difference(banded.image, there.image.reduce(4))).rms) < 1
    assert banded.identity == there.identity


def test_what_cannot_be_taken_apart_is_decoded_whole():
    for image, options in ((PAGE.convert("L"), {}), (PAGE.quantize(16), {}), (PAGE, {"transparency": (1, 2, 3)})):
        assert not bands.can_band(png_file.read(pictures.encoded(image, "PNG", **options)))
    interlaced = bytearray(pictures.encoded(PAGE, "PNG"))
    interlaced[28] = 1
    interlaced[29:33] = zlib.crc32(interlaced[12:29]).to_bytes(4, "big")
    assert not bands.can_band(png_file.read(bytes(interlaced)))
    lies = pictures.with_chunks(pictures.encoded(PAGE, "PNG"), pictures.chunk(b"eXIf", pictures.exif(6)))
    assert not bands.can_band(png_file.read(lies))


def with_rows(rows: bytes, *, behind: bytes = b"") -> bytes:
    """An RGB PNG of 300 × 400 whose rows are these, in two chunks of data."""
    packed = zlib.compress(rows) + behind
    half = len(packed) // 2
    header = pictures.encoded(Image.new("RGB", (300, 400)), "PNG")[:33]
    data = pictures.chunk(b"IDAT", packed[:half]) + pictures.chunk(b"IDAT", packed[half:])
    return header + data + pictures.chunk(b"IEND", b"")


ROWS = bytes(400 * 901)


@pytest.mark.parametrize("rows", [ROWS[:-901], ROWS[:-1], b""], ids=["a row", "a byte", "all"])
def test_missing_rows_are_a_refusal(rows, monkeypatch):
    monkeypatch.setattr(decode, "ENOUGH_PIXELS", 20_000)
    with pytest.raises(Refused) as caught:
        take.take_in(with_rows(rows), FITTING)
    assert caught.value.code == "corrupt"


def test_broken_data_are_a_refusal(monkeypatch):
    monkeypatch.setattr(decode, "ENOUGH_PIXELS", 20_000)
    broken = bytearray(pictures.encoded(pictures.document(600, 800), "PNG"))
    at = broken.index(b"IDAT") + 2000
    broken[at : at + 50] = bytes(50)
    length = int.from_bytes(broken[broken.index(b"IDAT") - 4 : broken.index(b"IDAT")], "big")
    start = broken.index(b"IDAT")
    broken[start + 4 + length : start + 8 + length] = zlib.crc32(broken[start : start + 4 + length]).to_bytes(4, "big")
    with pytest.raises(Refused) as caught:
        take.take_in(bytes(broken), FITTING)
    assert caught.value.code == "corrupt"


def test_a_large_png_within_the_limit_stays_one(small_is_large):
    png = pictures.encoded(Image.new("RGB", (900, 1200), pictures.RED), "PNG")
    prepared = take.take_in(png, FITTING)
    assert (prepared.format, prepared.fitted, prepared.width) == ("png", False, 900)
    assert pictures.decoded(prepared.data).tobytes() == pictures.decoded(png).tobytes()


@pytest.mark.parametrize(
    "png",
    [
        with_rows(ROWS + b"SECRET" * 20),
        with_rows(ROWS, behind=b"SECRET" * 20),
        with_rows(ROWS, behind=zlib.compress(b"x")),
    ],
    ids=["more rows", "behind the stream", "another stream"],
)
def test_what_is_hidden_behind_the_rows_is_gone(png, monkeypatch):
    monkeypatch.setattr(decode, "ENOUGH_PIXELS", 20_000)
    assert not bands.is_exact(png)
    assert bands.is_exact(with_rows(ROWS))
    prepared = take.take_in(png, replace(FITTING, max_bytes=50_000))
    assert prepared.format == "jpeg"
