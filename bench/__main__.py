"""``make bench``: what the portal does on this machine, in figures. Ends by itself in a quarter of an hour.

``--runs N``: of what is timed; ``--rows N``: of an export, of the large session of ``--only scale``, and at most of
those of ``--only others``;
``--json FILE``: where to keep the figures (else in the data folder, by date);
``--compare FILE``: print what changed since that run.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bench import acts, export, intake, ocr, overload, report, roster, scale, served
from bench.others.compare import others


def intake_parts(runs: int, _rows: int) -> Iterator[report.Part]:
    with served.portal() as portal:
        [candidate] = portal.candidates(1)
        yield intake.compliant(runs, candidate)
        yield intake.fitting(runs, candidate)
        yield intake.throughput(portal)
    yield intake.memory(runs)
    yield ocr.words_read()


def export_parts(runs: int, rows: int) -> Iterator[report.Part]:
    with served.portal() as portal:
        yield export.export(portal, rows, min(runs, 5))


def roster_parts(_runs: int, _rows: int) -> Iterator[report.Part]:
    with served.portal() as portal:
        yield roster.loading(portal)


def scale_parts(runs: int, rows: int) -> Iterator[report.Part]:
    with served.portal() as portal:
        yield from scale.scale(portal, rows, runs)


def act_parts(runs: int, _rows: int) -> Iterator[report.Part]:
    with served.portal() as portal:
        yield from acts.acts(portal, runs)


def overload_parts(_runs: int, _rows: int) -> Iterator[report.Part]:
    for clients in (40, 200):
        with served.portal() as portal:
            yield overload.overload(portal, clients)


def others_parts(runs: int, rows: int) -> Iterator[report.Part]:
    with served.portal("bench.empty.settings") as portal:
        yield from others(portal, rows, runs)


PARTS = {"intake": intake_parts, "export": export_parts, "roster": roster_parts}
#: Not unless asked for: they take long, or are for docs/capacity.md.
ALONE = {"scale": scale_parts, "others": others_parts, "acts": act_parts, "overload": overload_parts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS | ALONE, help=f"one part; {', '.join(ALONE)} only so")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--compare", type=Path)
    options = parser.parse_args()
    now = datetime.now().astimezone()
    file = options.json or report.data_folder() / "bench" / f"{now:%Y-%m-%d-%H%M}.json"
    before = json.loads(options.compare.read_text()) if options.compare else None
    about = report.machine()
    parts = []
    for name, measure in (PARTS | ALONE).items():
        if options.only == name or (options.only is None and name in PARTS):
            for part in measure(options.runs, options.rows):
                print(f"{part.title.partition(':')[0]}: done", flush=True)
                parts.append(part)
    print(report.as_text(parts, about))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(report.as_json(parts, about, now))
    print(f"\nKept in {file}")
    if before:
        print(report.changes(parts, before))


if __name__ == "__main__":
    main()
