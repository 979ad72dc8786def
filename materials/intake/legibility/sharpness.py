"""Whether there is anything on a picture, and whether it has a sharp edge."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter

from .scale import within

#: Blur is judged at this longest side, about what is stored of a photographed page.
_BLUR_SIDE: Final = 1600
#: The share of all pixels that counts as the sharpest, and how sharp (in grey levels) is too little.
_SHARPEST_SHARE: Final = 0.002
_LEAST_EDGE: Final = 24
#: Something is written where a pixel differs from its surroundings by so many levels; so little is nothing.
_BLANK_SIDE: Final = 600
_INK_LEVELS: Final = 16
_LEAST_INK: Final = 0.0004


def is_blank(grey: Image.Image) -> bool:
    """Whether hardly anything in ``grey`` (L) differs from its surroundings."""
    small = within(grey, _BLANK_SIDE)
    # Against a wide average, so that a shadow across a white sheet is not taken for writing.
    surroundings = small.filter(ImageFilter.BoxBlur(20))
    ink = sum(ImageChops.difference(small, surroundings).histogram()[_INK_LEVELS:])
    return ink < _LEAST_INK * small.width * small.height


def is_blurred(grey: Image.Image) -> bool:
    """Whether ``grey`` (L) has hardly a sharp edge, or none across the way a hand moved."""
    small = within(grey, _BLUR_SIDE)
    if min(small.size) < 8:
        return False
    return min(_sharpest(small, 1, 0), _sharpest(small, 0, 1)) < _LEAST_EDGE


def _sharpest(grey: Image.Image, across: int, down: int) -> int:
    """By how much grey changes from a pixel to the next, one way, at the sharpest share of all pixels."""
    change = ImageChops.difference(grey, ImageChops.offset(grey, across, down))
    strengths = change.crop((1, 1, grey.width, grey.height)).histogram()
    wanted = _SHARPEST_SHARE * grey.width * grey.height
    seen = 0
    for level in range(255, -1, -1):
        seen += strengths[level]
        if seen >= wanted:
            return level
    return 0
