"""From the bytes of an upload to a picture ready to be stored."""

from __future__ import annotations

import hashlib
import traceback
from dataclasses import replace
from typing import Final, Literal

from PIL import Image

from . import bands, colour, encode, heic_file, jpeg_file, lossless, png_file
from .container import Container
from .decode import Original, decode
from .fit import MOST_PIXELS, at_most, fit
from .legibility import warnings_for
from .likeness import likeness
from .outcome import Policy, Prepared, Refused
from .recognise import recognise

_READERS: Final = {"jpeg": jpeg_file.read, "png": png_file.read, "heic": heic_file.read}
#: How many times the limit a PNG may have for another try as a PNG: writing it anew rarely saves more than a
#: third, a palette rarely more than three quarters. A bigger one is fitted as a JPEG at once.
_WORTH_TRYING: Final = 1.5
_PALETTE_WORTH_TRYING: Final = 4
#: What zlib at its hardest may save, over what it does as a rule.
_MOST_SAVED: Final = 1.15


def take_in(data: bytes, policy: Policy, turn: int = 1, *, rewrite: bool = True) -> Prepared:
    """Make of an upload what may be stored, or raise ``Refused``; no other exception leaves this function.

    ``data``: the upload, judged by its content alone. ``turn``: the EXIF orientation to believe in place of the
    file's own, if it is not 1; this is how a picture without EXIF is turned. ``rewrite``: keep what can be kept
    without loss, with a library that ends the process on some malformed files (``lossless.rewritten``).

    The result is upright, in sRGB, at most ``policy.max_bytes``, and holds nothing of the original but its pixels:
    an upright JPEG within the limit with every pixel value as it was, a PNG within the limit as a PNG, everything
    else as a JPEG made to fit.
    """
    try:
        return _take_in(data, policy, turn, rewrite)
    except Refused:
        raise
    except Exception as error:
        # Whatever it is, the candidate's picture did not go through; that it was not foreseen is for us to see.
        raise Refused("corrupt", reason=repr(error), unforeseen=traceback.format_exc()) from error


def _take_in(data: bytes, policy: Policy, turn: int, rewrite: bool) -> Prepared:
    container = _checked(data, policy)
    if turn != 1:
        container = replace(container, orientation=turn)
    original = decode(container)
    identity, ends_grey = original.identity, original.ends_grey
    profile = colour.Profile(container.icc, original.image.mode)
    # What is looked at from here on needs no more pixels than are ever stored.
    shown = colour.on_white(profile.to_srgb(_reduced(original.image)))
    kept = _kept(container, original, profile, policy.max_bytes, rewrite=rewrite)
    del original  # up to 200 MB; not needed while fitting
    turned = None if kept else _turned(container, profile, policy.max_bytes)
    width, height = container.upright_size
    stored = kept or turned
    if stored is None:
        fitted = fit(shown, policy.max_bytes)
        if fitted is None:
            raise Refused("too_large", found=len(data), allowed=policy.max_bytes)
        stored, width, height = fitted.data, fitted.width, fitted.height
    return Prepared(
        data=stored,
        format="png" if kept and container.format == "png" else "jpeg",
        width=width,
        height=height,
        sha256=hashlib.sha256(stored).hexdigest(),
        pixels_sha256=identity,
        thumbnail=encode.thumbnail(shown),
        original_format=container.format,
        original_bytes=len(data),
        fitted=not kept,
        likeness=likeness(shown),
        warnings=(
            *(("incomplete",) if container.incomplete or ends_grey else ()),
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


def _kept(
    container: Container, original: Original, profile: colour.Profile, limit: int, *, rewrite: bool
) -> bytes | None:
    """The picture within the limit with no pixel value lost, or nothing where that is not to be had."""
    if container.format == "jpeg" and rewrite and container.orientation == 1 and not profile.changes_colours:
        return lossless.rewritten(container.clean, limit)
    if container.format == "png":
        return _kept_png(container, original, profile, limit)
    return None


def _turned(container: Container, profile: colour.Profile, limit: int) -> bytes | None:
    """The picture within the limit, as good as it was but for rounding, where turning is all that it needs."""
    if container.format == "jpeg" and container.orientation != 1 and not profile.changes_colours:
        return lossless.turned(container, limit)
    return None


def _kept_png(container: Container, original: Original, profile: colour.Profile, limit: int) -> bytes | None:
    """Screenshots and line art stay sharp as PNG: as it is, or with a palette where there are few colours."""
    size = len(container.clean)
    if not original.is_whole:
        # To write it anew would take all of its pixels.
        is_kept = size <= limit and not profile.changes_colours and bands.is_exact(container.clean)
        return container.clean if is_kept else None
    if size > _PALETTE_WORTH_TRYING * limit:
        return None
    image = profile.to_srgb(original.image) if profile.changes_colours else original.image
    if size <= _WORTH_TRYING * limit and (data := _png_within(image, limit)):
        return data
    palette = colour.exact_palette(image)
    return _png_within(palette, limit) if palette is not None else None


def _png_within(image: Image.Image, limit: int) -> bytes | None:
    for smallest in (False, True):
        data = encode.png(image, smallest=smallest)
        if len(data) <= limit:
            return data
        if len(data) > _MOST_SAVED * limit:
            break
    return None
