"""A host's queue, event by event: who waits, who is turned away, who gives up and comes back. Pure; time in seconds.

A host has so many cores, and what it does is work for them (more workers than cores only fill the moments in which one
waits for the database). Requests wait in one line, first come, first served, as the kernel keeps them.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from math import exp, inf
from random import Random

#: Seconds between attempts after a lost connection, and how often one told to come back later does, as
#: static/upload/queue.js has it.
LOST = (2.0, 5.0, 15.0)
GROWTH, LONGEST, ATTEMPTS = 1.5, 120.0, 30


@dataclass(frozen=True)
class Host:
    """``turns_away_above``: requests waiting beyond which an upload is turned away, which takes ``refusal`` of a core.

    ``backlog``: connections the kernel holds; who comes then is told so by nginx. ``patience``: after which a browser
    that has heard nothing gives the connection up. ``retry_after``: what is said to who is turned away; without it a
    browser asks no more by itself.
    """

    cores: int
    turns_away_above: float = inf
    refusal: float = 0.0
    backlog: float = inf
    patience: float = inf
    retry_after: float | None = None


@dataclass(slots=True, eq=False)
class Job:
    """One picture, or one view of a page: ``work`` is seconds of a core. ``came``: with the attempt that waits now."""

    kind: str
    work: float
    born: float
    came: float = 0.0
    lost: int = 0
    later: int = 0
    has_gone: bool = False


@dataclass
class Tally:
    """Of one kind. ``waits``: in line, of each that was served; ``ends``: from the first attempt to the answer.

    ``gave_up``: were told an error with nothing more that comes by itself. ``pending``: at the end in line, at work
    or waiting to come back.
    """

    arrived: int = 0
    served: int = 0
    turned_away: int = 0
    lost: int = 0
    came_back: int = 0
    gave_up: int = 0
    pending: int = 0
    waits: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


@dataclass
class Result:
    """``busy``: the share of the cores' time that was work."""

    tallies: dict[str, Tally]
    busy: float = 0.0


#: Of what kind, and how much work, is the next one; and what its answer brings with it, seconds later.
New = Iterable[tuple[float, str, float]]
Follows = Callable[[Job], Iterable[tuple[float, str, float]]]
UPLOAD = "upload"


class _Line:
    def __init__(self, host: Host, follows: Follows, dice: Random) -> None:
        self.host, self.follows, self.dice = host, follows, dice
        self.events: list[tuple[float, int, str, Job]] = []
        self.line: deque[Job] = deque()
        self.patient: deque[tuple[float, Job]] = deque()  # when each came, in that order; those served meanwhile too
        self.tallies: dict[str, Tally] = {}
        self.idle, self.work, self.number = host.cores, 0.0, 0

    def push(self, when: float, what: str, job: Job) -> None:
        self.number += 1
        heapq.heappush(self.events, (when, self.number, what, job))

    def tally(self, job: Job) -> Tally:
        return self.tallies.setdefault(job.kind, Tally())

    def born(self, when: float, kind: str, work: float) -> None:
        self.push(when, "born", Job(kind, work, when))

    def come(self, job: Job, now: float) -> None:
        job.came, job.has_gone = now, False
        if len(self.line) >= self.host.backlog:
            self.told_to_wait(job, now)
        else:
            self.line.append(job)
            if self.host.patience < inf:
                self.patient.append((now, job))

    def told_to_wait(self, job: Job, now: float) -> None:
        """A 503 or 504."""
        seconds, tally = self.host.retry_after, self.tally(job)
        if job.kind != UPLOAD or seconds is None or job.later == ATTEMPTS:
            tally.gave_up += 1
            return
        pause = min(LONGEST, seconds * GROWTH**job.later) * self.dice.uniform(0.75, 1.25)
        job.later += 1
        self.push(now + pause, "back", job)

    def lose(self, until: float) -> None:
        """Whoever has waited too long by then gives up, and comes again in a new connection."""
        while self.patient and self.patient[0][0] + self.host.patience <= until:
            came, job = self.patient.popleft()
            if job.has_gone or job.came != came:
                continue
            job.has_gone = True
            self.tally(job).lost += 1
            if job.kind == UPLOAD and job.lost < len(LOST):
                again = Job(job.kind, job.work, job.born, lost=job.lost + 1, later=job.later)
                self.push(job.came + self.host.patience + LOST[job.lost], "back", again)
            else:
                self.tally(job).gave_up += 1

    def work_on(self, now: float) -> None:
        host = self.host
        while self.idle and self.line:
            job = self.line.popleft()
            seconds, what = job.work, "done"
            if job.has_gone:
                # Of an upload the rest never came; a page is made for nobody.
                seconds, what = (host.refusal if job.kind == UPLOAD else job.work), "nothing"
            elif job.kind == UPLOAD and len(self.line) > host.turns_away_above:
                seconds, what = host.refusal, "away"
            if not job.has_gone:
                job.has_gone = True  # has its answer, and waits no more
                if what == "done":
                    self.tally(job).waits.append(now - job.came)
            self.idle -= 1
            self.work += seconds
            self.push(now + seconds, what, job)

    def happens(self, what: str, job: Job, now: float) -> None:
        tally = self.tally(job)
        if what == "born":
            tally.arrived += 1
            self.come(job, now)
        elif what == "back":
            tally.came_back += 1
            self.come(job, now)
        else:
            self.idle += 1
            if what == "away":
                tally.turned_away += 1
                self.told_to_wait(job, now)
            elif what == "done":
                tally.served += 1
                tally.ends.append(now - job.born)
                for later, kind, work in self.follows(job):
                    self.born(now + later, kind, work)
        self.work_on(now)


def simulate(new: New, host: Host, until: float, seed: int, follows: Follows = lambda job: ()) -> Result:
    """What comes of ``new`` (when, kind, work; in order of time) by ``until``. The same seed gives the same."""
    line, coming = _Line(host, follows, Random(f"pauses {seed}")), iter(new)
    if first := next(coming, None):
        line.born(*first)
    newest = line.number
    while line.events:
        when = line.events[0][0]
        if when > until:
            break
        before = line.number
        line.lose(when)
        if line.number != before:
            continue  # who gave up may come back before that
        when, number, what, job = heapq.heappop(line.events)
        if number == newest and (following := next(coming, None)):
            line.born(*following)
            newest = line.number
        line.happens(what, job, when)
    return _ended(line, until)


def _ended(line: _Line, until: float) -> Result:
    at_work = 0.0
    for when, _number, what, job in line.events:
        if what in ("done", "away", "nothing"):
            at_work += max(0.0, when - until)
        if what in ("done", "away", "back"):
            line.tally(job).pending += 1
    for job in line.line:
        if not job.has_gone:
            line.tally(job).pending += 1
    return Result(line.tallies, (line.work - at_work) / (line.host.cores * until))


def arrivals(rate: Callable[[float], float], most: float, until: float, dice: Random) -> Iterator[float]:
    """Moments of a Poisson process whose rate a second changes with time and is never above ``most``."""
    now = dice.expovariate(most)
    while now < until:
        if dice.random() * most < rate(now):
            yield now
        now += dice.expovariate(most)


def erlang_c(servers: int, offered: float) -> float:
    """The probability that one has to wait, with exponential arrivals and work; ``offered``: rate × mean work."""
    blocked = 1.0  # Erlang B, by its recursion
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def wait_beyond(servers: int, offered: float, mean_work: float, seconds: float) -> float:
    """The share that waits longer than so many seconds, in the same case."""
    return erlang_c(servers, offered) * exp(-(servers - offered) * seconds / mean_work)


def quantile(values: list[float], share: float) -> float:
    """The smallest that at least this share does not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
