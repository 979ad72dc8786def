"""The receipt as a PDF: receipt.typ arranges, this says what."""

import base64
import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as chinese
import typst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from PIL import ImageFont

from ..models import Photo
from ..serving import read
from .contents import Entry, Picture, Receipt, about_sums, how_to_check
from .proof import Proof

logger = logging.getLogger(__name__)

LAYOUT = Path(__file__).with_name("receipt.typ")
# The frame of a thumbnail; the JPEG goes into the PDF as it is.
FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240">'
    '<image width="320" height="240" href="data:image/jpeg;base64,{}"/></svg>'
)
#: By the id of the picture in the manifest.
Thumbs = dict[str, bytes]


def read_thumbs(receipt: Receipt) -> Thumbs:
    """The thumbnails of the pictures that still count. Raises whatever the store raises when it does not answer."""
    found = {}
    for photo in (picture.photo for entry in receipt.entries for picture in entry.pictures):
        if photo is not None and (data := _thumb(photo)):
            found[str(photo.pk)] = data
    return found


def _thumb(photo: Photo) -> bytes | None:
    try:
        return read(photo, thumb=True)
    except FileNotFoundError:
        logger.error("picture %s has no thumbnail", photo.pk)
        return None


def receipt_pdf(receipt: Receipt, proof: Proof, thumbs: Thumbs) -> bytes:
    """A tagged PDF in the active language. The same receipt gives the same bytes."""
    data = json.dumps(_data(receipt, proof, thumbs), default=str)
    pdf: bytes = typst.compile(
        LAYOUT.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"receipt": data},
    )
    return pdf


def _data(receipt: Receipt, proof: Proof, thumbs: Thumbs) -> dict[str, Any]:
    pictures = [_picture(entry, picture, thumbs) for entry in receipt.entries for picture in entry.pictures]
    return {
        "language": "en" if (get_language() or "").startswith("en") else "zh",
        "title": _("Receipt of a submission"),
        "portal": _("Exam Materials Portal"),
        "state": _state(receipt),
        "facts": [[fact.name, printable(fact.value)] for fact in receipt.facts],
        "handed_in": _("What was handed in"),
        "pictures": pictures,
        "others": [other for entry in receipt.entries for other in _others(entry)],
        "about_sums": about_sums(),
        "qr_code": proof.qr_code,
        "check": how_to_check(),
        "page": proof.page,
        "code": [_("Check code"), proof.code],
        "foot": receipt.number,
    }


def _picture(entry: Entry, picture: Picture, thumbs: Thumbs) -> dict[str, Any]:
    place = f"{picture.position}/{len(entry.pictures)}"
    thumb = thumbs.get(picture.id)
    return {
        "name": printable(f"{entry.category} {place}"),
        "sum": [picture.sha256[at : at + 16] for at in range(0, 64, 16)],
        "frame": FRAME.format(base64.b64encode(thumb).decode()) if thumb else None,
        "gone": _("Replaced since") if picture.photo is None else _("No thumbnail"),
    }


def _others(entry: Entry) -> list[list[str]]:
    """What is no picture: the mark, the reply."""
    name = printable(str(entry.category))
    marks = [[name, _("Marked as not applicable.")]] if entry.not_applicable else []
    replies = [[name, f"{_('Your reply')}: {printable(entry.reply)}"]] if entry.reply else []
    return marks + replies


def _state(receipt: Receipt) -> str:
    if receipt.is_newest:
        return _("The newest submission when this file was made.")
    return _("There is a newer submission, No. %(number)s; this is the receipt of an earlier one.") % {
        "number": receipt.newest
    }


def printable(text: str) -> str:
    """With every character that the font lacks written as its code, [U+20BB7]: legible, and right when copied."""
    return "".join(
        character if character in "\n\t" or _is_in_font(character) else f"[U+{ord(character):04X}]"
        for character in text.replace("\r\n", "\n")
    )


@lru_cache(maxsize=4096)
def _is_in_font(character: str) -> bool:
    """A font draws what it lacks as it draws what no font has: U+FFFF is no character."""
    drawn, lacking = (_font().getmask(text) for text in (character, "\uffff"))
    return drawn.size != lacking.size or bytes(drawn) != bytes(lacking)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(chinese.sans_path(), 16, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[chinese.sans_path().parent])
