"""JPEGs stored as good as they came: written anew coefficient by coefficient, or turned on the grid they are on."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, JpegImagePlugin

from . import encode, exif
from .container import Container
from .decode import BROKEN

#: What is over the limit by no more than this may still come within it when it is written better.
_WORTH_TRYING: Final = 1.15
_MODES: Final = {"L": "L", "RGB": "YCbCr"}
#: Pillow's number of a colour sampling → the pixels of a block of blocks: 4:4:4 and 4:2:0. Others turn into what
#: Pillow does not write.
_BLOCK: Final = {0: 8, 2: 16}
#: Which edges of the picture as stored a turn brings to the top or left: those must end with whole blocks.
_NEEDS_WHOLE_WIDTH: Final = frozenset({2, 3, 7, 8})
_NEEDS_WHOLE_HEIGHT: Final = frozenset({3, 4, 6, 7})


def rewritten(jpeg: bytes, limit: int) -> bytes | None:
    """A JPEG of the same coefficients and nothing else of ``jpeg``, or nothing where it is over ``limit`` bytes.

    ``jpeg`` must have been decoded before: broken files are repaired without a word. On some malformed
    files that decoders let pass, the library **ends the process** with status 1.
    """
    if len(jpeg) > _WORTH_TRYING * limit:
        return None
    # Where it is not needed, its code stays out of the process.
    from mozjpeg_lossless_optimization import optimize

    try:
        data: bytes = optimize(jpeg)
    except ValueError:  # it could not
        return None
    return data if len(data) <= limit else None


def turned(container: Container, limit: int) -> bytes | None:
    """A JPEG turned upright, or nothing where it would be over ``limit`` bytes or come to lie on another grid.

    It is decoded and encoded with its own blocks, quantization tables and colour sampling. So what was rounded once
    is rounded to the same again: what is lost is about a tenth of a grey level, and no more after many turns.
    """
    if len(container.clean) > _WORTH_TRYING * limit:
        return None
    image = Image.open(io.BytesIO(container.clean), formats=["JPEG"])
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode not in _MODES:
        return None
    sampling = JpegImagePlugin.get_sampling(image) if image.mode == "RGB" else 0
    turn = container.orientation
    if (
        sampling not in _BLOCK
        or (turn in _NEEDS_WHOLE_WIDTH and image.width % _BLOCK[sampling])
        or (turn in _NEEDS_WHOLE_HEIGHT and image.height % _BLOCK[sampling])
    ):
        return None
    tables = [list(image.quantization[number]) for number in sorted(image.quantization)]
    if turn >= exif.LYING:
        tables = [[table[at % 8 * 8 + at // 8] for at in range(64)] for table in tables]
    image.draft(_MODES[image.mode], image.size)  # on to RGB and back would round twice more
    try:
        upright = image.transpose(exif.TURNS[turn])
    except BROKEN:  # a file with small faults, which decoders let pass on the way to RGB only
        return None
    upright.info = {}
    data = encode.jpeg(upright, tables, sampling)
    return data if len(data) <= limit else None
