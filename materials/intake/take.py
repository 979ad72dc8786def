"""From the bytes of an upload to a picture ready to be stored."""

from __future__ import annotations

import hashlib
import logging
from typing import Final, Literal

from PIL import Image

from . import colour, encode, heic_file, jpeg_file, png_file, rewriter
from .container import Container
from .decode import decode
from .fingerprint import fingerprint
from .fit import MOST_PIXELS, at_most, fit
from .legibility import warnings_for
from .outcome import Policy, Prepared, Refused
from .recognise import recognise

logger = logging.getLogger(__name__)

_READERS: Final = {"jpeg": jpeg_file.read, "png": png_file.read, "heic": heic_file.read}
#: How many times the limit a PNG may have for another try as a PNG: writing it anew rarely saves more than a
#: third, a palette rarely more than three quarters. A bigger one is fitted as a JPEG at once.
_WORTH_TRYING: Final = 1.5
_PALETTE_WORTH_TRYING: Final = 4


def take_in(data: bytes, policy: Policy) -> Prepared:
    """Make of an upload what may be stored, or raise ``Refused``; no other exception leaves this function.

    ``data``: the upload, judged by its content alone. The result is upright, in sRGB, at most
    ``policy.max_bytes``, and holds nothing of the original but its pixels: an upright JPEG within the limit with
    every pixel value as it was, a PNG within the limit as a PNG, everything else as a JPEG made to fit.
    """
    try:
        return _take_in(data, policy)
    except Refused:
        raise
    except Exception as error:
        # Whatever it is, the candidate's picture did not go through; that it was not foreseen is for us to see.
        logger.exception("a picture of %d bytes met an unforeseen error", len(data))
        raise Refused("corrupt", reason=repr(error)) from error


def _take_in(data: bytes, policy: Policy) -> Prepared:
    container = _checked(data, policy)
    original = decode(container)
    width, height = container.upright_size
    identity = fingerprint(original, (width, height))
    profile = colour.Profile(container.icc, original.mode)
    # What is looked at from here on needs no more pixels than are ever stored.
    shown = colour.on_white(profile.to_srgb(_reduced(original)))
    stored, kind = _kept(container, original, profile, policy.max_bytes), container.format
    fitted = stored is None
    if stored is None:
        del original  # 200 MB at 50 megapixels; not needed while fitting
        result = fit(shown, policy.max_bytes)
        if result is None:
            raise Refused("too_large", found=len(data), allowed=policy.max_bytes)
        stored, kind, width, height = result.data, "jpeg", result.width, result.height
    return Prepared(
        data=stored,
        format="png" if kind == "png" else "jpeg",
        width=width,
        height=height,
        sha256=hashlib.sha256(stored).hexdigest(),
        pixels_sha256=identity,
        thumbnail=encode.thumbnail(shown),
        original_format=container.format,
        original_bytes=len(data),
        fitted=fitted,
        warnings=(
            *(("incomplete",) if container.incomplete else ()),
            *warnings_for(shown, *container.upright_size),
        ),
    )


def _checked(data: bytes, policy: Policy) -> Container:
    """All that can be judged before a decoder runs, cheapest first."""
    if not data:
        raise Refused("empty")
    if len(data) > policy.max_upload_bytes:
        raise Refused("too_large", found=len(data), allowed=policy.max_upload_bytes)
    container = _READERS[_allowed_format(data, policy)](data)
    if container.width * container.height > policy.max_pixels:
        raise Refused("too_many_pixels", width=container.width, height=container.height, allowed=policy.max_pixels)
    if not policy.fit_oversized and len(data) > policy.max_bytes:
        raise Refused("too_large", found=len(data), allowed=policy.max_bytes)
    return container


def _allowed_format(data: bytes, policy: Policy) -> Literal["jpeg", "png", "heic"]:
    found = recognise(data)
    # HEIC is never stored, so it needs leave to convert.
    takes = policy.formats if policy.fit_oversized else policy.formats - {"heic"}
    for kind in ("jpeg", "png", "heic"):
        if found == kind.upper() and kind in takes:
            return kind
    raise Refused("format", found=found, allowed=tuple(kind for kind in ("jpeg", "png") if kind in policy.formats))


def _reduced(image: Image.Image) -> Image.Image:
    if image.width * image.height <= MOST_PIXELS:
        return image
    if image.mode == "1":
        image = image.convert("L")  # bilevel and palette pictures cannot be averaged
    return at_most(colour.unpalette(image) if image.mode == "P" else image, MOST_PIXELS)


def _kept(container: Container, original: Image.Image, profile: colour.Profile, limit: int) -> bytes | None:
    """The picture within the limit with no pixel value lost, or nothing where that is not to be had."""
    if container.format == "jpeg":
        return _kept_jpeg(container, original, profile, limit)
    if container.format == "png":
        return _kept_png(container, original, profile, limit)
    return None


def _kept_jpeg(container: Container, original: Image.Image, profile: colour.Profile, limit: int) -> bytes | None:
    if container.orientation != 1 or profile.changes_colours or len(container.clean) > limit:
        return None
    rewritten = rewriter.rewritten(container.clean)
    # Only of a file with small faults, which every decoder reads in its own way, are there other pixels.
    if rewritten is None or decode(jpeg_file.read(rewritten)).tobytes() != original.tobytes():
        return None
    return rewritten if len(rewritten) <= limit else container.clean


def _kept_png(container: Container, original: Image.Image, profile: colour.Profile, limit: int) -> bytes | None:
    """Screenshots and line art stay sharp as PNG: as it is, or with a palette where there are few colours."""
    size = len(container.clean)
    if size > _PALETTE_WORTH_TRYING * limit:
        return None
    image = profile.to_srgb(original) if profile.changes_colours else original
    if size <= _WORTH_TRYING * limit:
        data = encode.png(image)
        if len(data) <= limit:
            return data
    palette = colour.exact_palette(image)
    data = encode.png(palette) if palette is not None else b""
    return data if 0 < len(data) <= limit else None
