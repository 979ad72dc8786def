"""The only place where a decoder runs: one decoder, on a container that was checked and cut clean before."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageChops

from .container import Container
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

#: Enough pixels of a page to read it by: a JPEG is decoded at 1/2, 1/4 or 1/8 as long as so many are left.
#: A decoder that scales skips most of its arithmetic, and everything after it has less to do. All of the file
#: is still read, so what is broken is found.
ENOUGH_PIXELS: Final = 2_900_000

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(container: Container) -> Image.Image:
    """All pixels, upright, in mode 1, L, LA, P, RGB, RGBA or CMYK, with nothing in ``info`` but P's transparency.

    A JPEG comes at the scale of ``scale_of``; 16-bit samples come as their upper 8 bits. Raises ``Refused``
    "corrupt".
    """
    try:
        image = _load(container)
    except BROKEN as error:
        raise Refused("corrupt", reason=repr(error)) from error
    if container.bit_depth == 16:
        _scale_key_colour(image)
    if image.mode == "I;16":
        image = _to_8_bits(image)
    image = _with_alpha(image, container.bit_depth)
    turn = _TURNS.get(container.orientation)
    transparency = image.info.get("transparency")
    if turn is not None:
        image = image.transpose(turn)
    image.info = {} if transparency is None else {"transparency": transparency}
    return image


def scale_of(container: Container) -> int:
    """By what a JPEG is scaled down while it is decoded: 1, 2, 4 or 8, from its size alone."""
    if container.format != "jpeg":
        return 1
    pixels = container.width * container.height
    return next((scale for scale in (8, 4, 2) if pixels // scale**2 >= ENOUGH_PIXELS), 1)


def _open(container: Container) -> Image.Image:
    stream = io.BytesIO(container.clean)
    if container.format == "heic":
        return open_heic(stream)
    image = Image.open(stream, formats=[container.format.upper()])
    if image.size != (container.width, container.height):
        raise ValueError("the decoder sees another size than the header check did")
    return image


def _load(container: Container) -> Image.Image:
    # verify() and load() each find damage that the other lets pass; verify() uses the object up.
    _open(container).verify()
    image = _open(container)
    scale = scale_of(container)
    if scale > 1:
        image.draft(None, (container.width // scale, container.height // scale))
    image.load()
    return image


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
