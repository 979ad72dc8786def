"""What is within the limit is kept pixel for pixel; what is turned or in other colours is put right."""

import hashlib
import struct
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageStat

from materials import intake
from materials.intake.exif import TURNS
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING, STRICT

PAGE = pictures.document(600, 800)
ADOBE_RGB = {"keep_rgb": True, "quality": 70}
JPEGS = {
    "4:2:0": pictures.encoded(PAGE, quality=75),
    "4:4:4": pictures.encoded(PAGE, quality=75, subsampling="4:4:4"),
    "4:2:2": pictures.encoded(PAGE, quality=75, subsampling="4:2:2"),
    "progressive": pictures.encoded(PAGE, quality=75, progressive=True),
    "grey": pictures.encoded(PAGE.convert("L"), quality=75),
    "stored as RGB": pictures.encoded(PAGE, **ADOBE_RGB),
    "restart markers": pictures.encoded(PAGE, quality=75, restart_marker_blocks=4),
    "odd size": pictures.encoded(pictures.document(601, 397), quality=75),
    "sRGB profile": pictures.encoded(PAGE, quality=75, icc_profile=pictures.srgb()),
    "broken profile": pictures.encoded(PAGE, quality=75, icc_profile=b"nonsense" * 20),
}


@pytest.mark.parametrize("policy", [FITTING, STRICT], ids=["fitting", "strict"])
@pytest.mark.parametrize("what", JPEGS)
def test_a_jpeg_within_the_limit_keeps_every_pixel(what, policy):
    data = JPEGS[what]
    prepared = take_in(data, policy)
    before, after = pictures.decoded(data), pictures.decoded(prepared.data)
    assert (after.mode, after.size) == (before.mode, before.size) == (after.mode, (prepared.width, prepared.height))
    assert after.tobytes() == before.tobytes()
    assert (prepared.format, prepared.original_format, prepared.fitted) == ("jpeg", "jpeg", False)
    assert prepared.original_bytes == len(data)
    assert prepared.sha256 == hashlib.sha256(prepared.data).hexdigest()


def test_metadata_does_not_count_against_the_limit_of_a_picture_that_is_fitted():
    data = pictures.with_segments(JPEGS["4:2:0"], *[pictures.segment(0xEF, bytes(60_000))] * 4)
    assert len(data) > FITTING.max_bytes
    prepared = take_in(data, FITTING)
    assert not prepared.fitted
    assert pictures.decoded(prepared.data).tobytes() == pictures.decoded(data).tobytes()


def test_a_jpeg_a_little_over_the_limit_comes_within_it_without_loss():
    data = JPEGS["4:4:4"]
    prepared = take_in(data, replace(FITTING, max_bytes=int(len(data) * 0.88)))
    assert not prepared.fitted
    assert pictures.decoded(prepared.data).tobytes() == pictures.decoded(data).tobytes()


def test_a_jpeg_that_ends_the_rewriting_library_is_written_as_it_is_seen():
    hostile = pictures.ends_the_rewriter()
    prepared = intake.take_in(hostile, FITTING)
    assert prepared.fitted
    assert_looks_like(pictures.decoded(prepared.data), pictures.decoded(hostile).convert("RGB"))


def test_of_a_multi_picture_jpeg_the_first_is_kept():
    data = pictures.mpo(PAGE, pictures.document(600, 800, seed=9))
    assert pictures.decoded(data).format == "MPO"
    prepared = take_in(data, FITTING)
    stored = pictures.decoded(prepared.data)
    assert (stored.format, prepared.format, prepared.original_format) == ("JPEG", "jpeg", "jpeg")
    assert stored.tobytes() == pictures.decoded(data).tobytes()


# --- turned ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("noise", [0, 25], ids=["within", "over"])
def test_every_orientation_comes_out_upright(orientation, noise):
    page = pictures.document(900, 1200, noise=noise)
    prepared = take_in(pictures.turned_jpeg(page, orientation, quality=85 if not noise else 95), FITTING)
    for data in (prepared.data, prepared.thumbnail):
        assert_looks_like(pictures.decoded(data), page)
    assert prepared.width < prepared.height
    assert pictures.decoded(prepared.data).size == (prepared.width, prepared.height)
    assert prepared.fitted == (orientation != 1 or noise > 0)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": "4:4:4"}, {"grey": True}])
def test_turning_loses_nothing_that_can_be_seen(orientation, options):
    page = pictures.document(912, 1200)
    if options.get("grey"):
        page, options = page.convert("L"), {}
    data = pictures.turned_jpeg(page, orientation, quality=70, **options)
    prepared = take_in(data, FITTING)
    before = upright(pictures.decoded(data), orientation).convert("L")
    assert rms(pictures.decoded(prepared.data).convert("L"), before) < 0.3
    # Nor does turning on and on.
    again = prepared.data
    for _ in range(8):
        again = take_in(again, FITTING, 6).data
    assert rms(pictures.decoded(again).convert("L"), before) < 0.3
    assert len(again) < 1.15 * len(data)


@pytest.mark.parametrize("options", [{}, {"subsampling": "4:2:2"}])
def test_a_turn_onto_another_grid_is_fitted(options):
    page = pictures.document(900, 1204)
    prepared = take_in(pictures.turned_jpeg(page, 3, quality=70, **options), FITTING)
    assert_looks_like(pictures.decoded(prepared.data), page)


def upright(image, orientation):
    return image.transpose(TURNS[orientation])


def rms(image, other):
    return max(ImageStat.Stat(ImageChops.difference(image, other)).rms)


@pytest.mark.parametrize(("turn", "upright"), [(6, Image.Transpose.ROTATE_270), (8, Image.Transpose.ROTATE_90)])
def test_a_picture_without_exif_is_turned_as_asked(turn, upright):
    for data in (pictures.encoded(PAGE, quality=75), pictures.encoded(PAGE, "PNG")):
        prepared = take_in(data, FITTING, turn)
        assert_looks_like(pictures.decoded(prepared.data), PAGE.transpose(upright))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_scaled_decode_comes_out_upright_too(orientation):
    page = pictures.document(3000, 4000)
    prepared = take_in(pictures.turned_jpeg(page, orientation, quality=90), FITTING)
    assert len(prepared.data) <= FITTING.max_bytes
    assert prepared.width * 4 == pytest.approx(prepared.height * 3, rel=0.01)
    assert_looks_like(pictures.decoded(prepared.data), page)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_png_comes_out_upright(orientation):
    lies = pictures.encoded(pictures.lying(PAGE, orientation), "PNG")
    prepared = take_in(pictures.with_chunks(lies, pictures.chunk(b"eXIf", pictures.exif(orientation))), FITTING)
    assert prepared.format == "png"
    assert pictures.decoded(prepared.data).convert("RGB").tobytes() == PAGE.tobytes()


@pytest.mark.parametrize(
    "block", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"XX*\0" + bytes(20), pictures.exif(9), pictures.exif(0)]
)
def test_nonsense_in_exif_is_upright(block):
    data = pictures.with_segments(JPEGS["4:2:0"], pictures.segment(0xE1, b"Exif\0\0" + block))
    assert not take_in(data, FITTING).fitted


@pytest.mark.parametrize(("order", "mark"), [("<", b"II*\0"), (">", b"MM\0*")])
@pytest.mark.parametrize("kind", [3, 4], ids=["16 bits", "32 bits"])
def test_orientations_of_either_byte_order_and_width_are_read(order, mark, kind):
    value = struct.pack(order + "HH", 6, 0) if kind == 3 else struct.pack(order + "L", 6)
    tiff = mark + struct.pack(order + "LHHHL", 8, 1, 0x0112, kind, 1) + value + bytes(4)
    lies = pictures.encoded(pictures.lying(PAGE, 6), quality=75)
    data = pictures.with_segments(lies, pictures.segment(0xE1, b"Exif\0\0" + tiff))
    assert_looks_like(pictures.decoded(take_in(data, FITTING).data), PAGE)


# --- colours --------------------------------------------------------------------------------------


def test_cmyk_becomes_srgb():
    data = pictures.encoded(PAGE.convert("CMYK"), quality=90)
    prepared = take_in(data, FITTING)
    stored = pictures.decoded(prepared.data)
    assert (stored.mode, prepared.fitted) == ("RGB", True)
    assert_looks_like(stored, PAGE)
    assert_near(pictures.seal_colour(stored), pictures.RED, 12)


@pytest.mark.parametrize("inks", [(0, 255, 255, 0), (255, 0, 0, 0), (0, 0, 0, 255), (0, 0, 0, 0)])
def test_ycck_becomes_srgb(inks):
    data = pictures.ycck(Image.new("CMYK", (500, 500), inks))
    stored = pictures.decoded(take_in(data, FITTING).data)
    expected = tuple((255 - ink) * (255 - inks[3]) // 255 for ink in inks[:3])
    assert_near(stored.getpixel((250, 250)), expected, 6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "palette", "large JPEG"])
def test_wide_gamut_colours_are_shown_as_they_were(kind):
    seen = (200, 80, 70)
    image = Image.new("RGB", (2400, 2400) if kind == "large JPEG" else (500, 500), seen)
    options = {"icc_profile": pictures.display_p3()}
    if kind == "palette":
        data = pictures.encoded(image.quantize(4), "PNG", **options)
    elif kind == "PNG":
        data = pictures.encoded(image, "PNG", **options)
    else:
        data = pictures.encoded(image, quality=95, **options)
    prepared = take_in(data, FITTING)
    for part in (prepared.data, prepared.thumbnail):
        stored = pictures.decoded(part).convert("RGB")
        assert_near(stored.getpixel((stored.width // 2, stored.height // 2)), p3_to_srgb(seen), 4)
    assert prepared.fitted == ("JPEG" in kind)


def p3_to_srgb(colour):
    """By the published matrix, not by the library under test."""
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    matrix = ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979))
    mixed = [max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))) for row in matrix]
    return tuple(round(255 * (1.055 * c ** (1 / 2.4) - 0.055)) for c in mixed)


# --- PNG ------------------------------------------------------------------------------------------

_ALPHA = Image.linear_gradient("L").resize((60, 80))
PNGS = {
    "1": PAGE.resize((60, 80)).convert("1"),
    "L": PAGE.resize((60, 80)).convert("L"),
    "LA": Image.merge("LA", (PAGE.resize((60, 80)).convert("L"), _ALPHA)),
    "P": PAGE.resize((60, 80)).quantize(40),
    "RGB": PAGE.resize((60, 80)),
    "RGBA": Image.merge("RGBA", (*PAGE.resize((60, 80)).split(), _ALPHA)),
}


@pytest.mark.parametrize("policy", [FITTING, STRICT], ids=["fitting", "strict"])
@pytest.mark.parametrize("mode", PNGS)
def test_a_png_within_the_limit_keeps_mode_and_pixels(mode, policy):
    prepared = take_in(pictures.encoded(PNGS[mode], "PNG"), policy)
    stored = pictures.decoded(prepared.data)
    assert (prepared.format, stored.mode, prepared.fitted) == ("png", mode, False)
    assert stored.convert("RGBA").tobytes() == PNGS[mode].convert("RGBA").tobytes()


@pytest.mark.parametrize("transparency", [3, bytes([255, 128, 0, 255, 7])])
def test_a_transparent_palette_keeps_its_transparency(transparency):
    data = pictures.encoded(PNGS["P"], "PNG", transparency=transparency)
    stored = pictures.decoded(take_in(data, FITTING).data)
    assert stored.mode == "P"
    assert stored.convert("RGBA").tobytes() == pictures.decoded(data).convert("RGBA").tobytes()


def test_16_bit_grey_keeps_its_shades():
    levels = [0, 255, 256, 0x4000, 0x8000, 0xC000, 0xFF00, 0xFFFF]
    stored = pictures.decoded(take_in(pictures.png_rows(8, 1, 16, 0, levels), FITTING).data)
    assert list(stored.convert("L").tobytes()) == [level >> 8 for level in levels]


def test_16_bit_transparent_colours():
    grey = pictures.png_rows(3, 1, 16, 0, [0x1234, 0x1235, 0x3412], pictures.chunk(b"tRNS", b"\x12\x34"))
    assert list(pictures.decoded(take_in(grey, FITTING).data).getchannel("A").tobytes()) == [0, 255, 255]
    key = struct.pack(">HHH", 0x1234, 0x5678, 0x9ABC)
    rgb = pictures.png_rows(2, 1, 16, 2, [0x1234, 0x5678, 0x9ABC, 1, 2, 3], pictures.chunk(b"tRNS", key))
    assert list(pictures.decoded(take_in(rgb, FITTING).data).getchannel("A").tobytes()) == [0, 255]


def test_a_transparent_grey_of_4_bits():
    import zlib

    packed = zlib.compress(b"\0\x0f\x5a")  # 0, 15, 5, 10
    data = pictures.png_file(4, 1, 4, 0, packed, pictures.chunk(b"tRNS", b"\0\x05"))
    stored = pictures.decoded(take_in(data, FITTING).data)
    assert list(stored.getchannel("L").tobytes()) == [0, 255, 85, 170]
    assert list(stored.getchannel("A").tobytes()) == [255, 255, 0, 255]


def test_white_is_behind_what_is_transparent():
    clear = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    prepared = take_in(pictures.encoded(clear, "PNG"), FITTING)
    assert_near(pictures.decoded(prepared.thumbnail).convert("RGB").getpixel((100, 100)), (255, 255, 255), 2)


def assert_looks_like(image, expected):
    """As a whole: a mistake in turning or mirroring moves the mean difference far above what encoding does."""
    assert (image.width > image.height) == (expected.width > expected.height)
    small = [picture.convert("RGB").resize((60, 80), Image.Resampling.BOX) for picture in (image, expected)]
    assert max(ImageStat.Stat(ImageChops.difference(*small)).mean) < 4


def assert_near(found, expected, levels):
    assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= levels, (found, expected)
