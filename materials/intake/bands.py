"""Pictures decoded a band of rows at a time: whole, 50 megapixels take 200 MB and more."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image
from pillow_heif import HeifFile

from .container import Container
from .png_file import SIGNATURE

_ROWS: Final = 256
_CHANNELS: Final = {2: 3, 6: 4}  # PNG's colour type → bytes a pixel, at 8 bits a sample


def can_band(container: Container) -> bool:
    """Whether ``bands`` can take this picture apart: a HEIC, or an ordinary PNG of RGB or RGBA, both upright.

    Other PNGs have one byte a pixel, or are as rare as 16-bit and interlaced ones.
    """
    if container.format == "heic":
        return True
    if container.format != "png" or container.orientation != 1:
        return False
    depth, colour, interlaced = container.clean[24], container.clean[25], container.clean[28]
    has_key = any(kind == b"tRNS" for kind, _body in _chunks(container.clean))
    return colour in _CHANNELS and depth == 8 and not interlaced and not has_key


def bands(container: Container, factor: int) -> Iterator[Image.Image]:
    """The picture's rows from the top in bands, each of a multiple of ``factor`` rows but for the last.

    In the decoder's mode, RGB or RGBA as a rule. Raises what decoders raise (``decode.BROKEN``) when there are
    fewer rows than the header says.
    """
    decoder = _heic if container.format == "heic" else _png
    return decoder(container, _ROWS // factor * factor)


def is_exact(png: bytes) -> bool:
    """Whether a PNG that ``can_band`` has its rows and nothing hidden behind them."""
    width, height = struct.unpack_from(">LL", png, 16)
    rows = _Rows(png)
    try:
        for _row in range(height):
            rows.read(1 + width * _CHANNELS[png[25]])
    except EOFError:
        return False
    return rows.is_end()


def _heic(container: Container, rows: int) -> Iterator[Image.Image]:
    pictures = HeifFile(io.BytesIO(container.clean), remove_stride=False)
    picture = pictures[pictures.primary_index]
    pixels, stride, mode = picture.data, picture.stride, picture.mode
    if picture.size != (container.width, container.height):
        raise ValueError("the decoder sees another size than the header check did")
    for top in range(0, container.height, rows):
        height = min(rows, container.height - top)
        band = pixels[top * stride : (top + height) * stride]
        yield Image.frombytes(mode, (container.width, height), band, "raw", mode, stride)


def _png(container: Container, rows: int) -> Iterator[Image.Image]:
    """Each band as a PNG of its own, its first row the last of the band before, from which filters tell the next.

    So undoing the filters, which is slow in Python, is left to the decoder.
    """
    colour, width = container.clean[25], container.width
    length = 1 + width * _CHANNELS[colour]
    above = bytes(length)  # before the first row the standard puts one of zeros
    source = _Rows(container.clean)
    for top in range(0, container.height, rows):
        height = min(rows, container.height - top)
        header = struct.pack(">LLBBBBB", width, height + 1, 8, colour, 0, 0, 0)
        data = zlib.compress(above + source.read(height * length), 0)
        png = SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            band = image.crop((0, 1, width, height + 1))
        above = b"\x00" + band.crop((0, height - 1, width, height)).tobytes()
        yield band


class _Rows:
    """The bytes of a PNG's rows, filters and all, as they come out of its compressed stream."""

    def __init__(self, png: bytes) -> None:
        self._parts = (body for kind, body in _chunks(png) if kind == b"IDAT")
        self._inflate = zlib.decompressobj()
        self._left: bytes | memoryview = b""

    def read(self, length: int) -> bytes:
        """The next ``length`` bytes. Raises EOFError when there are fewer, zlib.error when they are broken."""
        found = bytearray()
        while len(found) < length:
            if not self._left:
                self._left = next(self._parts, b"")
                if not self._left:
                    raise EOFError("fewer rows than the header says")
            found += self._inflate.decompress(self._left, length - len(found))
            self._left = self._inflate.unconsumed_tail
        return bytes(found)

    def is_end(self) -> bool:
        """Whether nothing more comes."""
        for part in (self._left, *self._parts):
            if self._inflate.eof or self._inflate.decompress(part, 1):
                return self._inflate.eof and not part
        return self._inflate.eof and not self._inflate.unused_data


def _chunks(png: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The chunks of a file that png_file.py has checked."""
    view, at = memoryview(png), len(SIGNATURE)
    while at < len(png):
        length = int.from_bytes(view[at : at + 4], "big")
        yield bytes(view[at + 4 : at + 8]), view[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))
