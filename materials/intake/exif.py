"""The one thing worth reading in EXIF: which way is up."""

from __future__ import annotations

import struct
from typing import Final

from PIL import Image

#: Orientation → what turns the picture upright.
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: From this orientation on the picture lies on its side.
LYING: Final = 5
ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1
_MOST_ENTRIES: Final = 512


def orientation(tiff: bytes) -> int:
    """The orientation 1–8 in a TIFF block (EXIF without its "Exif\\0\\0"), 1 where there is none or it is nonsense.

    Read by hand rather than by an EXIF library: one tag of the first directory, no pointers followed, nothing
    a hostile file could make slow.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None:
        return _UPRIGHT
    try:
        (directory,) = struct.unpack_from(order + "L", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for entry in range(min(entries, _MOST_ENTRIES)):
            at = directory + 2 + 12 * entry
            tag, kind, _count = struct.unpack_from(order + "HHL", tiff, at)
            if tag == ORIENTATION:
                # Kind 3 is a 16-bit number, 4 a 32-bit one that some writers use.
                (value,) = struct.unpack_from(order + ("L" if kind == 4 else "H"), tiff, at + 8)
                return value if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        pass
    return _UPRIGHT
