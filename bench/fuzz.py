"""Damaged pictures by the thousand through the intake, as web workers call it: ``python -m bench.fuzz``.

``--cases 20000 --seed 1 --workers 2``: the cases (``mutate.py``) of a seed are the same every time; ``--case N``
runs one of them again. Prints what became of them, keeps every case that met something unexpected, and ends with
status 1 if one did. Expected is: taken, and what is stored keeps every promise; refused with a reason; refused
because the process that looked at it was ended. Not expected is everything else.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import shutil
import struct
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from bench.mutate import Case, Chance, case, whole_files
from bench.report import data_folder
from materials.intake import Policy, Prepared, Refused, Unavailable, isolated, wire

TakeIn = Callable[[bytes, Policy, int], Prepared]


class Outcome(NamedTuple):
    """What became of a case: in words; the most CPU seconds and KiB it took; what was unexpected, or nothing."""

    number: int
    what: str
    cpu: float
    peak: int
    unexpected: str


def task(seed: int, number: int) -> tuple[Case, Policy, int]:
    """A case, and how it is handed in: with another limit or another turn now and then."""
    chance = Chance(f"{seed} {number} policy")
    limit = chance.choice((204_800, 204_800, 204_800, 20_000, 4_000))
    return case(seed, number), Policy(frozenset({"jpeg", "png", "heic"}), limit, True), chance.choice((1, 1, 1, 6, 8))


def judge(number: int, data: bytes, policy: Policy, turn: int, take_in: TakeIn = isolated.take_in) -> Outcome:
    """Put one picture through ``take_in``."""
    with _endings() as endings:
        unexpected = ""
        try:
            prepared = take_in(data, policy, turn)
            what, unexpected = "taken", "; ".join(broken_promises(prepared, policy))
        except Refused as refused:
            what = f"refused: {refused.code}{_how_it_ended(endings)}"
            unexpected = refused.details.get("unforeseen", "")
        except Unavailable:
            what, unexpected = "not looked at", traceback.format_exc()
        except Exception as error:
            what, unexpected = type(error).__name__, traceback.format_exc()
    if len(endings) > 1:
        what += ", after the rewriter had ended its process"
    cpu, peak = (max((getattr(ending, of) for ending in endings), default=0) for of in ("cpu", "peak"))
    if cpu > wire.CPU_SECONDS + 1 or peak * 1024 > wire.MEMORY:
        unexpected += f"took {cpu:.1f} s of CPU and {peak} KiB"
    return Outcome(number, what, cpu, peak, unexpected)


@contextmanager
def _endings() -> Iterator[list[wire.Ending]]:
    """How each process ended that looked at a picture meanwhile: a refusal does not carry it."""
    found: list[wire.Ending] = []

    def ask(*arguments: Any, **named: Any) -> tuple[bytes, wire.Ending]:
        answer, ending = plainly(*arguments, **named)
        found.append(ending)
        return answer, ending

    plainly, isolated._ask = isolated._ask, ask
    try:
        yield found
    finally:
        isolated._ask = plainly


def _how_it_ended(endings: list[wire.Ending]) -> str:
    if not endings or endings[-1].status == 0:
        return ""
    status = endings[-1].status
    if os.WIFSIGNALED(status):
        return f", its process ended by signal {os.WTERMSIG(status)}"
    return f", its process ended with status {os.WEXITSTATUS(status)}"


# --- what is stored -------------------------------------------------------------------------------


def broken_promises(prepared: Prepared, policy: Policy) -> Iterator[str]:
    """What ``Prepared`` promises and this one does not keep."""
    if len(prepared.data) > policy.max_bytes:
        yield f"{len(prepared.data)} bytes stored, {policy.max_bytes} allowed"
    for name, data in (("picture", prepared.data), ("thumbnail", prepared.thumbnail)):
        try:
            image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG"])
            image.load()
        except Exception as error:
            yield f"the {name} does not decode: {error!r}"
            continue
        if name == "picture" and (image.size, image.format) != (
            (prepared.width, prepared.height),
            prepared.format.upper(),
        ):
            yield f"said {prepared.format} {prepared.width} × {prepared.height}, is {image.format} {image.size}"
        if image.format == "JPEG" and image.mode not in ("L", "RGB"):
            yield f"the {name} is {image.mode}"
        if name == "thumbnail" and max(image.size) > 320:
            yield f"the thumbnail is {image.size}"
        strange = sorted(set(_strange_parts(data)))
        if strange:
            yield f"beside its pixels the {name} holds {', '.join(strange)}"


def _strange_parts(data: bytes) -> Iterator[str]:
    """Segments or chunks that no decoder needs, and bytes behind the end."""
    at = 8 if data[:1] == b"\x89" else 2
    if at == 8:
        while at < len(data):
            length, kind = struct.unpack_from(">L4s", data, at)
            if kind not in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
                yield repr(kind)
            at += 12 + length
            if kind == b"IEND" and at < len(data):
                yield "bytes behind the end"
                return
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            if at + 2 < len(data):
                yield "bytes behind the end"
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        tells_colours = data[at + 4 : at + 9] in (b"JFIF\x00", b"Adobe") and end - at < 20
        if not (marker in (0xE0, 0xEE) and tells_colours) and marker not in (0xDB, 0xC0, 0xC1, 0xC2, 0xC4, 0xDD, 0xDA):
            yield f"marker {marker:02X}"
        at = end
        if marker == 0xDA:
            while at + 2 <= len(data) and (data[at] != 0xFF or data[at + 1] in (0x00, *range(0xD0, 0xD8))):
                at += 1
    if at >= 2 and data[:1] == b"\xff":
        yield "no end"


# --- many -----------------------------------------------------------------------------------------


def run(seed: int, numbers: list[int], workers: int) -> Iterator[Outcome]:
    """Each case's outcome. A worker that dies of a case is itself one, and another takes its place."""
    left = {worker: numbers[worker::workers] for worker in range(workers)}
    running = {_start(seed, some): some for some in left.values() if some}
    while running:
        for pipe in wait(list(running)):
            assert isinstance(pipe, Connection)
            some = running[pipe]
            try:
                outcome = pipe.recv()
            except EOFError:
                del running[pipe]
                if not some:
                    continue
                outcome = Outcome(some[0], "the calling process died", 0, 0, "the calling process died")
                if some[1:]:
                    running[_start(seed, some[1:])] = some[1:]
            else:
                some.pop(0)
            yield outcome


def _start(seed: int, numbers: list[int]) -> Connection:
    ours, theirs = Pipe(duplex=False)
    Process(target=_work, args=(seed, list(numbers), theirs), daemon=True).start()
    theirs.close()
    return ours


def _work(seed: int, numbers: list[int], pipe: Connection) -> None:
    logging.disable(logging.CRITICAL)
    for number in numbers:
        one, policy, turn = task(seed, number)
        pipe.send(judge(number, one.data, policy, turn))
    isolated.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--case", type=int, help="only this one, again")
    options = parser.parse_args()
    folder = data_folder() / "bench" / f"fuzz-{options.seed}"
    numbers = list(range(options.cases)) if options.case is None else [options.case]
    if options.case is None:
        shutil.rmtree(folder, ignore_errors=True)  # what an earlier run found may be mended
    whole_files()  # once, before the workers are forked
    began = time.monotonic()
    counts: Counter[str] = Counter()
    kept: list[Outcome] = []
    cpu, peak = 0.0, 0
    for outcome in run(options.seed, numbers, options.workers):
        counts[outcome.what] += 1
        cpu, peak = max(cpu, outcome.cpu), max(peak, outcome.peak)
        if outcome.unexpected:
            kept.append(outcome)
            _keep(folder, options.seed, outcome)
        if sum(counts.values()) % 2000 == 0:
            print(f"{sum(counts.values())} of {len(numbers)}, {len(kept)} unexpected", flush=True)
    for what, count in counts.most_common():
        print(f"{count:8}  {what}")
    seconds = time.monotonic() - began
    print(f"{len(numbers)} cases of seed {options.seed} in {seconds:.0f} s; the most one took: ", end="")
    print(f"{cpu:.1f} s of CPU, {peak / 1024:.0f} MiB")
    for outcome in kept:
        print(f"UNEXPECTED in case {outcome.number}: {outcome.unexpected.strip().splitlines()[-1]}")
    if kept:
        raise SystemExit(f"{len(kept)} met something unexpected; they are in {folder}")


def _keep(folder: Path, seed: int, outcome: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    one, policy, turn = task(seed, outcome.number)
    (folder / f"{outcome.number}.bin").write_bytes(one.data)
    how = f"{one.origin}: {', '.join(one.done)}\nat most {policy.max_bytes} bytes, turn {turn}\n{outcome.what}\n"
    (folder / f"{outcome.number}.txt").write_text(how + outcome.unexpected)


if __name__ == "__main__":
    main()
