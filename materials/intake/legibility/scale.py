"""Judging needs fewer pixels than reading."""

from PIL import Image


def within(grey: Image.Image, side: int) -> Image.Image:
    """``grey`` with its longest side at most that; itself if it is no bigger."""
    factor = side / max(grey.size)
    if factor >= 1:
        return grey
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    # With the gap, most of the way down goes by whole pixels, at a quarter of the time.
    return grey.resize(size, Image.Resampling.BOX, reducing_gap=1.0)
