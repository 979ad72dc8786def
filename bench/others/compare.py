"""The turns and the tables: each act by each stand once, then all again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench import intake, processes
from bench.others import ours, plain, pretalx
from bench.others.stand import EXPORT, LIST, NEXT, OPEN, OWN, SEARCH, UPLOAD, Stand
from bench.report import Figure, Part, of_runs
from bench.served import Portal

SIZES = (5_000, 20_000)
ACTS = (LIST, SEARCH, NEXT, OPEN, OWN, UPLOAD)
#: Every worker has served every page before anything counts: there are four of them, and chance chooses.
_WARM = 6
_EXPORTS = 5
_TIMES_FASTER, _TIMES_MORE_ROWS, _OF_EMPTY, _MOST_GROWTH = 20, 1000, 0.5, 1.5


@dataclass
class Taken:
    """Of one act by one stand, run by run: seconds, those of the web workers' CPU, and with PostgreSQL's."""

    seconds: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    all: list[float] = field(default_factory=list)


Found = dict[tuple[str, str], Taken]


def others(portal: Portal, rows: int, runs: int) -> Iterator[Part]:
    """The parts of each size, and at last what became of the times from the smallest to the largest."""
    sizes = sorted({min(size, rows) for size in SIZES})
    picture = intake.compliant_picture()
    by_size: dict[int, Found] = {}
    with ExitStack() as stack:
        plainly = stack.enter_context(plain.plain(portal).served())
        notes: list[str] = []
        third = _third(lambda: stack.enter_context(pretalx.pretalx(portal).served()), notes)
        for size in sizes:
            stands, counts = ours.stands(portal, size, picture)
            stands.append(plainly.stand(counts, picture))
            if third and (stand := _third(partial(third.stand, size), notes)):
                stands.append(stand)
            else:
                third = None
            before = os.getloadavg()[0]
            found = by_size[size] = _turns(portal, stands, runs)
            load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
            yield _times(size, found, [load, *notes])
            yield _work(size, found)
            yield _exports(size, stands, min(runs, _EXPORTS))
    if len(sizes) > 1:
        yield _growth(sizes[0], sizes[-1], by_size)


def _third(step: Callable[[], Any], notes: list[str]) -> Any:
    """What ``step`` gives of pretalx; nothing, and a line in ``notes``, where that fails: the rest goes on without."""
    try:
        return step()
    except Exception as error:
        notes.append(f"pretalx is left out: {(str(error).splitlines() or [type(error).__name__])[-1]}")
        return None


def _turns(portal: Portal, stands: list[Stand], runs: int) -> Found:
    database = portal.database_process()
    found: Found = {}
    for act in ACTS:
        for run in range(runs + _WARM):
            for stand in (one for one in stands if act in one.acts):
                web, backends = processes.cpu(stand.web()), processes.cpu(processes.tree(database))
                start = time.perf_counter()
                stand.acts[act]()
                seconds = time.perf_counter() - start
                web = processes.cpu(stand.web()) - web
                backends = processes.cpu(processes.tree(database)) - backends
                stand.after.get(act, lambda: None)()
                if run >= _WARM:
                    taken = found.setdefault((act, stand.name), Taken())
                    taken.seconds.append(seconds)
                    taken.web.append(web)
                    taken.all.append(web + backends)
    return found


def _names(found: Found, act: str) -> list[str]:
    return [name for one, name in found if one == act]


def _table(found: Found, runs_of: Callable[[Taken], list[float]], least: float | None) -> list[Figure]:
    """Milliseconds of each; then how many times ours another takes, in the same run."""
    figures = []
    for act in ACTS:
        mine = runs_of(found[act, ours.NAME])
        for name in _names(found, act):
            runs = runs_of(found[act, name])
            figures.append(of_runs(f"{act}: {name}", [1000 * one for one in runs], "ms"))
            if name in (plain.NAME, pretalx.NAME):
                ratios = [other / one for other, one in zip(runs, mine, strict=True)]
                # Of pages alone there is a goal, and against pretalx.
                goal = least if name == pretalx.NAME else None
                figures.append(of_runs(f"{act}: {name} ÷ {ours.NAME}", ratios, "×", least=goal))
            elif name == ours.EMPTY:
                ratios = [one / other for other, one in zip(runs, mine, strict=True)]
                figures.append(of_runs(f"{act}: {ours.NAME} ÷ {name}", ratios, "×"))
    return figures


def _times(size: int, found: Found, notes: list[str]) -> Part:
    figures = _table(found, lambda taken: taken.seconds, _TIMES_FASTER)
    return Part(f"others, {size:,} submissions: until the whole answer is there", figures, notes)


def _work(size: int, found: Found) -> Part:
    """What hardly depends on what else the machine does."""
    figures = _table(found, lambda taken: taken.web, None)
    for name in _names(found, OWN):
        taken = found[OWN, name]
        pages = [1 / one for one in taken.all]
        figures.append(of_runs(f"{OWN}: {name}, a second for each core, PostgreSQL's work too", pages, "/s"))
    mine = found[OWN, ours.NAME]
    for name in (ours.EMPTY, ours.FRAME):
        other = found[OWN, name]
        for of, goal, pairs in (
            ("by the clock", None, zip(other.seconds, mine.seconds, strict=True)),
            ("by the web workers' CPU", None, zip(other.web, mine.web, strict=True)),
            ("by all CPU", _OF_EMPTY, zip(other.all, mine.all, strict=True)),
        ):
            said = f"{OWN}: pages of ours for each of {name}, {of}"
            figures.append(of_runs(said, [a / b for a, b in pairs], "×", least=goal))
    return Part(f"others, {size:,} submissions: CPU of the web workers", figures)


def _exports(size: int, stands: list[Stand], runs: int) -> Part:
    speeds: dict[str, list[float]] = {}
    peaks: dict[str, list[float]] = {}
    exporting = [(stand, stand.export) for stand in stands if stand.export]
    for stand, export in exporting:
        # Who exports once only is not warmed up: of a minute and more of work that is no part.
        if stand.exports > 1:
            export()
    for run in range(runs):
        for stand, export in exporting:
            if run < stand.exports:
                idle = processes.memory(stand.web(), "VmRSS")
                streamed = export()
                if streamed.lines < size:
                    raise RuntimeError(f"{stand.name}: {streamed.lines} lines for {size} submissions")
                speeds.setdefault(stand.name, []).append(size / streamed.all)
                peak = processes.above(idle, processes.memory(stand.web(), "VmHWM"))
                peaks.setdefault(stand.name, []).append(peak)
    figures = []
    for name, runs_of in speeds.items():
        figures.append(of_runs(f"{name}: rows a second", runs_of, "/s"))
        figures.append(of_runs(f"{name}: memory of the web worker above idle", peaks[name], "MB"))
    for name in (plain.NAME, pretalx.NAME):
        if name in speeds:
            goal = _TIMES_MORE_ROWS if name == pretalx.NAME else None
            ratio = of_runs("", speeds[ours.NAME], "").value / of_runs("", speeds[name], "").value
            figures.append(Figure(f"{ours.NAME} ÷ {name}, rows a second", ratio, "×", least=goal))
    return Part(f"others, {size:,} submissions: {EXPORT} as CSV", figures)


def _growth(small: int, large: int, by_size: dict[int, Found]) -> Part:
    figures = []
    for (act, name), taken in by_size[large].items():
        was = by_size[small][act, name]
        by_clock = of_runs("", taken.seconds, "").value / of_runs("", was.seconds, "").value
        by_cpu = of_runs("", taken.all, "").value / of_runs("", was.all, "").value
        goal = _MOST_GROWTH if name == ours.NAME else None
        figures.append(Figure(f"{act}: {name} (by the clock {by_clock:.2f})", by_cpu, "×", most=goal))
    return Part(f"others: work of {large:,} ÷ work of {small:,}, PostgreSQL's too", figures)
