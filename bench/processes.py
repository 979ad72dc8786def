"""What processes of this machine have worked and held: read off /proc, as only Linux has it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def tree(process: int) -> list[int]:
    """A process and all that it started, as far as they live."""
    found = [process]
    for one in found:
        with suppress(OSError):  # it has ended meanwhile
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
    return found


def named(process: int, word: str) -> int:
    """The first process of a tree in whose command line a word is."""
    return next(one for one in tree(process) if word in Path(f"/proc/{one}/cmdline").read_text())


def cpu(processes: Iterable[int]) -> float:
    """Seconds that they have worked since they were started, those included of their children that have ended."""
    return sum(_seconds(one) for one in processes)


def _seconds(process: int) -> float:
    """To the nanosecond: a page takes about as long as the hundredth of a second in which ``stat`` counts."""
    folder = Path(f"/proc/{process}")
    try:
        own = sum(int(one.read_text().split()[0]) for one in folder.glob("task/*/schedstat")) / 1e9
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended, and is counted with its parent's
        return 0
    return own + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def memory(processes: Iterable[int], what: str) -> dict[int, float]:
    """Of each, what it holds (VmRSS) or held at most since this was last asked (VmHWM), in MB."""
    found = {}
    for process in processes:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        found[process] = next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{what}:"))
        Path(f"/proc/{process}/clear_refs").write_text("5")  # begins VmHWM anew
    return found


def above(idle: dict[int, float], peak: dict[int, float]) -> float:
    """By how much the one process grew that grew most."""
    return max(peak[process] - idle[process] for process in idle.keys() & peak.keys())
