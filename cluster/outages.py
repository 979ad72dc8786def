"""Each part is killed in turn while people are at it; then everything that was said yes to is looked up."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from threading import Event

from cluster.nation import VOLUMES, WEBS, Nation
from drill.browser import Answer, Browser
from drill.check import Findings, check_files
from drill.ledger import Ledger
from drill.parts import Drill, Row
from drill.people import Load
from drill.scene import SESSION, Scene
from materials.models import Photo

#: How many seconds a part is away: long enough for everybody to meet it; of a store, for requests to it to run out.
AWAY, STORE_AWAY = (1.0, 3.0), (5.0, 9.0)
ACTS = 10  # acknowledged from one kill to the next


class Staff:
    """Regional staff who look at what the replica answers, again and again, and believe it."""

    def __init__(self, ledger: Ledger, browser: Browser, dice: Random, over: Event) -> None:
        self.ledger, self._browser, self._dice, self._over = ledger, browser, dice, over

    def act(self) -> None:
        pages = ("progress/", "reviews/", "messages/")
        addresses = [*(f"/admin/sessions/{SESSION}/{page}" for page in pages), "/admin/candidates/event/", ""]
        address = self._dice.choice(addresses)
        if address:
            self._see(address)
        else:
            self._export()
        self._over.wait(self._dice.random())

    def _see(self, address: str) -> Answer:
        answer = self._browser.get(address)
        if answer.status != 200:
            self.ledger.wrong.append(f"{address}: {answer.status}")
        return answer

    def _export(self) -> None:
        """Whoever had handed in before it was asked for is in it so: no replica is older than the question."""
        before = {place.number for place in self.ledger.places.values() if place.submissions}
        answer = self._see(f"/admin/export/results.csv?session={SESSION}&headers=code")
        rows = {row["registration_number"].strip(): row for row in csv.DictReader(io.StringIO(answer.text[1:]))}
        for number in before:
            if number not in rows or rows[number]["status"] == "draft":
                self.ledger.wrong.append(f"{number} had handed in, and an export did not know")
        self.ledger.tally.add("exports")


class Outages(Drill):
    portal: Nation

    def __init__(self, nation: Nation, scene: Scene, load: Load, seed: int) -> None:
        super().__init__(nation, scene, load, seed)
        self.nation = nation

    def all(self, rounds: int) -> Iterator[Callable[[], Row]]:
        for what, parts in (
            ("a web process, each of three", WEBS),
            ("PgBouncer", ["pgbouncer"]),
            ("the replica", ["replica"]),
            ("a volume server, each of two", VOLUMES),
            ("nginx", ["nginx"]),
        ):
            yield lambda what=what, parts=parts: self._killed(what, parts, rounds)
        yield lambda: self._primary(rounds)
        yield self._one_volume_server

    def _killed(self, what: str, parts: Sequence[str], rounds: int) -> Row:
        reads = self.nation.metrics()

        def act() -> int:
            with self.load.on():
                for _ in range(rounds):
                    for part in parts:
                        self._wait_for_acts(ACTS)
                        self.nation.kill(part)
                        time.sleep(self.dice.uniform(*(STORE_AWAY if part in VOLUMES else AWAY)))
                        self.nation.start(part)
                self._wait_for_acts(ACTS)
            return rounds * len(parts)

        row = self._row(f"kill -9 of {what}", act)
        now = self.nation.metrics()
        if parts == ["replica"]:
            gained = {outcome: int(number - reads.get(outcome, 0)) for outcome, number in sorted(now.items())}
            row.notes.append(f"lists and exports by who answered: {gained}")
        return row

    def _primary(self, rounds: int) -> Row:
        def act() -> int:
            with self.load.on():
                for _ in range(rounds):
                    self._wait_for_acts(ACTS)
                    self.restarts += 1
                    self.nation.restart_database()
                self._wait_for_acts(ACTS)
            return rounds

        return self._row("pg_ctl restart -m immediate of the primary", act)

    def _one_volume_server(self) -> Row:
        """Every picture is read while one of them is away, then while the other is."""
        began, found = time.monotonic(), Findings()
        for part in VOLUMES:
            self.nation.kill(part)
            check_files(self.ledger, found)
            self.nation.start(part)
        row = Row("every file read with one volume server away, then with the other", len(VOLUMES), found)
        row.seconds = time.monotonic() - began
        row.notes.append(f"{2 * Photo.objects.count()} files, pictures and thumbnails")
        return row
