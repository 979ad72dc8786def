"""Colours as a screen shows them: sRGB, on white."""

from __future__ import annotations

import io
from itertools import product
from typing import Final

from PIL import Image, ImageChops, ImageCms

_SPACES: Final = {"RGB": "RGB ", "RGBA": "RGB ", "P": "RGB ", "CMYK": "CMYK"}
_INTENT: Final = ImageCms.Intent.RELATIVE_COLORIMETRIC
#: A profile that moves no colour by more than this many of 255 levels is sRGB under another name.
_SAME: Final = 4
#: Five levels of each channel, every combination: enough to tell a gamut or a tone curve from sRGB's.
_SWATCHES: Final = bytes(level for colour in product((0, 64, 128, 192, 255), repeat=3) for level in colour)


class Profile:
    """What a picture's embedded profile asks for. A broken or unsuitable one asks for nothing."""

    def __init__(self, icc: bytes | None, mode: str) -> None:
        """``mode``: of the decoded picture. Grey pictures keep their levels, whatever their profile."""
        self._profile = _opened(icc, _SPACES.get(mode))
        self.changes_colours = mode == "CMYK" or self._differs_from_srgb()

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """``image`` with its colours right in sRGB: L, LA and 1 as they are, all others as RGB or RGBA."""
        if image.mode == "P":
            image = unpalette(image)
        if not self.changes_colours or image.mode not in ("RGB", "RGBA", "CMYK"):
            return image
        if self._profile is None:
            return image.convert("RGB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        try:
            return _converted(image, self._profile, mode)
        except ImageCms.PyCMSError:
            return image.convert(mode)

    def _differs_from_srgb(self) -> bool:
        if self._profile is None:
            return False
        swatches = Image.frombytes("RGB", (125, 1), _SWATCHES)
        try:
            shown = _converted(swatches, self._profile, "RGB").tobytes()
        except ImageCms.PyCMSError:
            self._profile = None
            return False
        return max(abs(a - b) for a, b in zip(_SWATCHES, shown, strict=True)) > _SAME


def unpalette(image: Image.Image) -> Image.Image:
    """A P picture as RGB, or RGBA where its palette has transparency."""
    return image.convert("RGBA" if "transparency" in image.info else "RGB")


def exact_palette(image: Image.Image) -> Image.Image | None:
    """An opaque RGB or RGBA picture of at most 256 colours as P without changing any, or nothing."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if image.mode != "RGB" or image.getcolors(256) is None:
        return None
    palette = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return palette if ImageChops.difference(palette.convert("RGB"), image).getbbox() is None else None


def on_white(image: Image.Image) -> Image.Image:
    """The picture as RGB or L, white behind whatever is transparent, as a browser would show it on a page."""
    if image.mode == "P":
        image = unpalette(image)
    if image.mode in ("RGBA", "LA"):
        mode = "RGB" if image.mode == "RGBA" else "L"
        page = Image.new(mode, image.size, "white")
        page.paste(image.convert(mode), mask=image.getchannel("A"))
        return page
    return image.convert("L") if image.mode == "1" else image


def _opened(icc: bytes | None, space: str | None) -> ImageCms.ImageCmsProfile | None:
    if icc is None or space is None:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return profile if profile.profile.xcolor_space == space else None
    except (OSError, ValueError, TypeError):
        return None


def _converted(image: Image.Image, profile: ImageCms.ImageCmsProfile, mode: str) -> Image.Image:
    result = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), renderingIntent=_INTENT, outputMode=mode
    )
    assert result is not None  # noqa: S101  only None when converting in place
    result.info = {}  # the profile just applied must not be written again
    return result
