"""What a refusal says to the person who handed the picture in: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Final

from django.utils.translation import gettext as _

from .outcome import Refused
from .recognise import TEXT, UNKNOWN

_FILMS: Final = frozenset({"MP4", "MOV", "AVI", "Matroska", "FLV"})
_DOCUMENTS: Final = frozenset({"PDF", "PostScript", "Word", "Excel", "PowerPoint", "Word/Excel", "RTF"})
_PICTURES: Final = frozenset(
    {"JPEG", "PNG", "GIF", "WebP", "BMP", "TIFF", "SVG", "AVIF", "HEIF", "ICO", "PSD", "JPEG 2000", "JPEG XL"}
)
_KB: Final = 1024
_MB: Final = 1024 * 1024


def sentence(refused: Refused) -> str:
    """Why a picture was refused and what to do, in the reader's language."""
    details = refused.details
    match refused.code:
        case "empty":
            return _("This file is empty: it has 0 bytes. Choose the picture again, or take a new one.")
        case "too_large":
            return _(
                "This file has %(found)s; at most %(allowed)s is allowed. "
                "Save it smaller, for example at a lower resolution, and hand it in again."
            ) % {"found": size_found(details["found"]), "allowed": size_allowed(details["allowed"])}
        case "too_many_pixels":
            return _(
                "This picture has %(width)d × %(height)d pixels, %(found)s million in all; at most %(allowed)s million "
                "are allowed. Scan it at 300 dpi or take it with a lower resolution, and hand it in again."
            ) % {
                "width": details["width"],
                "height": details["height"],
                "found": _plain(ceil(details["width"] * details["height"] / 100_000) / 10),
                "allowed": _plain(floor(details["allowed"] / 100_000) / 10),
            }
        case "corrupt":
            return _(
                "This picture is damaged and cannot be opened in full; it may have been cut off while it was saved or "
                "sent. Take or save it again and hand in the new one."
            )
        case "format":
            return _format_sentence(details["found"], _either(details["allowed"]))


def size_found(size: int) -> str:
    """Bytes as people read them, rounded up: what is over a limit never looks equal to it. 1 KB is 1,024 bytes."""
    return _size(size, ceil)


def size_allowed(size: int) -> str:
    """Bytes as people read them, rounded down. 204,800 is 200 KB."""
    return _size(size, floor)


def _size(size: int, to_whole: Callable[[float], int]) -> str:
    if size < _KB:
        return _("%(number)s bytes") % {"number": size}
    unit, name = (_MB, _("%(number)s MB")) if size >= _MB else (_KB, _("%(number)s KB"))
    return name % {"number": _plain(to_whole(size * 10 / unit) / 10)}


def _plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _either(allowed: tuple[str, ...]) -> str:
    names = [name.upper() for name in allowed]
    return _("%(one)s or %(other)s") % {"one": names[0], "other": names[1]} if len(names) > 1 else "".join(names)


def _format_sentence(found: str, allowed: str) -> str:
    if found == "HEIC":
        text = _(
            "This is a HEIC picture, as iPhones take them. Hand in a %(allowed)s picture instead: on the iPhone "
            "choose Settings, Camera, Formats, Most Compatible, and take it again; or hand in a screenshot of it."
        )
    elif found in _PICTURES:
        text = _(
            "This is a %(found)s picture. Hand in a %(allowed)s picture instead: open it, save it as %(allowed)s, "
            "or take a photo of the document with your phone."
        )
    elif found in _DOCUMENTS:
        text = _(
            "This is a %(found)s document, not a picture. Hand in a %(allowed)s picture of each page instead: "
            "export the page as a picture, or take a photo of it with your phone."
        )
    elif found in _FILMS:
        text = _("This is a film (%(found)s). Hand in a photo instead, as a %(allowed)s picture.")
    elif found == TEXT:
        text = _("This is a text file, not a picture. Hand in a %(allowed)s picture of the document instead.")
    elif found == UNKNOWN:
        text = _(
            "This file is not a picture that the portal knows. Hand in a %(allowed)s picture instead: take a photo "
            "of the document with your phone, or scan it and save it as %(allowed)s."
        )
    else:
        text = _("This is a %(found)s file, not a picture. Hand in a %(allowed)s picture of the document instead.")
    return text % {"found": found, "allowed": allowed}
