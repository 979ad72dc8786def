"""What a candidate should look at twice before relying on a picture. A warning never stands in the way."""

from __future__ import annotations

from typing import Final

from PIL import Image, ImageChops, ImageFilter

from .outcome import Warning_

#: Fewer pixels than this, or a shorter side than this, do not hold a page of print.
_LEAST_PIXELS: Final = 300_000
_LEAST_SIDE: Final = 400
#: Blur is judged at this longest side, about what is stored of a photographed page.
_BLUR_SIDE: Final = 1600
#: The edge strength (Laplacian, in grey levels) of the sharpest share of all pixels, and what is too little.
_SHARPEST_SHARE: Final = 0.002
_LEAST_EDGE: Final = 22
#: Something is written where a pixel differs from its surroundings by so many levels; so little is nothing.
_BLANK_SIDE: Final = 600
_INK_LEVELS: Final = 14
_LEAST_INK: Final = 0.0004

_LAPLACIAN: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def warnings_for(image: Image.Image, width: int, height: int) -> tuple[Warning_, ...]:
    """Codes for ``image`` (RGB or L, upright); ``width`` × ``height`` are the original's pixels, upright."""
    found: list[Warning_] = []
    grey = image.convert("L")
    if _is_blank(grey):
        found.append("blank")
    elif _is_blurred(grey):
        found.append("blurred")
    if width * height < _LEAST_PIXELS or min(width, height) < _LEAST_SIDE:
        found.append("small")
    return tuple(found)


def _is_blank(grey: Image.Image) -> bool:
    small = _within(grey, _BLANK_SIDE)
    # Against a wide average, so that a shadow across a white sheet is not taken for writing.
    surroundings = small.filter(ImageFilter.BoxBlur(20))
    ink = sum(ImageChops.difference(small, surroundings).histogram()[_INK_LEVELS:])
    return ink < _LEAST_INK * small.width * small.height


def _is_blurred(grey: Image.Image) -> bool:
    small = _within(grey, _BLUR_SIDE)
    if min(small.size) < 8:
        return False
    edges = small.filter(_LAPLACIAN).crop((1, 1, small.width - 1, small.height - 1)).histogram()
    strengths = [edges[128], *(edges[128 + level] + edges[128 - level] for level in range(1, 128)), edges[0]]
    wanted = _SHARPEST_SHARE * small.width * small.height
    seen = 0
    for level in range(128, -1, -1):
        seen += strengths[level]
        if seen >= wanted:
            return level < _LEAST_EDGE
    return True


def _within(grey: Image.Image, side: int) -> Image.Image:
    factor = side / max(grey.size)
    if factor >= 1:
        return grey
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    return grey.resize(size, Image.Resampling.BOX)
