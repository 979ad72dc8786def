"""``pixels_sha256``: the same picture is found again, another is not."""

from dataclasses import replace

import pytest
from PIL import Image

from materials.intake import lossless
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING, STRICT

PAGE = pictures.document(600, 800)
JPEG = pictures.encoded(PAGE, quality=75)


def identity(data, policy=FITTING):
    return take_in(data, policy).pixels_sha256


def test_it_is_a_sha256_in_hex_and_not_that_of_the_file():
    prepared = take_in(JPEG, FITTING)
    assert len(bytes.fromhex(prepared.pixels_sha256)) == 32
    assert prepared.pixels_sha256 != prepared.sha256


@pytest.mark.parametrize(
    "again",
    [
        JPEG + b"behind the end",
        pictures.with_segments(JPEG, pictures.segment(0xFE, b"a comment")),
        pictures.with_segments(JPEG, pictures.segment(0xE1, b"Exif\0\0" + pictures.exif(1))),
        pictures.with_segments(JPEG, pictures.segment(0xE2, b"ICC_PROFILE\0\1\1" + pictures.display_p3())),
        lossless.rewritten(JPEG, len(JPEG)),
        pictures.encoded(pictures.decoded(JPEG), "PNG"),
    ],
    ids=["tail", "comment", "exif", "profile", "rewritten", "as PNG"],
)
def test_the_same_picture_written_otherwise_is_the_same(again):
    assert again != JPEG
    assert identity(again) == identity(JPEG)


def test_it_is_of_the_original_whatever_is_made_of_it():
    large = pictures.encoded(pictures.document(noise=12), quality=90)
    small_limit = replace(FITTING, max_bytes=60_000)
    assert take_in(large, FITTING).sha256 != take_in(large, small_limit).sha256
    assert identity(large) == identity(large, small_limit) == identity(lossless.rewritten(large, len(large)))


def test_a_large_picture_within_the_limit_has_the_identity_it_has_over_it():
    large = pictures.encoded(pictures.document(3000, 4000), quality=20)
    tight = replace(FITTING, max_bytes=len(large) // 2)
    kept = take_in(large, replace(FITTING, max_bytes=len(large)))
    assert not kept.fitted
    assert kept.pixels_sha256 == identity(large, tight)


@pytest.mark.parametrize("orientation", range(2, 9))
def test_it_is_of_the_picture_as_seen(orientation):
    lies = pictures.encoded(pictures.lying(PAGE, orientation), "PNG")
    turned = pictures.with_chunks(lies, pictures.chunk(b"eXIf", pictures.exif(orientation)))
    assert identity(turned) == identity(pictures.encoded(PAGE, "PNG"))
    assert identity(lies) != identity(turned)


def test_palettes_alpha_that_shows_nothing_and_interlacing_do_not_count():
    few = PAGE.quantize(30)
    same = [few, few.convert("RGB"), few.convert("RGBA")]
    assert len({identity(pictures.encoded(image, "PNG")) for image in same}) == 1
    grey = PAGE.convert("L")
    assert identity(pictures.encoded(grey, "PNG")) == identity(pictures.encoded(grey.convert("RGB"), "PNG"))


def test_one_pixel_one_level_apart_is_another_picture():
    other = PAGE.copy()
    red, green, blue = pictures.PAPER
    assert other.getpixel((300, 799)) == pictures.PAPER
    other.putpixel((300, 799), (red, green, blue - 1))
    assert identity(pictures.encoded(other, "PNG")) != identity(pictures.encoded(PAGE, "PNG"))


def test_transparency_counts():
    opaque, clear = Image.new("RGBA", (9, 9), (1, 2, 3, 255)), Image.new("RGBA", (9, 9), (1, 2, 3, 254))
    assert identity(pictures.encoded(opaque, "PNG")) != identity(pictures.encoded(clear, "PNG"))


def test_the_shape_counts():
    wide, tall = Image.new("RGB", (20, 10), "white"), Image.new("RGB", (10, 20), "white")
    assert identity(pictures.encoded(wide, "PNG"), STRICT) != identity(pictures.encoded(tall, "PNG"), STRICT)
