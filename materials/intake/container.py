"""What reading a picture's container gives, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import exif


@dataclass(frozen=True, slots=True)
class Container:
    """A picture file taken apart.

    ``clean``: a valid file of the same format with only what the decoder needs: every comment, profile,
    application segment and byte behind the end is gone. ``width``, ``height``: pixels as stored, before turning.
    ``orientation``: EXIF's, 1–8. ``icc``: the colour profile or nothing. ``bit_depth``: bits a sample.
    ``incomplete``: the file ends before it should, though the decoder may not mind.
    """

    format: Literal["jpeg", "png", "heic"]
    clean: bytes
    width: int
    height: int
    orientation: int = 1
    icc: bytes | None = None
    bit_depth: int = 8
    incomplete: bool = False

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height once turned upright."""
        return (self.height, self.width) if self.orientation >= exif.LYING else (self.width, self.height)
