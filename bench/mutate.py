"""Pictures as no camera writes them: whole files of every kind, then damaged by chance, but the same way every time."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageCms

from bench import camera, documents

_PNG = b"\x89PNG\r\n\x1a\n"
#: Where readers of formats count wrong: none, one, the last of a size, the first beyond, the sign.
_BYTES = (0x00, 0x01, 0x02, 0x07, 0x08, 0x0F, 0x10, 0x20, 0x7F, 0x80, 0x81, 0xC0, 0xC4, 0xD8, 0xD9, 0xDA, 0xFE, 0xFF)
_NUMBERS = (0, 1, 2, 3, 7, 8, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_SIDES = (0, 1, 2, 7, 8, 9, 15, 16, 17, 100, 4000, 7000, 16_384, 49_999, 65_500, 65_535)

Chance = random.Random


class Case(NamedTuple):
    """A damaged file: its bytes, of which whole file, and what was done to it, in words."""

    data: bytes
    origin: str
    done: tuple[str, ...]


def case(seed: int, number: int) -> Case:
    """The same for the same two numbers and the same libraries."""
    chance = Chance(f"{seed} {number}")
    files = whole_files()
    # The large ones cost as much as a hundred small ones.
    names = [name for name in files if name.endswith("2 MP") == (chance.random() < 0.02)]
    origin = chance.choice(names)
    data, done = files[origin], []
    for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3, 6))):
        by_form = _by_form(data)
        how = chance.choice(by_form if by_form and chance.random() < 0.6 else _ON_BYTES)
        if data:
            data = how(chance, data)
            done.append(how.__name__.strip("_"))
    if data.startswith(_PNG) and chance.random() < 0.6:
        # With the checksums right the damage comes to the decoder.
        data = _joined([(kind, body, None) for kind, body, _check in _chunks(data)])
        done.append("checksums mended")
    return Case(data, origin, tuple(done))


# --- whole files ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def whole_files() -> dict[str, bytes]:
    """By name. Small ones of every kind that cameras, scanners and programs write, and a few of two megapixels."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lying = Image.Exif()
    lying[0x0112], lying[0x010F] = 6, "Maker"
    form, letter, tiny = _page("form", 220, 300), _page("letter", 400, 283), _page("receipt", 48, 107)
    large = camera.noisy(_page("letter", 1189, 1682), 1, 3)
    clear = form.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(form.size))
    grey16 = Image.frombytes("I;16", (64, 64), bytes(range(256)) * 32)
    pictures: dict[str, tuple[Image.Image, str, dict[str, object]]] = {
        "jpeg": (form, "JPEG", {"quality": 85}),
        "jpeg tiny": (tiny, "JPEG", {"quality": 60}),
        "jpeg turned": (letter, "JPEG", {"quality": 80, "exif": lying}),
        "jpeg turned 4:4:4": (form, "JPEG", {"quality": 80, "exif": lying, "subsampling": 0}),
        "jpeg profile": (letter, "JPEG", {"icc_profile": profile, "comment": b"x" * 300}),
        "jpeg progressive": (form, "JPEG", {"progressive": True, "quality": 80}),
        "jpeg progressive grey": (letter.convert("L"), "JPEG", {"progressive": True, "subsampling": 0}),
        "jpeg 4:4:4": (letter, "JPEG", {"subsampling": 0, "quality": 95}),
        "jpeg 4:2:2": (form, "JPEG", {"subsampling": 1, "optimize": True}),
        "jpeg grey": (form.convert("L"), "JPEG", {"quality": 70}),
        "jpeg cmyk": (form.convert("CMYK"), "JPEG", {"quality": 80, "icc_profile": profile}),
        "jpeg rgb": (tiny, "JPEG", {"keep_rgb": True}),
        "jpeg restarts": (letter, "JPEG", {"restart_marker_blocks": 5, "quality": 75}),
        "jpeg restarts progressive": (tiny, "JPEG", {"restart_marker_rows": 1, "progressive": True}),
        "jpeg several": (letter, "MPO", {"save_all": True, "append_images": [tiny], "quality": 80}),
        "jpeg 2 MP": (large, "JPEG", {"quality": 60}),
        "jpeg progressive 2 MP": (large, "JPEG", {"quality": 85, "progressive": True}),
        "png rgb": (form, "PNG", {}),
        "png rgba": (clear, "PNG", {}),
        "png grey": (letter.convert("L"), "PNG", {}),
        "png grey alpha": (clear.convert("LA"), "PNG", {}),
        "png grey key": (tiny.convert("L"), "PNG", {"transparency": 255}),
        "png rgb key": (tiny, "PNG", {"transparency": (255, 255, 255)}),
        "png bilevel": (form.convert("1"), "PNG", {}),
        "png palette": (form.quantize(200), "PNG", {}),
        "png palette 2 bits": (form.quantize(4), "PNG", {"transparency": b"\x00\x80\xff\x40"}),
        "png grey 16": (grey16, "PNG", {}),
        "png profile turned": (tiny, "PNG", {"icc_profile": profile, "exif": lying}),
        "png 2 MP": (large, "PNG", {"compress_level": 1}),
    }
    files = {name: _saved(image, form, how) for name, (image, form, how) in pictures.items()}
    for depth, colour, interlaced in ((8, 2, 1), (8, 6, 1), (1, 0, 1), (16, 2, 0), (16, 6, 1), (4, 0, 0), (16, 4, 0)):
        files[f"png {depth} bits, colour {colour}{', interlaced' * interlaced}"] = _png(depth, colour, interlaced)
    # The encoder's other presets take ten times as long.
    fast = {"quality": 60, "enc_params": {"preset": "ultrafast"}}
    files["heic"] = _heic(form, **fast)
    files["heic tiny, alpha"] = _heic(clear.resize((64, 80)), **fast)
    files["heic turned, profile"] = _heic(letter, exif=lying.tobytes(), icc_profile=profile, **fast)
    files["heic 2 MP"] = _heic(large, **fast)
    return files


def _page(kind: str, width: int, height: int) -> Image.Image:
    return documents.draw(kind, 1, width, height)[0]


def _saved(image: Image.Image, form: str, how: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **how)  # type: ignore[arg-type]
    return stream.getvalue()


def _heic(image: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, **how)
    return stream.getvalue()


def _png(depth: int, colour: int, interlaced: int, side: int = 64) -> bytes:
    """A square of random samples: what Pillow does not write."""
    bits = depth * {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    # Adam7: where each pass begins, and its steps, across and down.
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    chance, rows = Chance(f"{depth} {colour}"), b""
    for x, y, across, down in passes if interlaced else [(0, 0, 1, 1)]:
        width, height = -(-(side - x) // across), -(-(side - y) // down)
        rows += b"".join(b"\x00" + chance.randbytes((width * bits + 7) // 8) for _ in range(height))
    header = struct.pack(">LLBBBBB", side, side, depth, colour, 0, 0, interlaced)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return _joined([(kind, body, None) for kind, body in parts])


# --- on any bytes ---------------------------------------------------------------------------------


def _place(chance: Chance, data: bytes) -> int:
    """Anywhere, half the time among the first bytes, where the headers are."""
    return chance.randrange(min(len(data), 700) if chance.random() < 0.5 else len(data))


def _flipped_bits(chance: Chance, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[_place(chance, data)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _set_bytes(chance: Chance, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        changed[_place(chance, data)] = chance.choice(_BYTES)
    return bytes(changed)


def _set_number(chance: Chance, data: bytes) -> bytes:
    form, at, number = chance.choice((">H", ">L", "<H", "<L")), _place(chance, data), chance.choice(_NUMBERS)
    size = struct.calcsize(form)
    return data[:at] + struct.pack(form, number % 256**size) + data[at + size :]


def _deleted(chance: Chance, data: bytes) -> bytes:
    at = _place(chance, data)
    return data[:at] + data[at + chance.choice((1, 1, 2, 4, 16, 100, 1000)) :]


def _inserted(chance: Chance, data: bytes) -> bytes:
    at, size = _place(chance, data), chance.choice((1, 1, 2, 4, 16, 100, 1000))
    other = _place(chance, data)
    added = chance.choice((chance.randbytes(size), data[other : other + size], bytes([chance.choice(_BYTES)]) * size))
    return data[:at] + added + data[at:]


def _truncated(chance: Chance, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _spliced(chance: Chance, data: bytes) -> bytes:
    other = chance.choice([file for name, file in whole_files().items() if "2 MP" not in name])
    return data[: _place(chance, data)] + other[_place(chance, other) :]


_ON_BYTES = (
    _flipped_bits,
    _flipped_bits,
    _set_bytes,
    _set_bytes,
    _set_number,
    _deleted,
    _inserted,
    _truncated,
    _spliced,
)


def _by_form(data: bytes) -> tuple[Callable[[Chance, bytes], bytes], ...]:
    if data.startswith(b"\xff\xd8"):
        return (_segments_moved, _segment_length, _segment_body, _jpeg_size, _marker_in_scan)
    if data.startswith(_PNG):
        return (_chunks_moved, _chunk_length, _chunk_body, _png_header, _png_rows)
    return (_heic_size, _box_length) if data[4:8] == b"ftyp" else ()


# --- JPEG -----------------------------------------------------------------------------------------


def _segments(data: bytes) -> list[bytes]:
    """The start, each segment, and from the first scan on all in one."""
    parts, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        parts.append(data[at:end])
        at = end
    return [*parts, data[at:]]


def _moved(chance: Chance, parts: list[bytes]) -> list[bytes]:
    """One part twice, two swapped, or one gone; never the first."""
    if len(parts) < 3:
        return parts
    at, to = chance.randrange(1, len(parts)), chance.randrange(1, len(parts))
    how = chance.randrange(3)
    if how == 0:
        return [*parts[:to], *([parts[at]] * chance.choice((1, 1, 3, 200))), *parts[to:]]
    parts = list(parts)
    if how == 1:
        parts[at], parts[to] = parts[to], parts[at]
    else:
        del parts[at]
    return parts


def _segments_moved(chance: Chance, data: bytes) -> bytes:
    return b"".join(_moved(chance, _segments(data)))


def _segment_length(chance: Chance, data: bytes) -> bytes:
    parts = _segments(data)
    at = chance.randrange(1, len(parts))
    length = int.from_bytes(parts[at][2:4], "big") + chance.choice((-2, -1, 1, 2, 17, 1000))
    length = chance.choice((length, chance.choice(_NUMBERS)))
    parts[at] = parts[at][:2] + struct.pack(">H", length % 65536) + parts[at][4:]
    return b"".join(parts)


def _segment_body(chance: Chance, data: bytes) -> bytes:
    """Tables, frame and scan headers are few bytes among many, and are what decoders trust most."""
    parts = _segments(data)
    at = chance.randrange(1, len(parts))
    head = bytearray(parts[at][:200])
    for _ in range(chance.choice((1, 1, 2, 5))):
        if len(head) > 4:
            head[chance.randrange(4, len(head))] = chance.choice((*_BYTES, chance.randrange(256)))
    parts[at] = bytes(head) + parts[at][200:]
    return b"".join(parts)


def _jpeg_size(chance: Chance, data: bytes) -> bytes:
    parts = _segments(data)
    for at, part in enumerate(parts):
        if part[:1] == b"\xff" and part[1:2] in b"\xc0\xc1\xc2" and len(part) > 10:
            height, width = (chance.choice((side, chance.choice(_SIDES))) for side in struct.unpack(">HH", part[5:9]))
            parts[at] = part[:5] + struct.pack(">HH", height, width) + part[9:]
    return b"".join(parts)


def _marker_in_scan(chance: Chance, data: bytes) -> bytes:
    scan = data.find(b"\xff\xda")
    if scan < 0:
        return data
    at = chance.randrange(scan, len(data))
    marker = bytes([0xFF, chance.choice((0xD0, 0xD3, 0xD7, 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDC, 0xE1, 0xFE, 0xFF))])
    return data[:at] + marker + data[at + chance.choice((0, 2)) :]


# --- PNG ------------------------------------------------------------------------------------------

_Chunk = tuple[bytes, bytes, bytes | None]


def _chunks(data: bytes) -> list[_Chunk]:
    """Kind, body and checksum as they stand."""
    found, at = [], len(_PNG)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : end], data[end : end + 4]))
        at = end + 4
    return found


def _joined(chunks: list[_Chunk]) -> bytes:
    """As a file; a checksum of None is put right."""
    parts = [_PNG]
    for kind, body, check in chunks:
        mended = struct.pack(">L", zlib.crc32(kind + body))
        parts += [struct.pack(">L", len(body)), kind, body, mended if check is None else check]
    return b"".join(parts)


def _chunks_moved(chance: Chance, data: bytes) -> bytes:
    parts = [_joined([chunk])[len(_PNG) :] for chunk in _chunks(data)]
    return b"".join(_moved(chance, [_PNG, *parts]))


def _chunk_length(chance: Chance, data: bytes) -> bytes:
    places, at = [], len(_PNG)
    for _kind, body, _check in _chunks(data):
        places.append(at)
        at += 12 + len(body)
    if not places:
        return data
    at = chance.choice(places)
    length = int.from_bytes(data[at : at + 4], "big") + chance.choice((-1, 1, 4, 12, 1000))
    return data[:at] + struct.pack(">L", chance.choice((length, chance.choice(_NUMBERS))) % 2**32) + data[at + 4 :]


def _chunk_body(chance: Chance, data: bytes) -> bytes:
    chunks = _chunks(data)
    if not chunks:
        return data
    at = chance.randrange(len(chunks))
    kind, body, check = chunks[at]
    if body:
        body = chance.choice(_ON_BYTES)(chance, body)
    chunks[at] = (kind, body, check)
    return _joined(chunks)


def _png_header(chance: Chance, data: bytes) -> bytes:
    """Another size, or another depth, colour or interlacing than the rows have."""
    chunks = _chunks(data)
    if not chunks or len(chunks[0][1]) != 13:
        return data
    width, height, *rest = struct.unpack(">LLBBBBB", chunks[0][1])
    if chance.random() < 0.5:
        width, height = (chance.choice((side, chance.choice(_SIDES))) for side in (width, height))
    else:
        rest = [chance.choice((1, 2, 4, 8, 16)), chance.choice((0, 2, 3, 4, 6)), 0, 0, chance.randrange(2)]
    chunks[0] = (b"IHDR", struct.pack(">LLBBBBB", width, height, *rest), None)
    return _joined(chunks)


def _png_rows(chance: Chance, data: bytes) -> bytes:
    """Damage beneath the compression: filters and rows."""
    chunks = _chunks(data)
    try:
        rows = zlib.decompress(b"".join(body for kind, body, _ in chunks if kind == b"IDAT"))
    except zlib.error:
        return data
    packed = zlib.compress(chance.choice(_ON_BYTES)(chance, rows or b"\x00"), 1)
    at = next((at for at, chunk in enumerate(chunks) if chunk[0] == b"IDAT"), 0)
    left = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    return _joined([*left[:at], (b"IDAT", packed, None), *left[at:]])


# --- HEIC -----------------------------------------------------------------------------------------


def _heic_size(chance: Chance, data: bytes) -> bytes:
    """The size that the container says; the picture inside has its own."""
    at = data.find(b"ispe")
    return data if at < 0 else data[: at + 8] + struct.pack(">LL", *chance.choices(_SIDES, k=2)) + data[at + 16 :]


def _box_length(chance: Chance, data: bytes) -> bytes:
    boxes = (b"meta", b"iloc", b"iinf", b"infe", b"iprp", b"ipco", b"ipma", b"hvcC", b"irot", b"iref", b"mdat", b"colr")
    places = [at for kind in boxes if (at := data.find(kind)) >= 4]
    if not places:
        return data
    at = chance.choice(places) - 4
    length = int.from_bytes(data[at : at + 4], "big") + chance.choice((-8, -1, 1, 8, 1000))
    return data[:at] + struct.pack(">L", chance.choice((length, chance.choice(_NUMBERS))) % 2**32) + data[at + 4 :]
