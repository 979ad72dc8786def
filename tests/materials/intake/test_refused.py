"""What is refused, with which code and details, and that nothing but a refusal leaves the intake."""

import io
import pickle
import random
import struct
import zipfile
from dataclasses import replace

import pytest
from PIL import Image

from materials import intake
from materials.intake import Refused, jpeg_file, png_file
from materials.intake.take import take_in
from tests import pictures

from .policies import FITTING, STRICT


def refusal(data, policy=FITTING):
    with pytest.raises(Refused) as caught:
        take_in(data, policy)
    return caught.value


@pytest.fixture
def no_decoder(monkeypatch):
    """Fail when a decoder is so much as opened."""

    def opened(*args, **kwargs):
        pytest.fail("a decoder was opened")

    monkeypatch.setattr(Image, "open", opened)
    monkeypatch.setattr("materials.intake.heic_file.open_heic", opened)


def zipped(name):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


PAGE = pictures.document(60, 80)
STRANGERS = {
    "GIF": pictures.encoded(PAGE, "GIF"),
    "WebP": pictures.encoded(PAGE, "WEBP"),
    "BMP": pictures.encoded(PAGE, "BMP"),
    "TIFF": pictures.encoded(PAGE, "TIFF"),
    "PDF": pictures.encoded(PAGE, "PDF"),
    "ICO": pictures.encoded(PAGE, "ICO"),
    "AVIF": b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B",
    "HEIF": b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf",
    "MP4": b"\0\0\0\x18ftypisom\0\0\0\0isomiso2",
    "MOV": b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
    "SVG": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "HTML": b"<!DOCTYPE html><title>x</title>",
    "ZIP": zipped("a.txt"),
    "Word": zipped("word/document.xml"),
    "PSD": b"8BPS\0\1" + bytes(20),
    "text": "身份证".encode(),
    "unknown": bytes(range(1, 32)),
}


@pytest.mark.parametrize("found", STRANGERS)
@pytest.mark.usefixtures("no_decoder")
def test_other_formats_are_named_and_never_decoded(found):
    refused = refusal(STRANGERS[found])
    assert refused.code == "format"
    assert refused.details == {"found": found, "allowed": ("jpeg", "png")}


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.usefixtures("no_decoder")
def test_a_format_that_the_category_does_not_take(kind):
    policy = replace(FITTING, formats=frozenset({"jpeg", "png"}) - {kind.lower()})
    refused = refusal(pictures.encoded(PAGE, kind), policy)
    assert (refused.code, refused.details["found"]) == ("format", kind)


@pytest.mark.parametrize("policy", [STRICT, replace(FITTING, formats=frozenset({"jpeg", "png"}))])
@pytest.mark.usefixtures("no_decoder")
def test_heic_is_refused_where_it_cannot_be_converted(policy):
    assert refusal(pictures.heic(PAGE), policy).details["found"] == "HEIC"


def test_only_the_decoder_of_the_format_is_run(monkeypatch):
    asked = []
    real = Image.open
    monkeypatch.setattr(Image, "open", lambda *args, **kwargs: asked.append(kwargs["formats"]) or real(*args, **kwargs))
    take_in(pictures.encoded(PAGE, "JPEG"), FITTING)
    take_in(pictures.encoded(PAGE, "PNG"), FITTING)
    assert {tuple(formats) for formats in asked} == {("JPEG",), ("PNG",)}


def test_empty():
    assert refusal(b"").code == "empty"


def test_an_upload_over_20_mb_is_too_large_even_where_pictures_are_fitted():
    limit = FITTING.max_upload_bytes
    refused = refusal(pictures.encoded(PAGE) + bytes(limit))
    assert refused.code == "too_large"
    assert refused.details["found"] > refused.details["allowed"] == limit


def test_a_bigger_file_is_too_large_where_pictures_are_not_fitted():
    data = pictures.encoded(pictures.document(noise=30), quality=95)
    assert len(data) > STRICT.max_bytes
    refused = refusal(data, STRICT)
    assert refused.code == "too_large"
    assert refused.details == {"found": len(data), "allowed": 204_800}
    assert take_in(data, FITTING).fitted


def test_the_format_is_judged_before_the_size():
    gif = STRANGERS["GIF"] + bytes(300_000)
    assert refusal(gif, STRICT).code == "format"


@pytest.mark.parametrize("bomb", [pictures.bomb_1_bit, pictures.bomb_rgb])
@pytest.mark.parametrize("policy", [FITTING, STRICT])
@pytest.mark.usefixtures("no_decoder")
def test_bombs_are_refused_by_their_header(bomb, policy):
    refused = refusal(bomb(), policy)
    assert refused.code == "too_many_pixels"
    assert refused.details["width"] * refused.details["height"] > refused.details["allowed"] == 50_000_000


@pytest.mark.usefixtures("no_decoder")
def test_a_jpeg_of_too_many_pixels_is_refused_by_its_header():
    jpeg = bytearray(pictures.encoded(PAGE))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = b"\x27\x10\x27\x10"
    assert refusal(bytes(jpeg)).details == {"width": 10_000, "height": 10_000, "allowed": 50_000_000}


def test_a_heic_of_too_many_pixels_is_refused_by_its_header(monkeypatch):
    from pillow_heif import HeifImageFile

    monkeypatch.setattr(HeifImageFile, "load", lambda self: pytest.fail("decoded"))
    policy = replace(FITTING, max_pixels=4_000)
    assert refusal(pictures.heic(PAGE), policy).code == "too_many_pixels"


def test_exactly_as_many_pixels_as_allowed_are_taken():
    assert take_in(pictures.encoded(PAGE), replace(FITTING, max_pixels=60 * 80)).width == 60
    assert refusal(pictures.encoded(PAGE), replace(FITTING, max_pixels=60 * 80 - 1)).code == "too_many_pixels"


@pytest.mark.usefixtures("no_decoder")
def test_more_than_100_scans_are_refused_before_decoding():
    assert refusal(pictures.many_scans(101)).details == {"reason": "too many scans"}


@pytest.mark.usefixtures("no_decoder")
def test_many_scans_of_many_pixels_are_refused_before_decoding():
    data = bytearray(pictures.many_scans(20))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 7_000, 7_000)
    assert refusal(bytes(data)).details == {"reason": "too many scans"}


def test_a_run_of_fill_bytes_does_not_reach_the_decoder():
    # Pillow takes the square of its length over one: half a minute for 20 MB.
    filled = JPEG[:2] + b"\xff" * 5_000 + JPEG[2:-2] + b"\xff" * 5_000 + JPEG[-2:]
    assert b"\xff" * 3 not in jpeg_file.read(filled).clean
    assert take_in(filled, FITTING).pixels_sha256 == take_in(JPEG, FITTING).pixels_sha256


def test_usual_progressive_pictures_and_100_scans_are_taken():
    assert take_in(pictures.encoded(PAGE, progressive=True), FITTING)
    assert take_in(pictures.many_scans(100), FITTING)


# --- broken ---------------------------------------------------------------------------------------


def cut(data):
    return data[: len(data) * 2 // 3]


def with_wrong_checksum(png):
    at = png.index(b"IDAT") + 6
    return png[:at] + bytes([png[at] ^ 1]) + png[at + 1 :]


JPEG = pictures.encoded(pictures.document(300, 400))
PNG = pictures.encoded(pictures.document(300, 400), "PNG")
LESS_DATA = pictures.png_file(100, 100, 8, 0, b"\x78\x9c\x63\x00\x00\x00\x01\x00\x01")
BROKEN = {
    "JPEG cut off": cut(JPEG),
    "JPEG cut off and closed": cut(JPEG)[:200] + b"\xff\xd9",
    "JPEG whose tail is zeros": cut(JPEG) + bytes(len(JPEG) // 3),
    "JPEG of three bytes": b"\xff\xd8\xff",
    "JPEG of two bytes": b"\xff\xd8",
    "JPEG with a second frame": JPEG.replace(
        b"\xff\xdb", b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xdb", 1
    ),
    "JPEG without height": JPEG.replace(b"\xff\xc0\x00\x11\x08\x01\x90", b"\xff\xc0\x00\x11\x08\x00\x00"),
    "JPEG without quantization tables": JPEG.replace(b"\xff\xdb", b"\xff\xe9"),
    "PNG cut off": cut(PNG),
    "PNG without end": PNG[:-12],
    "PNG with a damaged signature": b"\x89PNG\r\r\n\x1a" + PNG[8:],
    "PNG with a wrong checksum": with_wrong_checksum(PNG),
    "PNG with too little data": LESS_DATA,
    "PNG without data": PNG[:33] + PNG[-12:],
    "PNG of colour type 1": pictures.png_file(4, 4, 8, 1, b""),
    "PNG of bit depth 3": pictures.png_file(4, 4, 3, 0, b""),
    "PNG of no width": pictures.png_file(0, 4, 8, 0, b""),
    "PNG with an unknown critical chunk": pictures.with_chunks(PNG, pictures.chunk(b"CgBI", b"\x50\0\x20\x06")),
    "HEIC cut off": cut(pictures.heic(pictures.document(300, 400))),
    "HEIC with nothing in it": b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_pictures_are_corrupt(what, caplog):
    assert refusal(BROKEN[what]).code == "corrupt"
    assert not caplog.records, "a broken picture is nothing unforeseen"


def test_a_picture_must_pass_both_verify_and_load(monkeypatch):
    from PIL import ImageFile, PngImagePlugin

    done = []
    for owner, name in ((PngImagePlugin.PngImageFile, "verify"), (ImageFile.ImageFile, "load")):
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda self, name=name, real=real: done.append(name) or real(self))
    take_in(PNG, FITTING)
    assert done[:2] == ["verify", "load"]


def test_truncated_pictures_are_never_filled_in():
    from PIL import ImageFile

    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_million_chunks_or_segments_are_not_walked_to_the_end(monkeypatch):
    assert refusal(pictures.with_segments(JPEG, pictures.segment(0xFE, b"") * 20_000)).code == "corrupt"
    monkeypatch.setattr(png_file, "_MOST_CHUNKS", 50)
    assert refusal(pictures.with_chunks(PNG, *[pictures.chunk(b"teSt", b"")] * 60)).code == "corrupt"


def test_a_compressed_profile_or_text_that_unfolds_to_megabytes_is_left_alone():
    import zlib

    folded = zlib.compress(bytes(30_000_000))
    png = pictures.with_chunks(
        PNG, pictures.chunk(b"iCCP", b"x\0\0" + folded), pictures.chunk(b"zTXt", b"x\0\0" + folded)
    )
    assert png_file.read(png).icc is None
    assert take_in(png, FITTING).format == "png"


def test_an_unforeseen_error_becomes_a_refusal_that_says_where(monkeypatch):
    monkeypatch.setattr("materials.intake.take.warnings_for", lambda *args: 1 / 0)
    refused = refusal(PNG)
    assert refused.code == "corrupt"
    assert "ZeroDivisionError" in refused.details["unforeseen"]


@pytest.mark.parametrize("seed", range(3))
def test_mutated_pictures_are_taken_or_refused_and_nothing_else(seed, caplog):
    chance = random.Random(seed)
    small = pictures.document(48, 64)
    sources = [
        pictures.encoded(small, quality=60),
        pictures.encoded(small, quality=60, progressive=True),
        pictures.encoded(small.convert("CMYK")),
        pictures.encoded(small, "PNG"),
        pictures.encoded(small.quantize(16), "PNG"),
        pictures.with_segments(pictures.encoded(small), pictures.segment(0xE1, b"Exif\0\0" + pictures.exif(6))),
    ]
    for _ in range(100):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(2, len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(20)]
                case _:
                    data[at:at] = chance.randbytes(chance.randrange(8))
        try:
            assert len(intake.take_in(bytes(data), FITTING).data) <= FITTING.max_bytes
        except Refused:
            pass
    assert not caplog.records


def test_a_palette_behind_the_pixels_is_none():
    png = pictures.encoded(pictures.document(300, 200).quantize(8), "PNG")
    start = png.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(png[start : start + 4], "big")
    moved = png[:start] + png[end:-12] + png[start:end] + png[-12:]
    refused = refusal(moved)
    assert refused.code == "corrupt"
    assert "unforeseen" not in refused.details


def test_a_refusal_survives_the_way_between_processes():
    copy = pickle.loads(pickle.dumps(Refused("too_large", found=3, allowed=2)))
    assert (copy.code, copy.details) == ("too_large", {"found": 3, "allowed": 2})
