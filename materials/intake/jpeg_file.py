"""JPEG files taken apart segment by segment, without decoding."""

from __future__ import annotations

import re
import struct
from typing import Final

from . import exif
from .container import Container
from .outcome import Refused

#: Real progressive pictures have 3 to 12 scans. Each scan of a hostile one costs a pass over all its pixels.
MOST_SCANS: Final = 100
#: With more scans than real pictures have, pixels × scans: 100 scans of 49 megapixels take half a minute.
MOST_SCANNED: Final = 600_000_000
_USUAL_SCANS: Final = 12
_MOST_SEGMENTS: Final = 10_000
_MOST_ICC: Final = 4 * 1024 * 1024

# The next marker that is a marker: not a stuffed zero, not fill, not a restart inside a scan. One regular
# expression walks 20 MB of scan data in milliseconds.
_MARKER: Final = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])")
# Fill bytes mean nothing, and Pillow's reading of a long run of them takes the square of its length.
_FILL: Final = re.compile(rb"\xff{2,}")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDD})  # Huffman, arithmetic, quantization, restart interval
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"


def read(data: bytes) -> Container:
    """Take a JPEG apart. Only its first picture counts, so a multi-picture file (MPO) is an ordinary one here.

    Raises ``Refused`` "corrupt" for a file that breaks off, has no frame or two, or too many scans.
    """
    parts: list[bytes] = []
    icc: dict[int, bytes] = {}
    size: tuple[int, int] | None = None
    jfif = False
    adobe: int | None = None
    orientation = 1
    scans = 0
    at = 2
    for _segment in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if found is None:
            # Not repaired: what is missing may be half the page, and decoders fill it with grey.
            raise Refused("corrupt", reason="no end of image")
        marker, start = found[1][0], found.start()
        if marker == _EOI:
            break
        if marker == _SOI:
            raise Refused("corrupt", reason="a second start of image")
        body, at = _segment_at(data, found.end())
        if marker in _FRAMES:
            if size is not None or len(body) < 6:
                raise Refused("corrupt", reason="frame headers")
            height, width = struct.unpack_from(">HH", body, 1)
            size = (width, height)
            parts.append(data[start:at])
        elif marker in _TABLES:
            parts.append(data[start:at])
        elif marker == _SOS:
            scans += 1
            scanned = scans * size[0] * size[1] if size else 0
            if scans > MOST_SCANS or (scans > _USUAL_SCANS and scanned > MOST_SCANNED):
                raise Refused("corrupt", reason="too many scans")
            end = _MARKER.search(data, at)
            at = end.start() if end else len(data)
            parts.append(_without_fill(data[start:at]))
        elif marker == _APP0:
            jfif = jfif or body.startswith(b"JFIF\x00")
        elif marker == _APP1 and body.startswith(b"Exif\x00\x00"):
            orientation = exif.orientation(body[6:])
        elif marker == _APP2 and body.startswith(b"ICC_PROFILE\x00") and len(body) > 14:
            icc.setdefault(body[12], body[14:])
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
    else:
        raise Refused("corrupt", reason="too many segments")
    if size is None or not scans or 0 in size:
        raise Refused("corrupt", reason="no picture in it")
    profile = b"".join(icc[number] for number in sorted(icc))
    return Container(
        format="jpeg",
        clean=b"".join([b"\xff\xd8", *_colour_marks(jfif, adobe), *parts, b"\xff\xd9"]),
        width=size[0],
        height=size[1],
        orientation=orientation,
        icc=profile if 0 < len(profile) <= _MOST_ICC else None,
    )


def _without_fill(scan: bytes) -> bytes:
    return _FILL.sub(b"\xff", scan) if b"\xff\xff" in scan else scan


def _segment_at(data: bytes, at: int) -> tuple[bytes, int]:
    """The body of the segment whose length field is at ``at``, and where the segment ends."""
    length = int.from_bytes(data[at : at + 2], "big")
    end = at + length
    if length < 2 or end > len(data):
        raise Refused("corrupt", reason="a segment runs past the end")
    return data[at + 2 : end], end


def _colour_marks(jfif: bool, adobe: int | None) -> list[bytes]:
    """The two application segments by which a decoder tells YCbCr from RGB and YCCK from CMYK, written anew."""
    marks = [_JFIF] if jfif else []
    if adobe is not None:
        marks.append(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([adobe]))
    return marks
