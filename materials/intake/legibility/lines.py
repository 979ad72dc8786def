"""Which way lines of print run, and whether the picture's edge cuts through them.

Both look at the changes of grey along a row: the strokes of letters that stand side by side. A ruled line, a
border or the grain of a wooden table has none along its own run, so it looks like nothing.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, Literal

from PIL import Image, ImageChops, ImageFilter

from .scale import within

#: A change of this many grey levels from one pixel to the next is grain; each level more counts for so much.
_GRAIN: Final = 10
_GAIN: Final = 6
_STROKES: Final = [min(255, max(0, (level - _GRAIN) * _GAIN)) for level in range(256)]

#: The way of lines is judged at this longest side, in tiles of this side: three or more lines of a page each.
_WAY_SIDE: Final = 600
_TILE: Final = 48
#: Lines stand out from the average of so many rows above and below. What stands out is kept squared, by this.
_NEIGHBOURS: Final = 8
_SQUARED: Final = [min(255, level * level // 16) for level in range(256)]
#: A tile votes where something stands out this much, and this many times as much one way as the other.
_LEAST_ENERGY: Final = 16
_CLEARLY: Final = 1.6
#: Votes for one way: at least so many, and so large a surplus among all votes.
_LEAST_VOTES: Final = 8
_LEAST_SURPLUS: Final = 0.5

#: Cut lines are looked for at this longest side: in a band of this width at the edge and one inside of it.
_CUT_SIDE: Final = 1000
_EDGE: Final = 5
_INSIDE: Final = 48
#: A line: this strong, more than its neighbourhood of so many rows by so much, and so many rows high.
_LEAST_STROKES: Final = 24
_ABOVE: Final = 4
_AROUND: Final = 14
_HEIGHTS: Final = range(3, 41)
#: A line reaches the edge with strokes this strong; so many lines, and so large a share of them, must. Between
#: lines the edge must be this much quieter, or it is not print that reaches it.
_REACHES: Final = 40
_LEAST_CUT: Final = 5
_CUT_SHARE: Final = 0.6
_QUIET: Final = 0.3


def way_of_lines(grey: Image.Image) -> Literal["across", "down"] | None:
    """How the lines of print in ``grey`` (L) run; nothing where it has none or that is not clear.

    Upside down is not told from upright.
    """
    small = within(grey, _WAY_SIDE)
    if min(small.size) < 2 * _TILE:
        return None
    # The tiles of the turned picture come column by column.
    columns, rows = small.width // _TILE, small.height // _TILE
    by_column = _energies(small.transpose(Image.Transpose.TRANSPOSE))
    downward = bytes(by_column[column * rows + row] for row in range(rows) for column in range(columns))
    tiles = list(zip(_energies(small), downward, strict=True))
    across = sum(a > _LEAST_ENERGY and a > _CLEARLY * d for a, d in tiles)
    down = sum(d > _LEAST_ENERGY and d > _CLEARLY * a for a, d in tiles)
    if max(across, down) < _LEAST_VOTES or abs(across - down) <= _LEAST_SURPLUS * (across + down):
        return None
    return "across" if across > down else "down"


def cuts_lines(grey: Image.Image) -> bool:
    """Whether the left or right edge of ``grey`` (L) goes through lines of print that run across.

    The upper and lower edge are not judged: an edge between two lines shows nothing, and of what shows too much
    is the pattern of a table the document lies on.
    """
    small = within(grey, _CUT_SIDE)
    if small.width < 4 * _INSIDE or small.height < 4 * _INSIDE:
        return False
    mirrored = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    margin = _EDGE + _INSIDE + 1
    return any(_is_cut(_strokes(side.crop((0, 0, margin, small.height)))) for side in (small, mirrored))


def _strokes(grey: Image.Image) -> Image.Image:
    """How much each pixel differs from the one left of it; 0 at the left edge."""
    change = ImageChops.difference(grey, ImageChops.offset(grey, 1, 0)).point(_STROKES)
    change.paste(0, (0, 0, 1, grey.height))
    return change


def _energies(grey: Image.Image) -> bytes:
    """For each tile, row by row: how much its rows of pixels differ in strokes, as lines of print make them."""
    columns, rows = grey.width // _TILE, grey.height // _TILE
    profiles = _strokes(grey).resize((columns, grey.height), Image.Resampling.BOX)
    average = profiles.filter(ImageFilter.BoxBlur((0, _NEIGHBOURS)))
    stands_out = ImageChops.difference(profiles, average).point(_SQUARED)
    return stands_out.resize((columns, rows), Image.Resampling.BOX).tobytes()


def _is_cut(strokes: Image.Image) -> bool:
    """``strokes``: of the band at the edge, the edge at its left."""
    edge = _profile(strokes, 1, 1 + _EDGE)
    lines = _lines(_profile(strokes, 1 + _EDGE, strokes.width))
    cut = sum(max(edge[top:bottom]) >= _REACHES for top, bottom in lines)
    if cut < _LEAST_CUT or cut < _CUT_SHARE * len(lines):
        return False
    between = [level for (_, end), (start, _) in pairwise(lines) for level in edge[end + 1 : start - 1]]
    within_lines = [level for top, bottom in lines for level in edge[top:bottom]]
    return bool(between) and _mean(between) < _QUIET * _mean(within_lines)


def _profile(strokes: Image.Image, left: int, right: int) -> bytes:
    """The mean of each row between two columns."""
    band = strokes.crop((left, 0, right, strokes.height))
    return band.resize((1, band.height), Image.Resampling.BOX).tobytes()


def _lines(profile: bytes) -> list[tuple[int, int]]:
    """Top and bottom (not included) of each line of print."""
    around = Image.frombytes("L", (1, len(profile)), profile).filter(ImageFilter.BoxBlur((0, _AROUND))).tobytes()
    found, top = [], None
    for row, (level, average) in enumerate(zip(profile, around, strict=True)):
        is_line = level >= _LEAST_STROKES and level > average + _ABOVE
        if is_line and top is None:
            top = row
        elif not is_line and top is not None:
            if row - top in _HEIGHTS:
                found.append((top, row))
            top = None
    return found


def _mean(levels: list[int]) -> float:
    return sum(levels) / len(levels)
