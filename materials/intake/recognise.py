"""Which format bytes are in, by their content alone. Nothing is decoded here."""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "unknown"
TEXT: Final = "text"

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8", "JPEG"),
    # Only the first four bytes: a PNG whose signature was mangled on the way is a broken PNG.
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"8BPS", "PSD"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "GZIP"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word/Excel"),
    (b"{\\rtf", "RTF"),
    (b"\x1aE\xdf\xa3", "Matroska"),
    (b"FLV\x01", "FLV"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
)
_RIFF: Final = {b"WEBP": "WebP", b"AVI ": "AVI", b"WAVE": "WAV"}
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_OFFICE: Final = ((b"word/", "Word"), (b"xl/", "Excel"), (b"ppt/", "PowerPoint"))
_HEAD: Final = 4096
_SVG: Final = re.compile(rb"<(?:\w+:)?svg[\s>]", re.IGNORECASE)
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|script|body)[\s>]", re.IGNORECASE)


def recognise(data: bytes) -> str:
    """The name of the format of ``data``, such as "JPEG", "HEIC", "GIF", "PDF"; "text" or "unknown" otherwise."""
    head = data[:_HEAD]
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _office(data) if name == "ZIP" else name
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return "BMP"
    # A PDF may begin with up to a kilobyte of anything.
    if b"%PDF-" in head[:1024]:
        return "PDF"
    return _text(head)


def _iso_media(head: bytes) -> str:
    """Photos and films share this container: the brands in its first box tell which it is."""
    size = int.from_bytes(head[:4], "big")
    major = head[8:12]
    brands = {major, *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    if major in (b"mif1", b"msf1"):
        return "HEIF"
    return "MOV" if major == b"qt  " else "MP4"


def _office(data: bytes) -> str:
    directory = data[:_HEAD] + data[-2 * _HEAD :]
    return next((name for part, name in _OFFICE if part in directory), "ZIP")


def _text(head: bytes) -> str:
    if _SVG.search(head):
        return "SVG"
    if _HTML.search(head):
        return "HTML"
    # The cut may fall inside a character; control characters other than white space are not text.
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[: len(head) - 4 if len(head) == _HEAD else None].decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(char >= " " or char in "\t\r\n\f\ufeff" for char in text):
            return TEXT
    return UNKNOWN
