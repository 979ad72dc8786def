"""Writing pictures. What comes here has nothing in ``info`` that Pillow would write (decode.py, colour.py)."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

_THUMBNAIL_SIDE: Final = 320
_THUMBNAIL_BYTES: Final = 12 * 1024


def jpeg(image: Image.Image, quality: int | list[list[int]], subsampling: int | str = "4:2:0") -> bytes:
    """``image`` (RGB, YCbCr or L) as a baseline JPEG.

    ``quality``: 1 to 95, or the quantization tables themselves. Progressive files are 4 to 5 % smaller and take
    three times as long to write.
    """
    stream = io.BytesIO()
    how = {"quality": quality} if isinstance(quality, int) else {"qtables": quality}
    image.save(stream, "JPEG", optimize=True, subsampling=subsampling, **how)
    return stream.getvalue()


def png(image: Image.Image, *, smallest: bool = False) -> bytes:
    """``image`` (1, L, LA, P, RGB or RGBA) as a PNG, every pixel value kept.

    ``smallest``: as small as zlib makes it, which saves 4 % and takes four times as long. Pillow takes the
    transparency of a palette from ``info``, where it is all there is.
    """
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=smallest)
    return stream.getvalue()


def thumbnail(image: Image.Image) -> bytes:
    """``image`` (RGB or L) as a JPEG with its longest side 320, about 12 KB at most."""
    small = image.copy() if max(image.size) <= _THUMBNAIL_SIDE else _reduced(image)
    data = b""
    for quality in (70, 50, 30):
        data = jpeg(small, quality)
        if len(data) <= _THUMBNAIL_BYTES:
            break
    return data


def _reduced(image: Image.Image) -> Image.Image:
    factor = _THUMBNAIL_SIDE / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)
