"""What makes a picture the same picture."""

from __future__ import annotations

import hashlib
from typing import Final

from PIL import Image

_ROWS: Final = 256


class Fingerprint:
    """The identity of a picture as it is seen: SHA-256 of its size, its mode and its pixels.

    The pixels are those of the upright original, before any colour conversion or fitting, taken as RGB and,
    where something is transparent, their alpha beside it; as CMYK where that is what the file holds. For a JPEG
    that is decoded scaled down (``decode.scale_of``, which depends on its size alone) they are the scaled ones.

    So it does not change with metadata, profiles, Huffman tables, progressive scans, PNG filters, palettes or
    interlacing, and does change with any pixel seen.
    """

    def __init__(self) -> None:
        self._colours, self._alpha = hashlib.sha256(), hashlib.sha256()
        self._is_transparent = False
        self._is_cmyk = False

    def add(self, image: Image.Image) -> None:
        """The next rows, in any mode that ``decode`` gives."""
        # In bands: a whole copy of 50 megapixels would be 200 MB more.
        for top in range(0, image.height, _ROWS):
            band = image.crop((0, top, image.width, min(top + _ROWS, image.height)))
            if "transparency" in image.info:
                band.info["transparency"] = image.info["transparency"]
            self._add_band(band)

    def _add_band(self, band: Image.Image) -> None:
        if band.mode in ("LA", "RGBA") or "transparency" in band.info:
            band = band.convert("RGBA")
            alpha = band.getchannel("A")
            self._alpha.update(alpha.tobytes())
            self._is_transparent = self._is_transparent or alpha.getextrema()[0] < 255  # type: ignore[operator]
        self._is_cmyk = band.mode == "CMYK"
        mode = "CMYK" if self._is_cmyk else "RGB"
        self._colours.update((band if band.mode == mode else band.convert(mode)).tobytes())

    def hexdigest(self, size: tuple[int, int]) -> str:
        """``size``: the original's full width and height, upright."""
        mode = "CMYK" if self._is_cmyk else "RGBA" if self._is_transparent else "RGB"
        whole = hashlib.sha256(f"{mode} {size[0]}x{size[1]} ".encode() + self._colours.digest())
        if self._is_transparent:
            whole.update(self._alpha.digest())
        return whole.hexdigest()
