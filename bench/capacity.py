"""``python -m bench.capacity``: the last hour before the close, on so many cores, from what acts were measured to cost.

It reads the CPU of each measured upload and page (``--acts``: what ``make bench ARGS="--only acts --json FILE"`` kept;
else bench/acts.json, the run of docs/capacity.md) and lets them come in ever shorter intervals at hosts of gunicorn.
Hosts are alike and nginx deals requests out evenly, so one of them is looked at. PostgreSQL and the store are
elsewhere, and keep up. ``--seed``: the same gives the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from math import ceil
from pathlib import Path
from random import Random

from bench.queueing import UPLOAD, Host, Job, Result, arrivals, quantile, simulate
from exam_portal.backlog import FOR_EACH_WORKER, RETRY_AFTER

ACTS = Path(__file__).with_name("acts.json")
_CPU = "each act: CPU of gunicorn with its decoders (median)"
#: In a hundred uploads: what a candidate sends as it is, what the page made smaller, what iPhones send.
MIX = {
    "upload: JPEG within the limit": 50,
    "upload: photo of 12 megapixels, as the page sends it": 40,
    "upload: HEIC of 12 megapixels": 10,
}
#: What an answered upload brings with it, seconds later: the page it leads to, and the new picture on that page.
FOLLOWING = {"category page": 0.1, "thumbnail, by its candidate": 0.3}
#: And what comes by itself, for each upload: people look at all they have, with seven pictures on average, and sign in
#: three times for fifteen pictures.
BESIDE = {"materials page": 0.7, "thumbnail, by its candidate": 5.0, "sign-in: page and form": 0.2}
HOUR = 3600.0
UPLOADS_A_SECOND = (100, 500, 1000)
CORES_OF_A_HOST = 8
#: How many cores there are, of those that are just busy at the peak.
SHARES = (0.7, 0.9, 1.0, 1.1, 1.3)

#: gunicorn's own, and static/upload/send.js's.
BACKLOG, PATIENCE = 2048, 60


# As the portal is (exam_portal/backlog.py, deploy/nginx.conf, static/upload/), with two workers for each core; and as
#: gunicorn and browsers are by themselves.
def as_it_is(cores: int, refusal: float) -> Host:
    most = FOR_EACH_WORKER * 2 * cores
    return Host(cores, most, refusal, BACKLOG, PATIENCE, RETRY_AFTER)


def by_themselves(cores: int, refusal: float) -> Host:
    return Host(cores, refusal=refusal, backlog=BACKLOG, patience=PATIENCE)


Work = dict[str, list[float]]


def last_hour(peak: float) -> Callable[[float], float]:
    """Uploads a second: from three tenths of the peak evenly up to it within 50 minutes, and so for the last 10."""
    return lambda now: peak * min(1.0, 0.3 + 0.7 * now / (50 * 60))


def measured(file: Path) -> Work:
    """Seconds of CPU of every measured run of each act."""
    [part] = [part for part in json.loads(file.read_text())["parts"] if part["title"] == _CPU]
    return {one["name"]: [run / 1000 for run in one["runs"]] for one in part["figures"]}


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def for_each_upload(work: Work) -> float:
    """Seconds of a core that an upload costs with all that comes with it."""
    pictures = sum(share * mean(work[name]) for name, share in MIX.items()) / sum(MIX.values())
    pages = sum(mean(work[name]) for name in FOLLOWING) + sum(
        often * mean(work[name]) for name, often in BESIDE.items()
    )
    return pictures + pages


def hour(work: Work, peak: float, host: Host, seed: int, until: float = HOUR) -> Result:
    """One host's share of the last hour; ``peak``: uploads a second that come to it."""
    dice, rate = Random(f"hour {seed}"), last_hour(peak)
    kinds, weights = list(MIX), list(MIX.values())

    def picture() -> float:
        [kind] = dice.choices(kinds, weights)
        return dice.choice(work[kind])

    often = {UPLOAD: 1.0, **BESIDE}
    names, shares = list(often), list(often.values())
    total = sum(shares)

    def new() -> Iterator[tuple[float, str, float]]:
        for moment in arrivals(lambda now: total * rate(now), total * peak, until, dice):
            [name] = dice.choices(names, shares)
            yield moment, name, picture() if name == UPLOAD else dice.choice(work[name])

    def follows(job: Job) -> Iterable[tuple[float, str, float]]:
        return (
            [(later, name, dice.choice(work[name])) for name, later in FOLLOWING.items()] if job.kind == UPLOAD else ()
        )

    return simulate(new(), host, until, seed, follows)


_TITLES = ("cores", "hosts", "busy", "page waits 50 95 99 %", "upload waits 50 95 99 %", "stored within 50 95 99 %")
_COUNTS = ("turned away", "came back", "lost", "gave up", "pages lost", "left at the close")


def line(result: Result, hosts: float, cores: int = CORES_OF_A_HOST) -> list[str]:
    """A row of the table: waits in seconds, the rest in hundredths of the uploads (of the pages)."""
    uploads, pages = result.tallies[UPLOAD], [one for kind, one in result.tallies.items() if kind != UPLOAD]
    waits = [wait for one in pages for wait in one.waits]
    seen = max(1, sum(one.arrived for one in pages))
    counts = [uploads.turned_away, uploads.came_back, uploads.lost, uploads.gave_up]
    shares = [one / uploads.arrived for one in counts]
    shares += [sum(one.gave_up for one in pages) / seen, uploads.pending / uploads.arrived]
    return [
        f"{hosts * cores:.0f}",
        f"{hosts:.1f}",
        f"{100 * result.busy:.0f} %",
        *(" ".join(f"{quantile(some, share):.1f}" for share in (0.5, 0.95, 0.99)) for some in (waits, uploads.waits)),
        " ".join(f"{quantile(uploads.ends, share):.0f}" for share in (0.5, 0.95, 0.99)),
        *(f"{100 * share:.1f} %" for share in shares),
    ]


def table(rows: list[list[str]]) -> str:
    titled = [[*_TITLES, *_COUNTS], ["---"] * len(rows[0]), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in titled)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=Path, default=ACTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", type=int, nargs="+", default=UPLOADS_A_SECOND, help="uploads a second at the peak")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES, help="cores, of those just busy at the peak")
    parser.add_argument("--host-cores", type=int, default=CORES_OF_A_HOST)
    options = parser.parse_args()
    work = measured(options.acts)
    each = for_each_upload(work)
    print(f"An upload with what comes with it: {1000 * each:.0f} ms of a core of gunicorn's hosts.")
    refusal = mean(work["upload turned away"])
    for name, made in (("As the portal is", as_it_is), ("As gunicorn and browsers are", by_themselves)):
        host = made(options.host_cores, refusal)
        for rate in options.rates:
            needed = rate * each
            print(f"\n{name}: {rate} uploads a second at the peak; {needed:.0f} cores are then just busy.\n")
            rows = []
            for share in options.shares:
                hosts = ceil(share * needed) / host.cores
                rows.append(line(hour(work, rate / hosts, host, options.seed), hosts, host.cores))
            print(table(rows), flush=True)


if __name__ == "__main__":
    main()
