"""The model behind docs/capacity.md: nothing gets lost in it, it agrees with Erlang, it is the same twice."""

from collections.abc import Iterator
from math import inf
from random import Random

import pytest

from bench import capacity
from bench.queueing import UPLOAD, Host, Result, arrivals, erlang_c, simulate, wait_beyond

HARSH = Host(cores=2, turns_away_above=6, refusal=0.01, backlog=12, patience=3, retry_after=4)
PAGES = [*capacity.FOLLOWING, *capacity.BESIDE]
ACTS = {**{name: [0.2, 0.4] for name in capacity.MIX}, **{name: [0.02] for name in PAGES}}


def at_random(rate: float, mean_work: float, until: float, seed: int, kind: str = UPLOAD) -> Iterator[tuple]:
    dice = Random(seed)
    for moment in arrivals(lambda now: rate, rate, until, dice):
        yield moment, kind, dice.expovariate(1 / mean_work)


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        (HARSH, UPLOAD),
        (HARSH, "page"),
        (Host(cores=2, patience=3, backlog=12), UPLOAD),
        (Host(cores=2), UPLOAD),
        (Host(cores=2, turns_away_above=0, retry_after=4), UPLOAD),
    ],
    ids=["harsh", "pages", "no coming back", "endless patience", "nobody waits"],
)
def test_who_arrived_was_served_or_gave_up_or_is_still_there(host, kind):
    [(_kind, tally)] = simulate(at_random(6, 0.5, 120, 1, kind), host, 100, seed=1).tallies.items()
    assert tally.arrived == tally.served + tally.gave_up + tally.pending
    assert tally.served == len(tally.ends) <= len(tally.waits)
    assert 500 < tally.arrived < 700
    assert tally.served > 100


def test_harsh_enough_to_see_every_way():
    tally = simulate(at_random(6, 0.5, 100, 1), HARSH, 100, seed=1).tallies[UPLOAD]
    assert min(tally.turned_away, tally.came_back, tally.served, tally.pending) > 10
    quiet = simulate(at_random(6, 0.5, 100, 1), Host(cores=2, patience=3, backlog=12), 100, seed=1).tallies[UPLOAD]
    assert min(quiet.lost, quiet.gave_up) > 10
    assert quiet.turned_away == 0


@pytest.mark.parametrize(("cores", "load"), [(1, 0.7), (4, 0.8)])
def test_with_exponential_work_it_agrees_with_erlang(cores, load):
    result = simulate(at_random(cores * load, 1.0, inf, 7), Host(cores), 30_000, seed=1)
    waits = result.tallies[UPLOAD].waits
    assert result.busy == pytest.approx(load, rel=0.02)
    assert sum(wait > 1e-9 for wait in waits) / len(waits) == pytest.approx(erlang_c(cores, cores * load), rel=0.05)
    mean_wait = erlang_c(cores, cores * load) / (cores - cores * load)
    assert sum(waits) / len(waits) == pytest.approx(mean_wait, rel=0.08)
    later = sum(wait > mean_wait for wait in waits) / len(waits)
    assert later == pytest.approx(wait_beyond(cores, cores * load, 1.0, mean_wait), rel=0.08)


def test_erlangs_formula():
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_the_same_seed_gives_the_same_hour():
    def told(seed: int) -> list[str]:
        return capacity.line(hour(seed), 3)

    def hour(seed: int) -> Result:
        return capacity.hour(ACTS, 30, capacity.as_it_is(8, 0.004), seed, until=120)

    assert told(1) == told(1)
    assert told(1) != told(2)


def test_an_upload_brings_its_page_and_its_thumbnail():
    result = capacity.hour(ACTS, 5, Host(cores=64), 1, until=60)
    served = result.tallies[UPLOAD].served
    assert served > 30
    assert result.tallies["category page"].arrived == pytest.approx(served, abs=3)
    # Thumbnails come by themselves too.
    arrived = result.tallies[UPLOAD].arrived
    assert 4 * arrived < result.tallies["thumbnail, by its candidate"].arrived < 8 * arrived


def test_the_measured_samples_are_there_for_all_that_is_simulated():
    work = capacity.measured(capacity.ACTS)
    assert {*capacity.MIX, *PAGES, "upload turned away"} <= work.keys()
    assert all(len(runs) >= 10 and min(runs) > 0 for name, runs in work.items() if name in capacity.MIX)
