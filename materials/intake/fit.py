"""Making a picture fit: the most pixels at a quality that still reads well, in as few encodes as possible."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

from PIL import Image

from . import encode

#: More pixels than this are never stored: an A4 page has then 240 pixels an inch.
MOST_PIXELS: Final = 5_000_000
MOST_ENCODES: Final = 6
#: Below this, letters fray; a smaller picture at a better quality reads better.
LEAST_QUALITY: Final = 60
_GOOD_QUALITY: Final = 72
_MOST_QUALITY: Final = 92
#: A result from this share of the limit on is taken; new attempts aim between it and the limit.
_TAKEN_FROM: Final = 0.85
_AIM: Final = 0.93
#: How much bigger a JPEG is than at quality 72, by quality. Measured on photographed and drawn pages; it is
#: nearly the same for all, which is why one encode predicts the next. Size goes with the number of pixels.
_COST: Final = ((60, 0.79), (66, 0.885), (72, 1.0), (80, 1.25), (85, 1.5), (90, 1.9), (92, 2.15))
#: Bits a pixel of a usual page at quality 72: only a guess to start from.
_USUAL_BITS: Final = 1.2


@dataclass(frozen=True, slots=True)
class Fitted:
    """A JPEG of ``width`` × ``height`` pixels within the limit, and how many encodes it took."""

    data: bytes
    width: int
    height: int
    encodes: int


def fit(image: Image.Image, limit: int) -> Fitted | None:
    """``image`` (RGB or L, upright) as a JPEG of at most ``limit`` bytes, or nothing if none is that small.

    At most ``MOST_ENCODES`` attempts, each predicted from the last; quality never below ``LEAST_QUALITY``.
    Only a picture that none of them fits is shrunk blindly until it does.
    """
    image = at_most(image, MOST_PIXELS)
    scale, scaled = 1.0, image
    guess = limit * 8 / (image.width * image.height * _USUAL_BITS)
    quality = min(90, max(_GOOD_QUALITY, _quality_for(guess)))
    best: Fitted | None = None
    encodes = 0
    tried: set[tuple[tuple[int, int], int]] = set()
    while encodes < MOST_ENCODES and (scaled.size, quality) not in tried:
        tried.add((scaled.size, quality))
        data = encode.jpeg(scaled, quality)
        encodes += 1
        if len(data) <= limit and (best is None or len(data) > len(best.data)):
            best = Fitted(data, *scaled.size, encodes)
        is_full = scale >= 1 and quality >= _MOST_QUALITY
        if len(data) <= limit and (len(data) >= _TAKEN_FROM * limit or is_full):
            break
        # What the next attempt may cost at this scale, as a share of quality 72.
        cost = _cost_of(quality) * limit * _AIM / len(data)
        if _cost_of(LEAST_QUALITY) * 1.04 <= cost and (scale >= 1 or cost <= _cost_of(88)):
            quality = min(_MOST_QUALITY, _quality_for(cost))
        else:
            scale = min(1.0, scale * sqrt(cost))
            quality = _GOOD_QUALITY
            scaled = _resized(image, scale)
    if best is not None:
        return Fitted(best.data, best.width, best.height, encodes)
    return _shrunk(image, scale, limit, encodes)


def at_most(image: Image.Image, pixels: int) -> Image.Image:
    """``image`` with at most about that many pixels; itself if it has no more."""
    scale = sqrt(pixels / (image.width * image.height))
    return image if scale >= 1 else _resized(image, scale)


def _shrunk(image: Image.Image, scale: float, limit: int, encodes: int) -> Fitted | None:
    size = (0, 0)
    while size != (1, 1):
        scale *= 0.7
        scaled = _resized(image, scale)
        size = scaled.size
        data = encode.jpeg(scaled, LEAST_QUALITY)
        encodes += 1
        if len(data) <= limit:
            return Fitted(data, *size, encodes)
    return None


def _resized(image: Image.Image, scale: float) -> Image.Image:
    size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    # Hamming is as sharp as bicubic on the way down, at half the work of Lanczos.
    return image if size == image.size else image.resize(size, Image.Resampling.HAMMING)


def _cost_of(quality: int) -> float:
    for (low, low_cost), (high, high_cost) in pairwise(_COST):
        if quality <= high:
            return low_cost + (high_cost - low_cost) * (quality - low) / (high - low)
    return _COST[-1][1]


def _quality_for(cost: float) -> int:
    """The best quality, from ``LEAST_QUALITY`` on, that costs no more than that."""
    for quality in range(_MOST_QUALITY, LEAST_QUALITY, -1):
        if _cost_of(quality) <= cost:
            return quality
    return LEAST_QUALITY
