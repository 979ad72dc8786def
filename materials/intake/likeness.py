"""Whether two pictures look nearly the same, though no pixel of one need be in the other.

Documents of one kind are alike almost everywhere: the same form filled in by two people differs in a few words.
So what is compared is not how much two pictures differ on the whole, as hashes of a few bits do, but how much
they differ where they differ most. Encoding anew changes every place a little, other words change some a lot.
Measured: docs/pictures.md.
"""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

#: A distance below this is nearly the same picture.
NEARLY_THE_SAME: Final = 18
#: Among the tens of thousands who fill in one form, chance brings some within that. So a picture is called made from
#: another candidate's below the first of these, or below the second if nothing stands out: copies differ a little
#: everywhere, fillings in a few spots. What stands out is so many times the root mean square of all differences.
SURELY_MADE_FROM: Final = 10
MADE_FROM: Final = 16
_STANDS_OUT: Final = 7
#: Two outlines of which a value is further apart than this belong to different pictures.
OUTLINES_APART: Final = 4
#: What an empty likeness is from all others: more than any two pictures are apart.
APART: Final = 256

#: An outline's values: how the grid's ink lies along such stripes, down and across. Chosen, and put into this order,
#: for differing most between people's pictures against what they differ between copies of one.
_STRIPES: Final = ("++++++++", "++++----", "++----++", "++--++--", "+--++--+", "+--+-++-", "+-+--+-+", "+-+-+-+-")
_OUTLINE: Final = ((2, 2), (4, 2), (1, 5), (2, 3), (2, 1), (3, 2), (6, 4), (1, 2))

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
    return int(_differences(one, other).getextrema()[1])  # type: ignore[arg-type]


def is_made_from(one: bytes, other: bytes) -> bool:
    """Whether one of two candidates' pictures is likely the other one encoded anew, scaled, lighter or cut closer."""
    far = distance(one, other)
    if far >= MADE_FROM:
        return False
    return far < SURELY_MADE_FROM or far < _STANDS_OUT * ImageStat.Stat(_differences(one, other)).rms[0]


def outline(likeness: bytes) -> tuple[int, ...]:
    """Eight values, of about ±120, to look a likeness up by: those of nearly the same pictures are nearly the same."""
    blocks = _as_image(likeness).reduce(_GRID // 8).tobytes()
    return tuple(
        round(sum(_signed(ink, down, across, at) for at, ink in enumerate(blocks)) / 8) for down, across in _OUTLINE
    )


def _signed(ink: int, down: int, across: int, at: int) -> int:
    return ink if _STRIPES[down][at // 8] == _STRIPES[across][at % 8] else -ink


def _as_image(likeness: bytes) -> Image.Image:
    return Image.frombytes("L", (_GRID, _GRID), likeness)


def _differences(one: bytes, other: bytes) -> Image.Image:
    return ImageChops.difference(_as_image(one), _as_image(other))


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
