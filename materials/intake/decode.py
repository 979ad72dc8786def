"""The only place where a decoder runs: one decoder, on a container that was checked and cut clean before."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from math import isqrt
from typing import Final

from PIL import Image, ImageChops

from . import exif
from .bands import bands, can_band
from .container import Container
from .fingerprint import Fingerprint
from .heic_file import open_heic
from .outcome import Refused

#: What decoders raise on broken pictures. Anything else is taken for our mistake and logged as such (take.py).
BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

#: Enough pixels of a page to read it by: a picture is scaled down while it is decoded as long as so many are left.
#: A JPEG decoder that scales skips most of its arithmetic, and everything after it has less to do. All of the
#: file is still read, so what is broken is found.
ENOUGH_PIXELS: Final = 2_900_000


@dataclass(slots=True)
class Original:
    """A picture decoded.

    ``image``: upright, in mode 1, L, LA, P, RGB, RGBA or CMYK, with nothing in ``info`` but P's transparency;
    16-bit samples as their upper 8 bits. Scaled down by ``scale_of``, if not ``is_whole``. ``identity``: see
    ``fingerprint.py``. ``ends_grey``: a JPEG's last block is what decoders leave where its data are missing.
    """

    image: Image.Image
    identity: str
    is_whole: bool
    ends_grey: bool


def decode(container: Container) -> Original:
    """All of a picture. Raises ``Refused`` "corrupt"."""
    fingerprint = Fingerprint()
    factor = scale_of(container)
    try:
        if container.format != "jpeg" and factor > 1:
            image = _reduced_in_bands(container, factor, fingerprint)
            ends_grey = False
        else:
            loaded = _load(container, factor)
            ends_grey = container.format == "jpeg" and _ends_grey(loaded, factor)
            image = _upright(loaded, container)
            fingerprint.add(image)
    except BROKEN as error:
        raise Refused("corrupt", reason=repr(error)) from error
    return Original(image, fingerprint.hexdigest(container.upright_size), is_whole=factor == 1, ends_grey=ends_grey)


def scale_of(container: Container) -> int:
    """By what a picture is scaled down while it is decoded: a JPEG by 1, 2, 4 or 8, from its size alone."""
    pixels = container.width * container.height
    if container.format == "jpeg":
        return next((scale for scale in (8, 4, 2) if pixels // scale**2 >= ENOUGH_PIXELS), 1)
    return max(1, isqrt(pixels // ENOUGH_PIXELS)) if can_band(container) else 1


def _reduced_in_bands(container: Container, factor: int, fingerprint: Fingerprint) -> Image.Image:
    image: Image.Image | None = None
    top = 0
    for band in bands(container, factor):
        fingerprint.add(band)
        rows = band.reduce(factor)
        if image is None:
            image = Image.new(rows.mode, (rows.width, -(-container.height // factor)))
        image.paste(rows, (0, top))
        top += rows.height
    assert image is not None  # noqa: S101  no picture has no rows (container.py)
    return image


def _upright(image: Image.Image, container: Container) -> Image.Image:
    if container.bit_depth == 16:
        _scale_key_colour(image)
    if image.mode == "I;16":
        image = _to_8_bits(image)
    image = _with_alpha(image, container.bit_depth)
    turn = exif.TURNS.get(container.orientation)
    transparency = image.info.get("transparency")
    if turn is not None:
        image = image.transpose(turn)
    image.info = {} if transparency is None else {"transparency": transparency}
    return image


def _open(container: Container) -> Image.Image:
    stream = io.BytesIO(container.clean)
    if container.format == "heic":
        return open_heic(stream)
    image = Image.open(stream, formats=[container.format.upper()])
    if image.size != (container.width, container.height):
        raise ValueError("the decoder sees another size than the header check did")
    return image


def _load(container: Container, scale: int) -> Image.Image:
    # verify() and load() each find damage that the other lets pass; verify() uses the object up.
    _open(container).verify()
    image = _open(container)
    if scale > 1:
        image.draft(None, (container.width // scale, container.height // scale))
    image.load()
    return image


def _ends_grey(image: Image.Image, scale: int) -> bool:
    """Whether the last block is all middle grey, which no camera or scanner makes and a missing block becomes."""
    side = 8 // scale
    block = image.crop((max(0, image.width - side), max(0, image.height - side), image.width, image.height))
    return all(127 <= level <= 129 for level in block.tobytes())


def _to_8_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as L. Pillow's own conversion clips at 255, which turns nearly everything white."""
    samples = image.tobytes()  # little-endian: every second byte is the upper one
    grey = Image.frombytes("L", image.size, samples[1::2])
    key = image.info.get("transparency")
    if isinstance(key, int):
        lower = Image.frombytes("L", image.size, samples[0::2])
        is_key = ImageChops.multiply(_equals(grey, key >> 8), _equals(lower, key & 0xFF))
        grey.putalpha(ImageChops.invert(is_key))
    return grey


def _equals(image: Image.Image, value: int) -> Image.Image:
    """255 where ``image`` (mode L) has that value, 0 elsewhere."""
    return image.point([255 if level == value else 0 for level in range(256)])


def _scale_key_colour(image: Image.Image) -> None:
    """Pillow leaves the transparent colour of a 16-bit RGB picture in 16 bits while its samples have 8."""
    key = image.info.get("transparency")
    if image.mode == "RGB" and isinstance(key, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in key)


def _with_alpha(image: Image.Image, bit_depth: int) -> Image.Image:
    """A transparent colour made an alpha channel; a palette keeps its own."""
    key = image.info.get("transparency")
    if key is None or image.mode not in ("1", "L", "RGB"):
        return image
    if image.mode == "L" and bit_depth < 8:
        # Samples of 2 and 4 bits are decoded to 0–255, the key is not.
        image.info["transparency"] = key * 255 // (2**bit_depth - 1)
    return image.convert("RGBA" if image.mode == "RGB" else "LA")
