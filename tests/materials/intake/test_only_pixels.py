"""Stored bytes hold nothing of the original but its pixels."""

import io
import zipfile
from dataclasses import replace

import pytest
from PIL import PngImagePlugin

from materials.intake import jpeg_file, png_file
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING, STRICT

MARK = b"SECRET-MARK-4711"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + MARK + b"</x:xmpmeta>"
PAGE = pictures.document(600, 800)
TIGHT = replace(FITTING, max_bytes=20_000)  # so that everything has to be fitted


def archive():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr("evil.html", MARK)
    return stream.getvalue()


def inside_the_scan(jpeg):
    """Bytes between the last coefficient and the end of the image: part of the scan for whoever goes by markers."""
    return jpeg[:-2] + MARK + b"\xff\xd9"


JPEG = pictures.encoded(PAGE, quality=70)
JPEGS = {
    "comment": pictures.with_segments(JPEG, pictures.segment(0xFE, MARK)),
    **{f"APP{n}": pictures.with_segments(JPEG, pictures.segment(0xE0 + n, MARK)) for n in range(16)},
    "JFIF thumbnail": pictures.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\4\4" + MARK * 3).join([JPEG[:2], JPEG[20:]]),
    "Adobe with more": pictures.with_segments(
        pictures.encoded(PAGE, quality=70, keep_rgb=True), pictures.segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + MARK)
    ),
    "EXIF with GPS": pictures.with_segments(JPEG, pictures.segment(0xE1, b"Exif\0\0" + pictures.exif(1, MARK))),
    "XMP": pictures.with_segments(JPEG, pictures.segment(0xE1, XMP)),
    "ICC": pictures.with_segments(JPEG, pictures.segment(0xE2, b"ICC_PROFILE\0\1\1" + MARK)),
    "behind the end": JPEG + MARK,
    "archive behind the end": JPEG + archive(),
    "page behind the end": JPEG + b"<script>" + MARK + b"</script>",
    "inside the scan": inside_the_scan(JPEG),
    "between two tables": JPEG.replace(b"\xff\xc4", MARK + b"\xff\xc4", 1),
    "between progressive scans": pictures.encoded(PAGE, quality=70, progressive=True).replace(
        b"\xff\xc4", pictures.segment(0xFE, MARK) + b"\xff\xc4"
    ),
}
PNG = pictures.encoded(PAGE.quantize(8), "PNG")
PNGS = {
    **{
        kind: pictures.with_chunks(PNG, pictures.chunk(kind.encode(), b"key\0\0" + MARK))
        for kind in ("tEXt", "zTXt", "iTXt", "iCCP", "eXIf", "prVt", "acTL", "sPLT", "gAMA")
    },
    "eXIf with GPS": pictures.with_chunks(PNG, pictures.chunk(b"eXIf", pictures.exif(1, MARK))),
    "behind the end": PNG + MARK,
    "archive behind the end": PNG + archive(),
    "behind the last data": PNG.replace(PNG[-12:], pictures.chunk(b"IDAT", MARK) + PNG[-12:]),
}


@pytest.mark.parametrize("policy", [FITTING, STRICT, TIGHT], ids=["fitting", "strict", "tight"])
@pytest.mark.parametrize("where", JPEGS)
def test_a_mark_in_a_jpeg_is_gone(where, policy):
    if policy is TIGHT or len(JPEGS[where]) <= policy.max_bytes:
        prepared = take_in(JPEGS[where], policy)
        assert MARK in JPEGS[where]
        assert MARK not in prepared.data + prepared.thumbnail
        assert_only_pixels(prepared.data)
        assert_only_pixels(prepared.thumbnail)


@pytest.mark.parametrize("max_bytes", [204_800, 4_000])
@pytest.mark.parametrize("where", PNGS)
def test_a_mark_in_a_png_is_gone(where, max_bytes):
    prepared = take_in(PNGS[where], replace(FITTING, max_bytes=max_bytes))
    assert MARK in PNGS[where]
    assert MARK not in prepared.data + prepared.thumbnail
    assert_only_pixels(prepared.data)


@pytest.mark.parametrize("where", sorted(set(JPEGS) - {"inside the scan"}))
def test_a_mark_in_a_jpeg_does_not_even_reach_the_decoder(where):
    assert MARK not in jpeg_file.read(JPEGS[where]).clean


@pytest.mark.parametrize("where", sorted(set(PNGS) - {"behind the last data"}))
def test_a_mark_in_a_png_does_not_even_reach_the_decoder(where):
    assert MARK not in png_file.read(PNGS[where]).clean


def test_heic_metadata_is_gone():
    from pillow_heif import from_pillow

    image = from_pillow(PAGE)
    image.info["exif"] = b"Exif\0\0" + pictures.exif(1, MARK)
    image.info["xmp"] = b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"
    stream = io.BytesIO()
    image.save(stream, quality=60)
    assert MARK in stream.getvalue()
    prepared = take_in(stream.getvalue(), FITTING)
    assert MARK not in prepared.data
    assert_only_pixels(prepared.data)


def test_colour_profiles_are_gone_once_applied():
    p3 = pictures.display_p3()
    for data in (
        pictures.encoded(PAGE, quality=70, icc_profile=p3),
        pictures.encoded(PAGE, "PNG", icc_profile=p3),
        pictures.encoded(pictures.document(1500, 2000, noise=20), icc_profile=p3),
    ):
        prepared = take_in(data, FITTING)
        assert_only_pixels(prepared.data)
        assert_only_pixels(prepared.thumbnail)


def test_of_an_animated_png_the_first_picture_is_left():
    frames = [pictures.document(200, 300, seed=seed) for seed in (1, 2, 3)]
    data = pictures.encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    assert b"acTL" in data
    prepared = take_in(data, FITTING)
    image = pictures.decoded(prepared.data)
    assert not isinstance(image, PngImagePlugin.PngImageFile) or not image.is_animated
    assert image.convert("RGB").tobytes() == frames[0].tobytes()
    assert_only_pixels(prepared.data)


def assert_only_pixels(data):
    """Walk the stored file and name every part that is not needed to show it."""
    if data.startswith(b"\x89PNG"):
        at, kinds = 8, []
        while at < len(data):
            kinds.append(data[at + 4 : at + 8])
            at += 12 + int.from_bytes(data[at : at + 4], "big")
        assert set(kinds) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
        assert kinds[-1] == b"IEND"
        assert at == len(data)
        return
    assert data.startswith(b"\xff\xd8")
    assert data.endswith(b"\xff\xd9")
    at = 2
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        assert data[at + 1] in (0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE), hex(data[at + 1])
        assert data[at + 1] not in (0xE0, 0xEE) or length <= 16
        at += 2 + length
    assert data.count(b"\xff\xd9") == 1
