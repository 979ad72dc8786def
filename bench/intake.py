"""What the intake costs, against the least that its decoding and encoding alone would cost on the same machine."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from queue import SimpleQueue
from statistics import median, quantiles

import pillow_heif
from mozjpeg_lossless_optimization import optimize
from PIL import Image, ImageOps

from bench import camera, documents
from bench.report import Figure, Part, of_runs
from bench.served import Browser, Portal, multipart
from materials.intake import Policy, Refused, isolated, take

LIMIT = 204_800
POLICY = Policy(frozenset({"jpeg", "png", "heic"}), LIMIT, fit_oversized=True)
CATEGORY = "OTHER"

Steps = dict[str, Callable[[], object]]


# --- pictures -------------------------------------------------------------------------------------


def photographed(page: Image.Image, seed: int) -> Image.Image:
    """Under uneven light, a little soft, with the grain that a phone leaves."""
    return camera.noisy(camera.blurred(camera.shaded(page, seed, 0.4), 0.8), seed, 4)


def letter(pixels: int, seed: int = 1) -> Image.Image:
    """A page of print."""
    drawn, _words = documents.draw("letter", seed, *documents.natural_size("letter", pixels))
    return drawn


def compliant_picture(seed: int = 1) -> bytes:
    """Upright, two megapixels, about 180 KB."""
    picture = photographed(letter(2_000_000, seed), seed)
    return next(data for quality in range(95, 5, -1) if len(data := camera.as_jpeg(picture, quality)) <= 185_000)


def photo(seed: int = 1) -> bytes:
    """As a phone takes it: 12 megapixels, about 3 MB."""
    return camera.as_jpeg(photographed(letter(12_000_000, seed), seed), 92)


def screenshot(seed: int = 1) -> bytes:
    drawn, _words = documents.draw("form", seed, 1170, 1655)
    return _saved(drawn, "PNG")


def heic(picture: Image.Image) -> bytes:
    """By the encoder's fastest way; the others take ten times as long and decode no slower."""
    stream = io.BytesIO()
    pillow_heif.from_pillow(picture).save(stream, quality=60, enc_params={"preset": "ultrafast"})
    return stream.getvalue()


def _saved(picture: Image.Image, form: str, **how: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **how)  # type: ignore[arg-type]
    return stream.getvalue()


# --- floors and others ----------------------------------------------------------------------------


def decoded(data: bytes) -> Image.Image:
    """All pixels, at full size."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def half(data: bytes) -> Image.Image:
    """A JPEG at half its width and height, which its decoder scales to on the way."""
    image = Image.open(io.BytesIO(data))
    image.draft(None, (image.width // 2, image.height // 2))
    image.load()
    return image


def encoded(image: Image.Image, quality: int) -> bytes:
    """As the intake encodes."""
    return _saved(image, "JPEG", quality=quality, optimize=True, subsampling="4:2:0")


def quality_of(jpeg: bytes) -> int:
    """The quality, 1 to 95, that a JPEG was encoded with by Pillow."""
    tables = getattr(decoded(jpeg), "quantization")  # noqa: B009  of JPEGs only
    dot = Image.new("RGB", (8, 8))
    return next(q for q in range(1, 96) if getattr(decoded(encoded(dot, q)), "quantization") == tables)  # noqa: B009


def naive(data: bytes, limit: int = LIMIT) -> tuple[bytes, int]:
    """A portal as one writes it first: worse and worse until it fits, then half the size. And its encodes."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    encodes = 0
    while True:
        for quality in range(95, 5, -5):
            encodes += 1
            if len(result := _saved(image, "JPEG", quality=quality)) <= limit:
                return result, encodes
        image = image.resize((image.width // 2, image.height // 2))


# --- time -----------------------------------------------------------------------------------------


def timed(steps: Steps, runs: int, between: Callable[[], object] = lambda: None) -> dict[str, list[float]]:
    """Seconds of each step in each run. One run of all after another, so that a machine that slows down slows all.

    A first run is thrown away. ``between``: done after each, not timed.
    """
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for run in range(runs + 1):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            seconds = time.perf_counter() - start
            between()
            if run:
                taken[name].append(seconds)
    return taken


def _over(ours: list[float], floor: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, floor, strict=True)]


def _milliseconds(name: str, seconds: list[float]) -> Figure:
    return of_runs(name, [1000 * one for one in seconds], "ms")


_FLOOR, _PROCESS, _ISOLATED, _HTTP = "floor", "intake in this process", "intake isolated", "through HTTP"


def compliant(runs: int, candidate: Browser) -> Part:
    """What needs no fitting, against decoding it and the lossless rewrite of the same bytes."""
    data = compliant_picture()
    body = multipart(data)
    steps: Steps = {
        _FLOOR: lambda: (decoded(data), optimize(data)),
        _PROCESS: partial(take.take_in, data, POLICY),
        _ISOLATED: partial(isolated.take_in, data, POLICY),
        _HTTP: partial(candidate.upload, CATEGORY, body),
    }
    taken = timed(steps, runs, partial(candidate.delete_all, CATEGORY))
    prepared = take.take_in(data, POLICY)
    figures = [_milliseconds(name, seconds) for name, seconds in taken.items()]
    figures += [of_runs(f"{name} ÷ floor", _over(taken[name], taken[_FLOOR]), "×") for name in (_PROCESS, _ISOLATED)]
    figures += [of_runs(f"{_HTTP} ÷ floor", _over(taken[_HTTP], taken[_FLOOR]), "×", most=2)]
    kept = "kept without loss" if not prepared.fitted else "FITTED"
    said = f"{len(data):,} bytes, {prepared.width} × {prepared.height}, {kept} in {len(prepared.data):,} bytes"
    return Part("compliant: an upright JPEG within the limit (floor: decode + lossless rewrite)", figures, [said])


def fitting(runs: int, candidate: Browser) -> Part:
    """What must be fitted, against one decode and the one encode that gives the final picture."""
    data = photo()
    body = multipart(data)
    prepared = take.take_in(data, POLICY)
    quality = quality_of(prepared.data)
    final = half(data).resize((prepared.width, prepared.height), Image.Resampling.HAMMING)
    full = "floor with a full decode"
    steps: Steps = {
        _FLOOR: lambda: (half(data), encoded(final, quality)),
        full: lambda: (decoded(data), encoded(final, quality)),
        _PROCESS: partial(take.take_in, data, POLICY),
        _ISOLATED: partial(isolated.take_in, data, POLICY),
        _HTTP: partial(candidate.upload, CATEGORY, body),
    }
    taken = timed(steps, runs, partial(candidate.delete_all, CATEGORY))
    start = time.perf_counter()
    by_naive, encodes = naive(data)
    naively = time.perf_counter() - start
    figures = [_milliseconds(name, seconds) for name, seconds in taken.items()]
    for name in (_PROCESS, _ISOLATED, _HTTP):
        figures += [of_runs(f"{name} ÷ {_FLOOR}", _over(taken[name], taken[_FLOOR]), "×", most=1.5)]
        figures += [of_runs(f"{name} ÷ {full}", _over(taken[name], taken[full]), "×", most=1.5)]
    figures.append(_milliseconds("naive portal in this process", [naively]))
    said = f"{len(data):,} bytes become {len(prepared.data):,}: {prepared.width} × {prepared.height} at {quality}"
    other = decoded(by_naive)
    beside = f"the naive portal makes {len(by_naive):,}: {other.width} × {other.height}, in {encodes} encodes"
    return Part(
        "fitting: a photo of 12 megapixels (floor: decode at half size + final encode)", figures, [said, beside]
    )


# --- memory ---------------------------------------------------------------------------------------


def memory(runs: int) -> Part:
    """The most memory of the process that looks at one picture, and its seconds."""
    figures, notes = [], []
    for name, data in _large_pictures():
        seconds, peaks = [], []
        try:
            for _ in range(min(runs, 3)):
                start = time.perf_counter()
                _prepared, ending = isolated.take_in_measured(data, POLICY)
                seconds.append(time.perf_counter() - start)
                peaks.append(ending.peak * 1024 / 1e6)
        except Refused as refused:
            notes.append(f"{name}, {len(data) / 1e6:.1f} MB: refused, {refused}")
            continue
        named = f"{name}, {len(data) / 1e6:.1f} MB"
        figures += [of_runs(f"{named}: memory", peaks, "MB", most=200), of_runs(f"{named}: time", seconds, "s", most=3)]
    return Part("memory and time of the process that looks at a picture", figures, notes)


def _large_pictures() -> Iterable[tuple[str, bytes]]:
    yield "JPEG, 2 megapixels", compliant_picture()
    yield "JPEG, 12 megapixels", photo()
    quarter = photographed(letter(12_400_000), 1)
    whole = Image.new("RGB", (quarter.width * 2, quarter.height * 2))
    for x in (0, quarter.width):
        for y in (0, quarter.height):
            whole.paste(quarter, (x, y))
    name = f"{whole.width * whole.height / 1e6:.0f} megapixels"
    yield f"JPEG, {name}", camera.as_jpeg(whole, 80)
    yield f"progressive JPEG, {name}", _saved(whole, "JPEG", quality=80, progressive=True, subsampling="4:2:0")
    # With grain in it, a PNG of that size is more than an upload may be.
    yield f"PNG, {name}", _saved(letter(49_600_000), "PNG", compress_level=1)
    yield f"HEIC, {name}", heic(whole)


# --- throughput -----------------------------------------------------------------------------------

#: In parts of twenty: most upload photos from phones, some of them already made smaller.
_MIX = {"JPEG of 2 megapixels": 8, "JPEG of 12 megapixels": 8, "PNG screenshot": 2, "HEIC of 12 megapixels": 2}


def throughput(portal: Portal, candidates: int = 8, clients: int = 4) -> Part:
    """Different pictures from several candidates at once, as fast as they are taken."""
    makers: dict[str, Callable[[int], bytes]] = {
        "JPEG of 2 megapixels": compliant_picture,
        "JPEG of 12 megapixels": photo,
        "PNG screenshot": screenshot,
        "HEIC of 12 megapixels": lambda seed: heic(photographed(letter(12_000_000, seed), seed)),
    }
    pictures = [(kind, multipart(makers[kind](seed))) for kind, count in _MIX.items() for seed in range(count)]
    people: SimpleQueue[tuple[int, Browser, list[str]] | None] = SimpleQueue()
    for number, candidate in enumerate(portal.candidates(candidates)):
        places = candidate.places()
        assert len(places) >= len(pictures), f"room for {len(places)} pictures only"
        people.put((number, candidate, places))
    for _ in range(clients):
        people.put(None)
    taken: list[tuple[str, float]] = []

    def work() -> None:
        while (person := people.get()) is not None:
            number, candidate, places = person
            for at in range(len(pictures)):
                # Each begins elsewhere, so that not all send the same kind at once.
                kind, body = pictures[(at * 7 + number * 3) % len(pictures)]
                start = time.perf_counter()
                candidate.upload(places[at], body)
                taken.append((kind, time.perf_counter() - start))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if len(taken) != candidates * len(pictures):
        raise RuntimeError(f"{len(taken)} of {candidates * len(pictures)} uploads were taken")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    figures = [Figure("pictures a second for each core", len(taken) / seconds / cores, "/s")]
    for kind in ("all", *_MIX):
        times = [1000 * one for name, one in taken if kind in ("all", name)]
        figures.append(Figure(f"{kind}: half are answered within", median(times), "ms"))
        figures.append(Figure(f"{kind}: 95 % are answered within", quantiles(times, n=20)[-1], "ms"))
    mix = ", ".join(f"{100 * count // sum(_MIX.values())} % {kind}" for kind, count in _MIX.items())
    said = f"{len(taken)} uploads of {candidates} candidates in {seconds:.1f} s by {clients} clients on {cores} cores"
    return Part("throughput: gunicorn as make run starts it, and PostgreSQL", figures, [said, mix])
