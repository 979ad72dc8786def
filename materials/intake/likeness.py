"""Whether two pictures look nearly the same, though no pixel of one need be in the other.

Documents of one kind are alike almost everywhere: the same form filled in by two people differs in a few words.
So what is compared is not how much two pictures differ on the whole, as hashes of a few bits do, but how much
they differ where they differ most. Encoding anew changes every place a little, other words change some a lot.
Measured: docs/pictures.md.
"""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter

#: A distance below this is nearly the same picture.
NEARLY_THE_SAME: Final = 18
#: What an empty likeness is from all others: more than any two pictures are apart.
APART: Final = 256

#: The picture is judged at this size, whatever its shape, and kept as a grid of this side.
_SIDE: Final = 400
_GRID: Final = 32
#: Ink is what differs from its surroundings within so many pixels of ``_SIDE``.
_SURROUNDINGS: Final = 12
#: The darkest share of all ink is given full strength, so that neither light nor contrast counts. Weaker ink
#: than this, in grey levels, is grain or shadow: nothing to compare by.
_STRONGEST_SHARE: Final = 0.02
_LEAST_CONTRAST: Final = 12
#: What counts as ink, and as a row with ink in it, when the margins are cut off (of 255, after strengthening).
_INK: Final = 120
_ROW_WITH_INK: Final = 8
#: Margins are cut off only where this much of the picture is left: a few words in a corner are no page.
_LEAST_LEFT: Final = 0.5


def likeness(image: Image.Image) -> bytes:
    """What ``image`` (RGB or L, upright, any size) looks like: 1,024 bytes, or none of a (nearly) blank one.

    The ink of the picture, its empty margins cut off, as a grid of 32 × 32 strengths from 0 to 255.
    """
    small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, reducing_gap=1.0)
    ink = ImageChops.difference(small, small.filter(ImageFilter.BoxBlur(_SURROUNDINGS)))
    strongest = _strongest(ink)
    if strongest < _LEAST_CONTRAST:
        return b""
    ink = ink.point([min(255, level * 255 // strongest) for level in range(256)])
    return ink.resize((_GRID, _GRID), Image.Resampling.BILINEAR, box=_within_margins(ink)).tobytes()


def distance(one: bytes, other: bytes) -> int:
    """How far two likenesses are apart where they differ most: 0 to 255, or ``APART`` if one of them is empty."""
    if not one or not other:
        return APART
    size = (_GRID, _GRID)
    apart = ImageChops.difference(Image.frombytes("L", size, one), Image.frombytes("L", size, other))
    return int(apart.getextrema()[1])  # type: ignore[arg-type]


def _strongest(ink: Image.Image) -> int:
    wanted = _STRONGEST_SHARE * ink.width * ink.height
    seen, levels = 0, ink.histogram()
    for level in range(255, -1, -1):
        seen += levels[level]
        if seen >= wanted:
            return level
    return 0


def _within_margins(ink: Image.Image) -> tuple[int, int, int, int]:
    """The box that all ink lies in. So a scan cut a little closer at its empty margins stays the same."""
    clear = ink.point([0] * _INK + [255] * (256 - _INK))
    rows = clear.resize((1, _SIDE), Image.Resampling.BOX).tobytes()
    columns = clear.resize((_SIDE, 1), Image.Resampling.BOX).tobytes()
    (left, right), (top, bottom) = _ends(columns), _ends(rows)
    if right - left < _LEAST_LEFT * _SIDE or bottom - top < _LEAST_LEFT * _SIDE:
        return 0, 0, _SIDE, _SIDE
    return left, top, right, bottom


def _ends(strengths: bytes) -> tuple[int, int]:
    inked = [at for at, strength in enumerate(strengths) if strength >= _ROW_WITH_INK]
    return (inked[0], inked[-1] + 1) if inked else (0, 0)
