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
MOST_ENCODES: Final = 5
#: Below this, letters fray; a smaller picture at a better quality reads better.
LEAST_QUALITY: Final = 50
#: The best trade of pixels for quality, by what can be read (docs/performance.md).
_GOOD_QUALITY: Final = 60
#: Above this, more pixels are worth more, as long as there are more.
_BEST_QUALITY: Final = 85
_MOST_QUALITY: Final = 92
#: A result from this share of the limit on is taken; new attempts aim between it and the limit.
_TAKEN_FROM: Final = 0.82
_AIM: Final = 0.93
#: How much bigger a JPEG is than at quality 72, by quality. Measured on photographed and drawn pages; it is
#: nearly the same for all, which is why one encode predicts the next.
_COST: Final = ((50, 0.68), (60, 0.79), (66, 0.885), (72, 1.0), (80, 1.25), (85, 1.5), (90, 1.9), (92, 2.15))
#: In whole blocks; libjpeg writes none longer than 65,500.
_LONGEST_SIDE: Final = 65_488
#: Size goes with this power of the scale: more than with the number of pixels, since grain goes as well.
_SIZE_BY_SCALE: Final = 2.5
#: The sample: strips of one row of blocks, one in so many, where there are at least so many.
_BLOCK: Final = 16
_ONE_IN: Final = 12
_LEAST_STRIPS: Final = 6
#: What a JPEG has before its first coefficient, about.
_HEADER_BYTES: Final = 600


@dataclass(frozen=True, slots=True)
class Fitted:
    """A JPEG of ``width`` × ``height`` pixels within the limit, and how many encodes it took."""

    data: bytes
    width: int
    height: int
    encodes: int


def fit(image: Image.Image, limit: int) -> Fitted | None:
    """``image`` (RGB or L, upright) as a JPEG of at most ``limit`` bytes, or nothing if none is that small.

    What it will take is measured on a sample; after that each attempt, at most ``MOST_ENCODES`` of them, is
    predicted from the last. Quality is never below ``LEAST_QUALITY``. Only a picture that none of them fits is
    shrunk blindly until it does.
    """
    image = _resized(at_most(image, MOST_PIXELS), min(1.0, _LONGEST_SIDE / max(image.size)))
    attempt = _first(image, limit)
    scaled = _resized(image, attempt.scale)
    best: Fitted | None = None
    encodes = 0
    tried: set[tuple[tuple[int, int], int]] = set()
    while encodes < MOST_ENCODES and (scaled.size, attempt.quality) not in tried:
        tried.add((scaled.size, attempt.quality))
        data = encode.jpeg(scaled, attempt.quality)
        encodes += 1
        if len(data) <= limit and (best is None or len(data) > len(best.data)):
            best = Fitted(data, *scaled.size, encodes)
        is_full = attempt.scale >= 1 and attempt.quality >= _MOST_QUALITY
        if len(data) <= limit and (len(data) >= _TAKEN_FROM * limit or is_full):
            break
        scale = attempt.scale
        attempt = _planned(scale, _room(limit, len(data), attempt.quality))
        if attempt.scale != scale:
            scaled = _resized(image, attempt.scale)
    if best is not None:
        return Fitted(best.data, best.width, best.height, encodes)
    return _shrunk(image, attempt.scale, limit, encodes)


@dataclass(frozen=True, slots=True)
class _Attempt:
    scale: float
    quality: int


def _room(limit: int, size: float, quality: int) -> float:
    """What the next attempt may cost at the same scale, as a share of ``_GOOD_QUALITY``'s cost."""
    return _cost_of(quality) / _cost_of(_GOOD_QUALITY) * limit * _AIM / size


def _planned(scale: float, room: float) -> _Attempt:
    """The next attempt: by quality alone where that is enough, since scaling anew takes more time than encoding."""
    cost = room * _cost_of(_GOOD_QUALITY)
    if _cost_of(LEAST_QUALITY) * 1.04 <= cost and (scale >= 1 or cost <= _cost_of(_BEST_QUALITY)):
        return _Attempt(scale, min(_MOST_QUALITY, _quality_for(cost)))
    return _Attempt(min(1.0, scale * room ** (1 / _SIZE_BY_SCALE)), _GOOD_QUALITY)


def _first(image: Image.Image, limit: int) -> _Attempt:
    """Planned on a sample of ``image``, which takes a tenth of an encode."""
    strips = _strips(image)
    share = image.height / strips.height
    quality = _GOOD_QUALITY
    for _guess in range(2):
        size = max(1, len(encode.jpeg(strips, quality)) - _HEADER_BYTES) * share + _HEADER_BYTES
        attempt = _planned(1.0, _room(limit, size, quality))
        quality = attempt.quality
        if quality == _GOOD_QUALITY:
            break
    return attempt


def _strips(image: Image.Image) -> Image.Image:
    """Rows of blocks from all over ``image``, one in ``_ONE_IN``, one below the other."""
    rows = range(0, image.height - _BLOCK * _ONE_IN, _BLOCK * _ONE_IN)
    if len(rows) < _LEAST_STRIPS:
        return image
    strips = Image.new(image.mode, (image.width, _BLOCK * len(rows)))
    for number, row in enumerate(rows):
        top = row + _BLOCK * (number * 5 % _ONE_IN)  # not at even distances: lines of print are
        strips.paste(image.crop((0, top, image.width, top + _BLOCK)), (0, _BLOCK * number))
    return strips


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
    if scale >= 1:
        return image
    # Hamming is as sharp as bicubic on the way down, at half the work of Lanczos.
    return image.resize((_side(image.width * scale), _side(image.height * scale)), Image.Resampling.HAMMING)


def _side(length: float) -> int:
    """In whole blocks where that is no distortion to be seen: such a picture can be turned without loss."""
    return round(length / _BLOCK) * _BLOCK if length > 40 * _BLOCK else max(1, int(length))


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
