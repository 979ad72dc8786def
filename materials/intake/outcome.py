"""What goes into an intake and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

#: The contract's data-error codes that this package gives.
Code = Literal["too_large", "format", "corrupt", "too_many_pixels", "empty"]
#: "blurred": no sharp edge in it; "small": too few pixels to read print; "blank": (nearly) nothing on it;
#: "incomplete": the file ends early, so part of the picture may be missing; "sideways": its lines run from top to
#: bottom; "cropped": it runs out of the picture. How they are judged: docs/pictures.md.
Warning_ = Literal["blurred", "small", "blank", "incomplete", "sideways", "cropped"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a category takes (docs/product.md, rules 2 and 3).

    ``formats``: of "jpeg", "png", "heic"; what may be handed in. A fitted PNG may be stored as a JPEG all the same.
    ``max_bytes``: of the stored picture. ``max_upload_bytes``: of the upload. ``max_pixels``: width × height.
    ``fit_oversized``: make bigger pictures fit, and convert HEIC; otherwise both are refused.
    """

    formats: frozenset[str]
    max_bytes: int
    fit_oversized: bool
    max_pixels: int = 50_000_000
    max_upload_bytes: int = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture ready to be stored.

    ``data``: the bytes to store, never more than ``Policy.max_bytes``; ``sha256`` is theirs, in hex.
    ``width``, ``height``: pixels of the stored picture, upright.
    ``pixels_sha256``: hex, the identity of the *original* as it is seen; see ``fingerprint.py``.
    ``thumbnail``: a JPEG, longest side 320, white behind what is transparent.
    ``original_format``: "jpeg", "png" or "heic"; ``original_bytes``: the size of the upload.
    ``fitted``: the stored picture was encoded anew with loss (made smaller, turned or converted) rather than
    kept pixel for pixel.
    ``likeness``: see ``likeness.py``.
    ``warnings``: codes, see ``Warning_``; none of them stands in the way of storing.
    """

    data: bytes
    format: Literal["jpeg", "png"]
    width: int
    height: int
    sha256: str
    pixels_sha256: str
    thumbnail: bytes
    original_format: Literal["jpeg", "png", "heic"]
    original_bytes: int
    fitted: bool
    likeness: bytes
    warnings: tuple[Warning_, ...]


class Refused(Exception):
    """The picture is not taken. ``sentences.sentence`` says why and what to do, in the reader's language.

    ``details`` by code. "too_large": ``found`` and ``allowed`` in bytes. "format": ``found``, a format's name
    or "text" or "unknown", and ``allowed``, a tuple of "jpeg" and "png". "too_many_pixels": ``width``,
    ``height``, ``allowed`` in pixels. "corrupt": ``reason``, for the log, not for people, and ``unforeseen``, a
    traceback, where the mistake may be ours.
    """

    def __init__(self, code: Code, **details: Any) -> None:
        super().__init__(code)
        self.code: Code = code
        self.details = details

    def __str__(self) -> str:
        return f"{self.code} {self.details}"

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would lose the details on the way between processes.
        return partial(Refused, self.code, **self.details), ()
