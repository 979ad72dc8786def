"""Whatever is too big comes out within the limit, in colour, as large as it can be, in few encodes."""

from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from materials.intake import Refused, encode
from materials.intake.fit import LEAST_QUALITY, MOST_ENCODES
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING

PHOTO = pictures.document(3000, 4000, noise=12)


@pytest.fixture
def encodes(monkeypatch):
    """Every JPEG encode: its size in pixels, its quality, its bytes."""
    done = []
    real = encode.jpeg

    def counted(image, quality):
        data = real(image, quality)
        done.append((image.size, quality, len(data)))
        return data

    monkeypatch.setattr(encode, "jpeg", counted)
    return done


def pages(done):
    return [entry for entry in done if max(entry[0]) > 320]


def test_a_12_mp_photo(encodes):
    prepared = take_in(pictures.encoded(PHOTO, quality=92), FITTING)
    assert prepared.format == "jpeg"
    assert prepared.fitted
    assert 0.85 * FITTING.max_bytes <= len(prepared.data) <= FITTING.max_bytes
    stored = pictures.decoded(prepared.data)
    assert stored.size == (prepared.width, prepared.height)
    assert stored.width / stored.height == pytest.approx(3 / 4, rel=0.01)
    assert len(pages(encodes)) <= 3
    assert all(quality >= LEAST_QUALITY for _size, quality, _bytes in pages(encodes))
    red, green, blue = pictures.seal_colour(stored)
    assert red > 150
    assert max(green, blue) < 100


def test_a_large_jpeg_is_decoded_scaled_down(monkeypatch):
    from PIL import JpegImagePlugin

    asked = []
    real = JpegImagePlugin.JpegImageFile.draft
    monkeypatch.setattr(
        JpegImagePlugin.JpegImageFile, "draft", lambda self, mode, size: asked.append(size) or real(self, mode, size)
    )
    take_in(pictures.encoded(PHOTO), FITTING)
    assert asked == [(1500, 2000)]


@pytest.mark.parametrize("limit", [20_000, 50_000, 100_000, 204_800, 400_000])
@pytest.mark.parametrize("noise", [0, 12, 60])
def test_every_limit_is_held_in_at_most_six_encodes(limit, noise, encodes):
    page = pictures.document(1500, 2000, noise=noise)
    prepared = take_in(pictures.encoded(page, quality=97), replace(FITTING, max_bytes=limit))
    assert len(prepared.data) <= limit
    assert len(pages(encodes)) <= MOST_ENCODES
    if prepared.fitted:
        assert len(prepared.data) >= 0.7 * limit or prepared.width == page.width


def test_pure_noise_fits(encodes):
    noise = Image.effect_noise((2000, 1500), 128)
    prepared = take_in(pictures.encoded(noise, quality=100), FITTING)
    assert len(prepared.data) <= FITTING.max_bytes
    assert len(pages(encodes)) <= MOST_ENCODES


@pytest.mark.parametrize("limit", [900, 2_000])
def test_a_limit_of_almost_nothing_is_held(limit):
    assert len(take_in(pictures.encoded(PHOTO), replace(FITTING, max_bytes=limit)).data) <= limit


def test_a_limit_that_no_jpeg_meets_is_a_refusal():
    with pytest.raises(Refused) as caught:
        take_in(pictures.encoded(pictures.document(600, 800)), replace(FITTING, max_bytes=100))
    assert caught.value.code == "too_large"


def test_attempts_that_all_fail_end_in_shrinking(monkeypatch):
    from materials.intake import fit

    monkeypatch.setattr(fit, "MOST_ENCODES", 1)
    assert len(take_in(pictures.encoded(PHOTO), FITTING).data) <= FITTING.max_bytes


@pytest.mark.parametrize("size", [(4000, 30), (30, 4000), (12000, 4), (1, 9000)])
def test_strips_do_not_vanish(size):
    strip = Image.effect_noise(size, 100).convert("RGB")
    prepared = take_in(pictures.encoded(strip, "PNG"), replace(FITTING, max_bytes=8_000))
    assert len(prepared.data) <= 8_000
    assert min(prepared.width, prepared.height) >= 1


def test_heic_is_converted():
    page = pictures.document(450, 600)
    prepared = take_in(pictures.heic(page), FITTING)
    stored = pictures.decoded(prepared.data)
    assert (prepared.format, prepared.original_format, prepared.fitted) == ("jpeg", "heic", True)
    assert stored.size == (450, 600)
    red, green, blue = pictures.seal_colour(stored)
    assert red > 150
    assert max(green, blue) < 100


def test_a_grey_scan_stays_grey_and_a_coloured_one_coloured():
    grey = take_in(pictures.encoded(PHOTO.convert("L"), quality=95), FITTING)
    assert pictures.decoded(grey.data).mode == "L"
    assert pictures.decoded(take_in(pictures.encoded(PHOTO, quality=95), FITTING).data).mode == "RGB"


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_line_art_over_the_limit_stays_sharp_as_a_png(mode):
    chance = pictures.grainy(1500, 1500, 128)
    drawing = Image.composite(
        Image.new("RGB", chance.size, pictures.RED),
        Image.new("RGB", chance.size, "white"),
        chance.point([255 * (value > 200) for value in range(256)]),
    ).convert(mode)
    data = pictures.encoded(drawing, "PNG", compress_level=1)
    limit = int(len(data) / 1.7)
    prepared = take_in(data, replace(FITTING, max_bytes=limit))
    assert (prepared.format, prepared.fitted) == ("png", False)
    assert len(prepared.data) <= limit
    assert pictures.decoded(prepared.data).convert(mode).tobytes() == drawing.tobytes()


def test_a_photo_handed_in_as_png_becomes_a_jpeg_without_trying_png(monkeypatch):
    monkeypatch.setattr(encode, "png", lambda image: pytest.fail("a hopeless PNG was written"))
    prepared = take_in(pictures.encoded(PHOTO.resize((1500, 2000)), "PNG", compress_level=1), FITTING)
    assert (prepared.format, prepared.original_format, prepared.fitted) == ("jpeg", "png", True)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_large_pngs_of_every_mode_are_fitted_on_white(mode):
    page = PHOTO.resize((1500, 2000))
    if mode == "LA":
        image = Image.merge("LA", (page.convert("L"), Image.linear_gradient("L").resize(page.size)))
    elif mode == "RGBA":
        image = Image.merge("RGBA", (*page.split(), Image.linear_gradient("L").resize(page.size)))
    else:
        image = page.quantize(200) if mode == "P" else page.convert(mode)
    prepared = take_in(pictures.encoded(image, "PNG"), replace(FITTING, max_bytes=50_000))
    assert prepared.format == "jpeg"
    assert len(prepared.data) <= 50_000
    top = pictures.decoded(prepared.data).convert("L").crop((0, 0, 200, 1)).getextrema()
    # The gradient's first row is clear, so the dark bar at the top of the page must have gone.
    assert mode not in ("LA", "RGBA") or top[0] > 240


@pytest.mark.parametrize("size", [(3000, 4000), (320, 320), (321, 20), (5, 900)])
def test_thumbnails(size):
    prepared = take_in(pictures.encoded(PHOTO.resize(size)), FITTING)
    thumbnail = pictures.decoded(prepared.thumbnail)
    assert thumbnail.format == "JPEG"
    assert max(thumbnail.size) == min(320, max(size))
    assert len(prepared.thumbnail) <= 16 * 1024


def test_a_blank_or_tiny_picture_is_not_blown_up():
    prepared = take_in(pictures.encoded(Image.new("RGB", (40, 30), "white"), "PNG"), FITTING)
    assert (prepared.width, prepared.height) == (40, 30)
    assert ImageChops.invert(pictures.decoded(prepared.data).convert("L")).getbbox() is None


def test_a_strip_longer_than_a_jpeg_can_be_is_made_shorter():
    strip = Image.effect_noise((70_000, 4), 100).convert("RGB")
    prepared = take_in(pictures.encoded(strip, "PNG"), replace(FITTING, max_bytes=50_000))
    assert prepared.format == "jpeg"
    assert prepared.width <= 65_535


@pytest.mark.parametrize("limit", [1_500, 4_000])
def test_a_picture_of_hardly_anything_is_planned_too(limit):
    grey = Image.new("RGB", (900, 2000), (200, 200, 200))
    grey.putpixel((3, 3), (0, 0, 0))
    data = pictures.turned_jpeg(grey, 6, quality=95)
    assert len(take_in(data, replace(FITTING, max_bytes=limit)).data) <= limit
