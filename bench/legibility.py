"""How often each warning beside a picture is right, measured on drawn documents: ``python -m bench.legibility``.

Prints the tables of docs/pictures.md. ``--pages 16`` sets how many of each kind, ``--only``
one of the parts, ``--corpus FOLDER`` adds real pictures. Words are read by tesseract where it is installed. Every
document goes through a JPEG and the same scaled decoding as an upload.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import shutil
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from itertools import chain, combinations
from multiprocessing import Pool
from pathlib import Path

import pillow_heif
from PIL import Image, ImageOps

from bench import camera, documents
from materials.intake import jpeg_file
from materials.intake.decode import scale_of
from materials.intake.fit import MOST_PIXELS, at_most
from materials.intake.legibility import warnings_for
from materials.intake.legibility.lines import cuts_lines, way_of_lines
from materials.intake.legibility.sharpness import is_blank, is_blurred
from materials.intake.likeness import NEARLY_THE_SAME, distance, likeness

#: Other documents than the thresholds were chosen on.
_FIRST = 5000


def seen(data: bytes) -> Image.Image:
    """A JPEG as the portal looks at it (materials/intake/decode.py, take.py)."""
    container = jpeg_file.read(data)
    image = Image.open(io.BytesIO(data))
    scale = scale_of(container)
    if scale > 1:
        image.draft(None, (container.width // scale, container.height // scale))
    return at_most(image.convert("RGB"), MOST_PIXELS)


def warned(page: Image.Image, quality: int = 85) -> tuple[str, ...]:
    return warnings_for(seen(camera.as_jpeg(page, quality)), *page.size)


def scanned(page: Image.Image, seed: int) -> Image.Image:
    """On a scanner's glass: turned up to 2°, a little grain."""
    chance = random.Random(f"scan {seed}")
    return camera.noisy(camera.skewed(page, chance.uniform(-2, 2)), seed, chance.uniform(0, 4))


def photographed(page: Image.Image, seed: int) -> Image.Image:
    """By hand: on a table, turned up to 5°, in slight perspective, a little soft, shaded, grainy."""
    chance = random.Random(f"photo {seed}")
    page = camera.on_table(page, seed, chance.uniform(0.02, 0.2), chance.uniform(-5, 5))
    page = camera.blurred(page, chance.uniform(0, 1.2))
    return camera.noisy(camera.shaded(page, seed, chance.uniform(0.1, 0.6)), seed, chance.uniform(1, 8))


def recall(page: Image.Image, words: list[str]) -> float:
    """The share of ``words`` that tesseract reads in ``page``."""
    command = ["tesseract", "stdin", "stdout", "-l", "eng", "--psm", "6"]
    stream = io.BytesIO()
    page.save(stream, "PNG", compress_level=1)
    done = subprocess.run(
        command, input=stream.getvalue(), capture_output=True, env=os.environ | {"OMP_THREAD_LIMIT": "1"}
    )
    found = Counter(done.stdout.decode(errors="replace").split())
    return sum((Counter(words) & found).values()) / len(words)


def _drawn(kind: str, seed: int, pixels: int = 2_000_000) -> tuple[Image.Image, list[str]]:
    return documents.draw(kind, seed, *documents.natural_size(kind, pixels))


def _one_upright(task: tuple[str, int]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """(kind, how taken, what was done to it, warnings) of one document."""
    kind, seed = task
    chance = random.Random(f"{kind} {seed} picture")
    page, _words = _drawn(kind, seed, chance.choice([900_000, 1_500_000, 2_500_000]))
    found = []
    for how, take in (("scan", scanned), ("photo", photographed)):
        picture, quality = take(page, seed), chance.choice([50, 70, 85, 92])
        found.append((kind, how, "upright", warned(picture, quality)))
        turn = chance.choice([Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
        found.append((kind, how, "sideways", warned(picture.transpose(turn), quality)))
    picture, away = scanned(page, seed), chance.uniform(0.15, 0.5)
    width, height = picture.size
    left = picture.crop((round(away * width), 0, width, height))
    right = picture.crop((0, 0, round((1 - away) * width), height))
    found.append((kind, "scan", "cropped", warned(chance.choice([left, right]))))
    sheet = Image.new("RGB", page.size, page.getpixel((2, 2)))
    found.append((kind, "sheet", "blank", warned(camera.noisy(camera.shaded(sheet, seed, 0.5), seed, 6))))
    return found


def upright(pool: Pool, pages: int) -> None:  # type: ignore[valid-type]
    tasks = [(kind, _FIRST + seed) for kind in documents.kinds() for seed in range(pages)]
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for found in pool.imap_unordered(_one_upright, tasks, chunksize=4):
        for kind, how, done, codes in found:
            rows[kind][f"{how} {done}"] += done in codes
            if done == "upright":
                for code in ("sideways", "cropped", "blurred", "blank"):
                    rows[kind][f"false {code}"] += code in codes
    false = [f"false {code}" for code in ("sideways", "cropped", "blurred", "blank")]
    rows["**all**"] = sum(rows.values(), Counter())
    names = ["scan sideways", "photo sideways", "scan cropped", "sheet blank"]
    _print_row("kind", *(f"{name} found" for name in names), *(f"{name} alarms" for name in false), header=True)
    for kind, row in rows.items():
        count = pages * (len(rows) - 1 if kind == "**all**" else 1)
        _print_row(kind, *(_percent(row[n], count) for n in names), *(f"{row[n]} of {2 * count}" for n in false))


_DEFECTS: dict[str, tuple[Iterable[float], Callable[[Image.Image, float], Image.Image]]] = {
    "out of focus (radius, thousandths of the shorter side)": (
        (0, 1, 1.5, 2, 2.5, 3, 4, 6),
        lambda page, radius: camera.blurred(page, radius * min(page.size) / 1000),
    ),
    "moved (length, thousandths of the shorter side)": (
        (4, 8, 12, 16, 24),
        lambda page, length: camera.moved(page, max(1, round(length * min(page.size) / 1000))),
    ),
    "small (shorter side, pixels)": (
        (1000, 800, 600, 500, 400, 300, 200),
        lambda page, side: page.resize(
            (round(page.width * side / min(page.size)), round(page.height * side / min(page.size))),
            Image.Resampling.HAMMING,
        ),
    ),
    "shadow (share of the light lost)": ((0.5, 0.7, 0.85), lambda page, depth: camera.shaded(page, 1, depth)),
    "grain (grey levels)": ((5, 10, 20, 30), lambda page, sigma: camera.noisy(page, 1, sigma)),
    "JPEG quality": ((50, 30, 15), lambda page, quality: Image.open(io.BytesIO(camera.as_jpeg(page, int(quality))))),
}


def _one_defect(task: tuple[str, float, str, int]) -> tuple[str, float, str, float, tuple[str, ...]]:
    defect, strength, kind, seed = task
    page, words = _drawn(kind, seed)
    page = camera.noisy(_DEFECTS[defect][1](page, strength).convert("RGB"), seed, 2)
    return defect, strength, kind, recall(seen(camera.as_jpeg(page)), words), warned(page)


def defects(pool: Pool, pages: int) -> None:  # type: ignore[valid-type]
    if shutil.which("tesseract") is None:
        print("tesseract is not installed: no table of what can be read")
        return
    kinds = ("letter", "receipt", "certificate", "id_card")
    some = range(_FIRST, _FIRST + max(1, pages // 8))
    tasks = [
        (d, strength, k, s)
        for d, (strengths, _) in _DEFECTS.items()
        for strength in strengths
        for k in kinds
        for s in some
    ]
    results: dict[tuple[str, float], dict[str, list[tuple[float, tuple[str, ...]]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for defect, strength, kind, share, codes in pool.imap(_one_defect, tasks, chunksize=4):
        results[defect, strength][kind].append((share, codes))
    _print_row("defect", "strength", *(f"{kind}: words read, warned" for kind in kinds), header=True)
    for (defect, strength), by_kind in results.items():
        cells = []
        for kind in kinds:
            shares = [share for share, _ in by_kind[kind]]
            codes = Counter(code for _, found in by_kind[kind] for code in found)
            said = ", ".join(f"{code} {_percent(count, len(shares))}" for code, count in codes.items()) or "–"
            cells.append(f"{round(100 * sum(shares) / len(shares))} %, {said}")
        _print_row(defect, f"{strength:g}", *cells)


def variants(page: Image.Image, seed: int) -> Iterable[tuple[str, Image.Image]]:
    """One picture handed in again in another form."""
    chance = random.Random(f"variant {seed}")
    width, height = page.size
    half = page.resize((round(width * 0.5), round(height * 0.5)), Image.Resampling.HAMMING)
    cut = [chance.uniform(0, 0.01) * side for side in (width, height, width, height)]
    closer = page.crop((round(cut[0]), round(cut[1]), round(width - cut[2]), round(height - cut[3])))
    yield "quality 50", Image.open(io.BytesIO(camera.as_jpeg(page, 50)))
    yield "half the size", half
    yield "darker by 30 %", page.point([round(level * 0.7) for level in range(256)] * 3)
    yield "brighter by 10 %", page.point([min(255, round(level * 1.1)) for level in range(256)] * 3)
    yield "cut closer, up to 1 % a side", closer
    yield "all of these", Image.open(io.BytesIO(camera.as_jpeg(closer.resize(half.size).point(lambda v: v * 0.85), 60)))


def _one_layout(task: tuple[str, int, str]) -> tuple[str, str, bytes, list[int], dict[str, int]]:
    """A likeness; the distances of four fillings of one layout from each other, and of the first from its variants."""
    kind, layout, how = task
    pages = []
    for filling in range(4):
        page, _ = documents.draw(kind, filling, *documents.natural_size(kind, 1_200_000), layout=layout)
        # The same place, light and table for all four: what differs is what is written.
        pages.append((scanned if how == "scan" else photographed)(page, layout))
    likenesses = [likeness(page) for page in pages]
    apart = [distance(a, b) for at, a in enumerate(likenesses) for b in likenesses[:at]]
    return (
        kind,
        how,
        likenesses[0],
        apart,
        {name: distance(likenesses[0], likeness(v)) for name, v in variants(pages[0], layout)},
    )


def alike(pool: Pool, pages: int) -> None:  # type: ignore[valid-type]
    tasks = [
        (k, _FIRST + n, how) for k in documents.kinds() for n in range(max(1, pages // 2)) for how in ("scan", "photo")
    ]
    apart: dict[str, list[int]] = defaultdict(list)
    same: dict[tuple[str, str], list[int]] = defaultdict(list)
    firsts: dict[str, list[bytes]] = defaultdict(list)
    for kind, how, first, between, variants in pool.imap_unordered(_one_layout, tasks, chunksize=2):
        apart[kind] += between
        firsts[how].append(first)
        for name, far in variants.items():
            same[name, how] += [far]
    others = [distance(*pair) for some in firsts.values() for pair in combinations(some, 2)]
    _print_row("two fillings of one layout", "pairs", "taken for the same", "least distance", "median", header=True)
    rows = sorted(apart.items())
    rows += [("**all**", list(chain.from_iterable(apart.values()))), ("two layouts, of any kind", others)]
    for kind, fars in rows:
        taken = sum(far < NEARLY_THE_SAME for far in fars)
        _print_row(
            kind, len(fars), f"{taken} ({100 * taken / len(fars):.2f} %)", min(fars), sorted(fars)[len(fars) // 2]
        )
    print()
    _print_row("one picture again", "scans recognised", "photos recognised", header=True)
    for name in dict.fromkeys(name for name, _ in same):
        cells = [same[name, how] for how in ("scan", "photo")]
        _print_row(name, *(_percent(sum(far < NEARLY_THE_SAME for far in fars), len(fars)) for fars in cells))


def times(pool: Pool, pages: int) -> None:  # type: ignore[valid-type]
    page = photographed(_drawn("letter", _FIRST, 2_000_000)[0], _FIRST)
    picture = at_most(page.resize((1500, 2000)), 3_000_000)
    grey = picture.convert("L")
    _print_row("step, 3 megapixels", "milliseconds", header=True)
    steps = {
        "all warnings": lambda: warnings_for(picture, *picture.size),
        "blank": lambda: is_blank(grey),
        "blurred": lambda: is_blurred(grey),
        "sideways": lambda: way_of_lines(grey),
        "cropped": lambda: cuts_lines(grey),
        "likeness": lambda: likeness(picture),
    }
    for name, step in steps.items():
        best = 9.0
        for _ in range(15):
            start = time.perf_counter()
            step()
            best = min(best, time.perf_counter() - start)
        _print_row(name, f"{best * 1000:.1f}")


def corpus(folder: Path) -> None:
    """Real pictures, upright and turned."""
    pillow_heif.register_heif_opener()
    _print_row("picture", "size", "warnings", "warnings when turned by 90°", header=True)
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() not in {".jpg", ".png", ".heic"} or file.parent.name == "broken":
            continue
        image = at_most(ImageOps.exif_transpose(Image.open(file)).convert("RGB"), MOST_PIXELS)
        turned = image.transpose(Image.Transpose.ROTATE_90)
        said = [", ".join(warnings_for(picture, *picture.size)) or "–" for picture in (image, turned)]
        _print_row(file.name, f"{image.width} × {image.height}", *said)


def _percent(count: int, of: int) -> str:
    return f"{100 * count / of:.0f} %"


def _print_row(*cells: object, header: bool = False) -> None:
    print("|", " | ".join(str(cell) for cell in cells), "|", flush=True)
    if header:
        print("|" + "---|" * len(cells))


PARTS = {"upright": upright, "defects": defects, "alike": alike, "times": times}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=16)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    with Pool(2) as pool:
        for name, part in PARTS.items():
            if options.only in (None, name):
                print(f"\n{name}\n")
                part(pool, options.pages)
    if options.corpus:
        print("\ncorpus\n")
        corpus(options.corpus)


if __name__ == "__main__":
    main()
