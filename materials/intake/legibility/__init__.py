"""What a candidate should look at twice before relying on a picture. A warning never stands in the way.

How each is judged, and how often it errs: docs/pictures.md.
"""

from __future__ import annotations

from typing import Final

from PIL import Image

from ..outcome import Warning_
from .lines import cuts_lines, way_of_lines
from .sharpness import is_blank, is_blurred

__all__ = ["warnings_for"]

#: Fewer pixels than this, or a shorter side than this, do not hold a page of print.
_LEAST_PIXELS: Final = 300_000
_LEAST_SIDE: Final = 400
#: A picture so many times as long as wide is a strip of something.
_LONGEST_SHAPE: Final = 6


def warnings_for(image: Image.Image, width: int, height: int) -> tuple[Warning_, ...]:
    """Codes for ``image`` (RGB or L, upright); ``width`` × ``height`` are the original's pixels, upright."""
    found: list[Warning_] = []
    grey = image.convert("L")
    if is_blank(grey):
        found.append("blank")
    elif is_blurred(grey):
        found.append("blurred")
    else:
        # Of what runs off the picture sideways there is nothing to say before it is turned.
        way = way_of_lines(grey)
        if way == "down":
            found.append("sideways")
        elif way == "across" and cuts_lines(grey):
            found.append("cropped")
    if max(width, height) > _LONGEST_SHAPE * min(width, height) and "cropped" not in found:
        found.append("cropped")
    if width * height < _LEAST_PIXELS or min(width, height) < _LEAST_SIDE:
        found.append("small")
    return tuple(found)
