"""Pictures that the tests draw for themselves: documents, and every kind of hostile file.

Sizes are pixels; everything returns either a Pillow image or the bytes of a file. Nothing here needs a font,
a file or a library beyond Pillow and pillow-heif, and the same call gives the same picture every time.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cache, lru_cache

import pillow_heif
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageFont

RED = (205, 30, 40)
PAPER = (236, 232, 224)
WORDS = ["registration", "certificate", "practice", "clinical", "assistant", "hospital", "seal", "valid", "until"]


def document(width: int = 1200, height: int = 1600, *, seed: int = 0, noise: int = 0) -> Image.Image:
    """An RGB page: lines of print, a red seal at the lower right, a dark bar at the top. ``noise``: grey levels."""
    return _document(width, height, seed, noise).copy()


@lru_cache(maxsize=16)
def _document(width: int, height: int, seed: int, noise: int) -> Image.Image:
    chance = random.Random(seed)
    page = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(page)
    size = max(8, min(width, height) // 45)
    font = ImageFont.load_default(size)
    margin = size * 2
    draw.rectangle((0, 0, width, size), fill=(40, 60, 110))
    for top in range(margin * 2, height - margin, size * 2):
        line = " ".join(chance.choice(WORDS) for _ in range(width // (size * 6)))
        draw.text((margin, top), line, fill=(40, 40, 50), font=font)
    radius = min(width, height) // 6
    x, y = width - radius * 2, height - radius * 2
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=RED, width=max(2, radius // 8))
    draw.ellipse((x - radius // 3, y - radius // 3, x + radius // 3, y + radius // 3), fill=RED)
    if noise:
        grain = grainy(width, height, noise, seed)
        page = ImageChops.add(page, Image.merge("RGB", [grain] * 3), 1, -128)
    return page


def grainy(width: int, height: int, levels: int, seed: int = 0) -> Image.Image:
    """Mode L, around 128: what a sensor adds. Tiled, because random bytes are slow to make."""
    side = 256
    chance = random.Random(seed)
    tile = Image.frombytes("L", (side, side), chance.randbytes(side * side))
    tile = tile.point([round(128 + (value - 128) * levels / 128) for value in range(256)])
    grain = Image.new("L", (width, height))
    for top in range(0, height, side):
        for left in range(0, width, side):
            grain.paste(tile, (left, top))
    return grain


def seal_colour(image: Image.Image) -> tuple[int, int, int]:
    """The colour in the middle of a document's seal."""
    radius = min(image.size) // 6
    pixel = image.convert("RGB").getpixel((image.width - radius * 2, image.height - radius * 2))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def heic(image: Image.Image, quality: int = 80) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=quality)
    return stream.getvalue()


def mpo(*images: Image.Image) -> bytes:
    """A JPEG with several pictures, as phones write them."""
    return encoded(images[0], "MPO", save_all=True, append_images=list(images[1:]), quality=85)


# --- turned ---------------------------------------------------------------------------------------

_UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def lying(image: Image.Image, orientation: int) -> Image.Image:
    """``image`` as a camera held that way would store it, so that the EXIF orientation turns it upright."""
    turn = _UNDO[orientation]
    return image if turn is None else image.transpose(turn)


def exif(orientation: int, extra: bytes = b"") -> bytes:
    """A TIFF block with the orientation and a GPS directory, big-endian as Apple writes it, and ``extra`` behind."""
    entries = [
        struct.pack(">HHLHH", 0x0112, 3, 1, orientation, 0),
        struct.pack(">HHLL", 0x8825, 4, 1, 38),
    ]
    directory = struct.pack(">H", len(entries)) + b"".join(entries) + struct.pack(">L", 0)
    gps = struct.pack(">H", 1) + struct.pack(">HHL4s", 0x0001, 2, 2, b"N\0\0\0") + struct.pack(">L", 0)
    return b"MM\x00*" + struct.pack(">L", 8) + directory + gps + extra


# --- JPEG by hand ---------------------------------------------------------------------------------


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """``jpeg`` with segments put in right behind its start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def turned_jpeg(image: Image.Image, orientation: int, **options: object) -> bytes:
    """``image`` stored lying, with the EXIF orientation that says so."""
    lies = encoded(lying(image, orientation), **({"quality": 85} | options))
    return with_segments(lies, segment(0xE1, b"Exif\x00\x00" + exif(orientation)))


def many_scans(scans: int, width: int = 300, height: int = 300) -> bytes:
    """A progressive JPEG whose last scan is repeated until there are so many."""
    jpeg = encoded(document(width, height), progressive=True, quality=60)
    last = jpeg.rindex(b"\xff\xda")
    have = jpeg.count(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * (scans - have + 1) + b"\xff\xd9"


def ends_the_rewriter() -> bytes:
    """A grey JPEG that decodes without complaint and at which the rewriting library ends its process.

    Every block adds 2,047 to the mean before it, until a coefficient of 16 bits turns over.
    """
    jpeg = encoded(Image.new("L", (64, 64), 128), quality=100)
    scan = jpeg.index(b"\xff\xda") + 10
    block = 0b111111110_11111111111_1010  # eleven bits follow; 2,047; end of block
    return jpeg[:scan] + block.to_bytes(3, "big").replace(b"\xff", b"\xff\0") * 64 + b"\xff\xd9"


def ycck(cmyk: Image.Image) -> bytes:
    """A CMYK picture as Photoshop writes it: inverted, and its first three inks as YCbCr."""
    cyan, magenta, yellow, black = cmyk.split()
    luma = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    # Pillow inverts all four on writing and marks them as plain CMYK; both are undone here.
    inverted = [ImageChops.invert(channel) for channel in (*luma, ImageChops.invert(black))]
    jpeg = encoded(Image.merge("CMYK", inverted), quality=95, subsampling=0)
    adobe = jpeg.index(b"\xff\xeeAdobe"[:2] + b"\x00\x0eAdobe")
    return jpeg[: adobe + 15] + b"\x02" + jpeg[adobe + 16 :]


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def display_p3() -> bytes:
    """A profile of a wide gamut: sRGB's, with the three primaries of Display P3 put in."""
    profile = bytearray(srgb())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for tag in range(struct.unpack_from(">L", profile, 128)[0]):
        name, at, _size = struct.unpack_from(">4sLL", profile, 132 + 12 * tag)
        if name in primaries:
            struct.pack_into(">3l", profile, at + 8, *(round(value * 65536) for value in primaries[name]))
    return bytes(profile)


# --- PNG by hand ----------------------------------------------------------------------------------


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png_file(width: int, height: int, depth: int, colour: int, packed: bytes, *between: bytes) -> bytes:
    """A PNG around zlib data that is ready; ``between``: chunks in front of it."""
    header = struct.pack(">LLBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *between, chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    )


def png_rows(width: int, height: int, depth: int, colour: int, samples: list[int], *between: bytes) -> bytes:
    """A PNG from samples, row by row; 16-bit ones big-endian, others of 8 bits."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    form = f">{width * channels}{'H' if depth == 16 else 'B'}"
    step = width * channels
    rows = [b"\0" + struct.pack(form, *samples[at : at + step]) for at in range(0, step * height, step)]
    return png_file(width, height, depth, colour, zlib.compress(b"".join(rows)), *between)


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """``png`` with chunks put in right behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def bomb_1_bit() -> bytes:
    """10000×10000 in 12 KB."""
    return png_file(10_000, 10_000, 1, 0, _packed_zeros((10_000 // 8 + 1) * 10_000))


@cache
def bomb_rgb() -> bytes:
    """9400×9400 RGB in some 257 KB."""
    return png_file(9_400, 9_400, 8, 2, _packed_zeros((9_400 * 3 + 1) * 9_400))


def _packed_zeros(count: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [packer.compress(block[: min(len(block), count - at)]) for at in range(0, count, len(block))]
    return b"".join([*parts, packer.flush()])
