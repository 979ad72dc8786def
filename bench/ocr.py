"""What can still be read: words that tesseract finds in a picture, of those that were written on it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageChops, ImageFilter

from bench import camera, documents
from bench.intake import LIMIT, POLICY, decoded, naive, photographed, quality_of
from bench.report import Figure, Part
from materials.intake import jpeg_file, take
from materials.intake.decode import decode
from materials.intake.fit import MOST_PIXELS, at_most, fit

KINDS = ("letter", "table", "form", "receipt", "small print")
_PIXELS = 12_000_000


def written(kind: str, seed: int) -> tuple[Image.Image, list[str]]:
    """A page of 12 megapixels and its words. Small print: four letters on one sheet."""
    if kind != "small print":
        return documents.draw(kind, seed, *documents.natural_size(kind, _PIXELS))
    width, height = documents.natural_size("letter", _PIXELS // 4)
    sheet, words = Image.new("RGB", (width * 2, height * 2)), []
    for at in range(4):
        page, some = documents.draw("letter", seed * 4 + at, width, height)
        sheet.paste(page, (at % 2 * width, at // 2 * height))
        words += some
    return sheet, words


def share_read(page: Image.Image, words: list[str]) -> float:
    """The share of ``words`` that tesseract finds, at best of three readings.

    Like a person it is shown even light and a comfortable size: as it comes, a shadow or the thickness of a table's
    rules decides what is read, and not what can be made out.
    """
    page = _in_even_light(page)
    return max(_found(page, words, side, mode) for side, mode in ((1280, 6), (1280, 11), (2600, 11)))


def _in_even_light(page: Image.Image) -> Image.Image:
    grey = page.convert("L")
    paper = grey.reduce(16).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(4))
    return ImageChops.invert(ImageChops.subtract(paper.resize(grey.size, Image.Resampling.BICUBIC), grey))


def _found(page: Image.Image, words: list[str], side: int, mode: int) -> float:
    """At that longest side, in tesseract's page segmentation mode 6 (one block) or 11 (text here and there)."""
    scale = side / max(page.size)
    stream = io.BytesIO()
    page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.BICUBIC).save(stream, "PPM")
    done = subprocess.run(
        ["tesseract", "stdin", "stdout", "-l", "eng", "--psm", str(mode)],
        input=stream.getvalue(),
        capture_output=True,
        check=True,
        env=os.environ | {"OMP_THREAD_LIMIT": "1"},
    )
    found = Counter(done.stdout.decode(errors="replace").split())
    return sum((Counter(words) & found).values()) / len(words)


def _ways(data: bytes) -> Iterator[tuple[str, Image.Image | None, str]]:
    """What each way of handing a picture in leaves of it, or nothing where it leaves too many bytes; and how."""
    original = decoded(data)
    yield "original", original, f"{len(data):,} bytes"
    ours = take.take_in(data, POLICY)
    fitted = fit(at_most(decode(jpeg_file.read(data)).image, MOST_PIXELS), LIMIT)
    encodes = fitted.encodes if fitted else 0
    said = f"{len(ours.data):,} bytes, {ours.width} × {ours.height} at {quality_of(ours.data)}, encodes: {encodes}"
    yield "ours", decoded(ours.data), said
    messenger = original.copy()
    messenger.thumbnail((1280, 1280))
    yield "longest side 1280", decoded(camera.as_jpeg(messenger, 75)), ""
    for quality in range(90, 5, -5):
        if len(lowered := camera.as_jpeg(original, quality)) <= LIMIT:
            yield "lower quality alone", decoded(lowered), f"at {quality}"
            break
    else:
        yield "lower quality alone", None, "does not fit"
    by_naive, _encodes = naive(data)
    yield "naive portal", decoded(by_naive), ""


def words_read(kinds: tuple[str, ...] = KINDS, each: int = 1) -> Part:
    """The share of words read of each kind in each way."""
    title = "words read by tesseract, of those written (documents of 12 megapixels, photographed)"
    if shutil.which("tesseract") is None:
        return Part(title, [], ["left out: tesseract is not installed"])
    tasks, notes = [], []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for kind in kinds:
            for seed in range(each):
                page, words = written(kind, seed)
                for way, picture, said in _ways(camera.as_jpeg(photographed(page, seed), 92)):
                    read = pool.submit(share_read, picture, words) if picture is not None else None
                    tasks.append((kind, way, len(words), read))
                    if way == "ours" or read is None:
                        notes.append(f"{kind}, {way}: {said}")
        counts: dict[str, dict[str, tuple[float, int]]] = defaultdict(dict)
        unfit = {(way, row) for kind, way, _there, read in tasks if read is None for row in (kind, "all")}
        for kind, way, there, read in tasks:
            for row in (kind, "all"):
                # Of a way that fits some documents only, a share would be of other words than the rest.
                if read is not None and (way, row) not in unfit:
                    have, of = counts[way].get(row, (0.0, 0))
                    counts[way][row] = (have + there * read.result(), of + there)
    figures = []
    for kind in (*kinds, "all"):
        original = counts["original"][kind]
        for way, (have, of) in ((way, rows[kind]) for way, rows in counts.items() if kind in rows):
            least = 100 * original[0] / original[1] if (way, kind) == ("ours", "all") else None
            figures.append(Figure(f"{kind}: {way}", 100 * have / of, "%", least=least))
    return Part(title, figures, notes)
