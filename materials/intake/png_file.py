"""PNG files taken apart chunk by chunk, without decoding."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from . import exif
from .container import Container
from .outcome import Refused

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS: Final = 100_000
_MOST_ICC: Final = 1024 * 1024
#: Colour type → the bit depths the standard allows with it.
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PALETTE_COLOUR: Final = 3
#: All that a decoder needs. The rest is dropped unread, but for the colour profile and the orientation.
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def read(data: bytes) -> Container:
    """Take a PNG apart. Of an animated one the still picture is left.

    Raises ``Refused`` "corrupt" for a damaged signature, a header that the standard does not allow, a wrong
    checksum on a chunk that matters, chunks missing or unknown ones that a decoder must understand.
    """
    if not data.startswith(SIGNATURE):
        raise Refused("corrupt", reason="signature")
    view = memoryview(data)
    parts: list[bytes | memoryview] = [SIGNATURE]
    seen: set[bytes] = set()
    header = (0, 0, 0, 0)
    icc: bytes | None = None
    orientation = 1
    at = len(SIGNATURE)
    for _chunk in range(_MOST_CHUNKS):
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(data):
            raise Refused("corrupt", reason="a chunk runs past the end")
        body = view[at + 8 : end - 4]
        if not seen and kind != b"IHDR":
            raise Refused("corrupt", reason="no header")
        if kind == b"IDAT" and header[3] == _PALETTE_COLOUR and b"PLTE" not in seen:
            raise Refused("corrupt", reason="no palette before the pixels")
        if kind in _KEPT:
            if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
                raise Refused("corrupt", reason=f"checksum of {kind!r}")
            parts.append(view[at:end])
        elif kind[:1].isupper():
            raise Refused("corrupt", reason=f"unknown critical chunk {kind!r}")
        elif kind == b"iCCP" and icc is None:
            icc = _profile(bytes(body))
        elif kind == b"eXIf":
            orientation = exif.orientation(bytes(body))
        if kind == b"IHDR":
            if seen:
                raise Refused("corrupt", reason="a second header")
            header = _header(bytes(body))
        seen.add(kind)
        at = end
        if kind == b"IEND":
            break
    else:
        raise Refused("corrupt", reason="too many chunks")
    width, height, bit_depth, _colour = header
    if b"IDAT" not in seen:
        raise Refused("corrupt", reason="no picture in it")
    return Container(
        format="png",
        clean=b"".join(parts),
        width=width,
        height=height,
        orientation=orientation,
        icc=icc,
        bit_depth=bit_depth,
    )


def _header(body: bytes) -> tuple[int, int, int, int]:
    """Width, height, bit depth and colour type."""
    if len(body) != 13:
        raise Refused("corrupt", reason="header length")
    width, height, bit_depth, colour, compression, filtering, interlace = struct.unpack(">LLBBBBB", body)
    if bit_depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise Refused("corrupt", reason="header values")
    if not (0 < width < 2**31 and 0 < height < 2**31):
        raise Refused("corrupt", reason="header size")
    return width, height, bit_depth, colour


def _profile(body: bytes) -> bytes | None:
    """The colour profile of an iCCP chunk, or nothing when it is broken or unfolds to more than a profile would."""
    _name, _zero, rest = body.partition(b"\x00")
    try:
        inflate = zlib.decompressobj()
        profile = inflate.decompress(rest[1:], _MOST_ICC)
    except zlib.error:
        return None
    return profile if inflate.eof and profile else None
