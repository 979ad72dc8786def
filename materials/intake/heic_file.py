"""HEIC files, as iPhones take them: the header and whether the file is whole, without decoding."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image
from pillow_heif import HeifImageFile

from .container import Container
from .outcome import Refused

#: Reads the header only; pixels come with ``load()``, already upright.
open_heic: Final[Callable[[io.BytesIO], Image.Image]] = HeifImageFile
_MOST_BOXES: Final = 10_000


def read(data: bytes) -> Container:
    """The header of a HEIC file. Its pixels come out upright, so ``orientation`` is 1. Raises ``Refused`` "corrupt"."""
    try:
        with open_heic(io.BytesIO(data)) as image:
            icc = image.info.get("icc_profile")
            return Container(
                format="heic",
                clean=data,
                width=image.width,
                height=image.height,
                icc=icc or None,
                incomplete=_is_cut_off(data),
            )
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError) as error:
        raise Refused("corrupt", reason=repr(error)) from error


def _is_cut_off(data: bytes) -> bool:
    """Whether a box of the file claims more bytes than there are.

    To be asked here because the decoder does not mind: it leaves green squares where missing tiles would be.
    What is missing may as well be a depth map or another thing nobody sees, so this is a reason to warn and
    not to refuse.
    """
    at = 0
    for _box in range(_MOST_BOXES):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        # 0 means "to the end of the file"; less than a box's own header is something that follows the picture.
        if size < 8 or at + size == len(data):
            return False
        if at + size > len(data):
            return True
        at += size
    return True
