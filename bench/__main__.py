"""``make bench``: what the portal does on this machine, in figures. Ends by itself in about half an hour.

In one run, beside floors, a plain Django project and pretalx: pictures coming in, an export, rosters, messages going
out, pages and the queue, and the same pages of ten times as many candidates.

``--runs N``: of what is timed; ``--rows N``: of an export, of the large session of ``scale`` (in a whole run 100,000
at most; a million alone takes half an hour), and at most of those of ``others`` and of ``messages``;
``--json FILE``: where to keep the figures (else in the data folder, by date);
``--compare FILE``: print what changed since that run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from bench import acts, export, intake, messages, ocr, overload, report, roster, scale, served
from bench.gateway import gateway
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


def message_parts(runs: int, rows: int) -> Iterator[report.Part]:
    with gateway() as url, served.portal(SMS_BACKEND="http", SMS_URL=url, SMS_TOKEN="of-the-bench") as portal:
        yield messages.sending(portal, url, rows, min(runs, 3))


def others_parts(runs: int, rows: int) -> Iterator[report.Part]:
    with served.portal("bench.empty.settings") as portal:
        yield from others(portal, rows, runs)


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


Measure = Callable[[int, int], Iterator[report.Part]]
PARTS: dict[str, Measure] = {
    "intake": intake_parts,
    "export": export_parts,
    "roster": roster_parts,
    "messages": message_parts,
    "others": others_parts,
    # Smaller than it is alone, so that the whole ends in half an hour.
    "scale": lambda runs, rows: scale_parts(min(runs, 5), min(rows, 100_000)),
}
#: Not unless asked for: they take long, or are for docs/capacity.md.
ALONE: dict[str, Measure] = {"scale": scale_parts, "acts": act_parts, "overload": overload_parts}
_FAILED = ": FAILED"


def measured(name: str, parts: Iterator[report.Part]) -> Iterator[report.Part]:
    """The parts as they come. What fails says so in the table, and the others go on."""
    try:
        yield from parts
    except (Exception, SystemExit) as error:
        yield report.Part(f"{name}{_FAILED}", [], [str(error) or type(error).__name__])


def failed(part: report.Part) -> bool:
    return part.title.endswith(_FAILED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS | ALONE, help="one part; acts, overload and a large scale only so")
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
    chosen = {options.only: (PARTS | ALONE)[options.only]} if options.only else PARTS
    for name, measure in chosen.items():
        for part in measured(name, measure(options.runs, options.rows)):
            print(f"{part.title.partition(':')[0]}: {'FAILED' if failed(part) else 'done'}", flush=True)
            parts.append(part)
    print(report.as_text(parts, about))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(report.as_json(parts, about, now))
    print(f"\nKept in {file}")
    if before:
        print(report.changes(parts, before))
    sys.exit(any(map(failed, parts)))


if __name__ == "__main__":
    main()
