"""What the portal is put through while people are at it, part by part."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from threading import Barrier, Thread
from typing import Any

from drill.browser import Answer
from drill.check import Findings, check
from drill.ledger import Place
from drill.people import CandidateActs, Load
from drill.portal import PATIENCE, Portal
from drill.scene import Scene
from drill.steps import in_turn


@dataclass
class Row:
    """One line of the table."""

    what: str
    tries: int
    findings: Findings
    acknowledged: int = 0
    cut: int = 0
    refused: int = 0
    twice: int = 0
    outage: float | None = None
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.findings.lost and not self.findings.wrong


class Drill:
    """The parts share the portal, the scene and the load; each ends with all that was acknowledged looked up."""

    def __init__(self, portal: Portal, scene: Scene, load: Load, seed: int) -> None:
        self.portal, self.scene, self.load = portal, scene, load
        self.dice = Random(seed)
        self.ledger = scene.ledger
        self.restarts = 0  # of the database

    def _wait_for_acts(self, more: int, kind: str | None = None) -> None:
        """Until so many more were acknowledged: what is hurt next is a portal that works."""
        until, enough = time.monotonic() + PATIENCE, self.ledger.tally.number(kind) + more
        while self.ledger.tally.number(kind) < enough:
            if time.monotonic() > until:
                raise SystemExit(f"Nothing was acknowledged for {PATIENCE:.0f} seconds; the drill ends here.")
            time.sleep(0.05)

    def _row(self, what: str, act: Callable[[], int], outage: bool = True) -> Row:
        """Do it, then check; ``act`` returns how often it was tried."""
        book, before = self.ledger.book, self.ledger.tally.number()
        start, refusals, began = len(book.requests), book.refusals.total(), time.monotonic()
        tries = act()
        mine = book.requests[start:]
        row = Row(what, tries, check(self.ledger))
        row.seconds = time.monotonic() - began
        row.acknowledged = self.ledger.tally.number() - before
        row.cut = sum(request.how != "good" for request in mine)
        row.refused = book.refusals.total() - refusals
        row.outage = book.longest_without_a_good_answer(start) if outage else None
        row.notes.append(f"{row.findings.left} files without a row were swept")
        return row

    # --- the web server and the database --------------------------------------------------------------

    def workers(self, kills: int) -> Row:
        """Half of the kills at a named step, each in turn, half at any moment."""
        steps, reached = in_turn(), Counter[str]()

        def act() -> int:
            done = 0
            with self.load.on():
                self._wait_for_acts(3)
                while done < kills:
                    step = next(steps) if done % 2 == 0 else ""
                    if step and self.portal.dies_at(step):
                        reached[step] += 1
                    else:  # nobody came there either
                        time.sleep(self.dice.random() / 2)
                        self.portal.kill_worker(self.dice.randrange(99))
                    done += 1
                    if done % 20 == 0:
                        print(f"{done} of {kills} web workers killed", flush=True)
                    self._wait_for_acts(1)
                if not self.portal.all_belong():
                    self.ledger.wrong.append("killed workers left processes behind")
            return done

        row = self._row("kill -9 of a web worker", act)
        row.notes += [f"{step}: {times}" for step, times in sorted(reached.items()) if times]
        return row

    def master(self, times: int) -> Row:
        """Its orphans go on for a moment, then a supervisor ends them and starts it again."""

        def act() -> int:
            with self.load.on():
                for _ in range(times):
                    self._wait_for_acts(5)
                    self.portal.kill_master()
                    time.sleep(self.dice.random())
                    self.portal.restart_web()
                self._wait_for_acts(5)
            return times

        return self._row("kill -9 of gunicorn's master, restarted", act)

    def database(self, times: int) -> Row:
        """Workers and sender stay; what is asked once the server is back must succeed at once."""
        late: list[str] = []
        longest: list[float] = []

        def act() -> int:
            before = sorted(self.portal.workers())
            with self.load.on():
                for _ in range(times):
                    self._wait_for_acts(5)
                    start = time.monotonic()
                    self.restarts += 1
                    self.portal.restart_database()
                    back = time.monotonic()
                    self._wait_for_acts(10)
                    failed = self.ledger.book.failed_between(back, time.monotonic())
                    if failed:
                        late.append(f"{failed} requests failed that were begun when the database was back")
                    longest.append(back - start)
            if sorted(self.portal.workers()) != before or not self.portal.is_sender_alive():
                late.append("a worker or the sender ended")
            return times

        row = self._row("pg_ctl restart -m immediate", act)
        row.findings.wrong += late
        row.notes.append(f"the server itself was away for at most {max(longest):.1f} s")
        return row

    # --- a full disk ---------------------------------------------------------------------------------------

    def disk(self) -> list[Row]:
        """The pictures on a small disk until uploads are refused, then on a larger one. Only root can mount those."""
        folder, aside = self.portal.photos, self.portal.folder / "photos-aside"
        used = sum(path.stat().st_size + 4096 for path in folder.rglob("*"))
        folder.rename(aside)
        folder.mkdir(0o700)
        size = f"size={used + 1_500_000}"
        mounted = os.geteuid() == 0 and _runs("mount", "-t", "tmpfs", "-o", f"{size},mode=700", "tmpfs", str(folder))
        if not mounted:
            folder.rmdir()
            aside.rename(folder)
            print("A full disk: left out, because no small disk can be mounted here.", flush=True)
            return []

        def act() -> int:
            full = "upload: 503 store"
            refusals = self.ledger.book.refusals
            before = refusals[full]
            until = time.monotonic() + PATIENCE
            with self.load.on():
                while refusals[full] < before + 5:
                    if time.monotonic() > until:
                        self.ledger.wrong.append("the disk was never full")
                        break
                    time.sleep(0.1)
                _runs("mount", "-o", f"remount,size={used + 100_000_000}", str(folder))
                self._wait_for_acts(3, "uploads")
            return refusals[full] - before

        now = self.portal.folder / "photos-now"
        try:
            shutil.copytree(aside, folder, dirs_exist_ok=True)
            row = self._row("an upload meets a full disk", act)
            shutil.copytree(folder, now)
        finally:
            _runs("umount", str(folder))
        shutil.rmtree(aside)
        folder.rmdir()
        now.rename(folder)
        return [row]

    # --- at the same moment -----------------------------------------------------------------------------------

    def races(self, times: int) -> Iterator[Row]:
        acts = CandidateActs(self.ledger)
        for number in (2, 20):
            race = partial(self._last_place, acts, number)
            yield self._race(f"{number} uploads, one place left", times, race)
        for what in ("an upload", "a deletion"):
            race = partial(self._meets_submission, acts, what == "an upload")
            yield self._race(f"{what} meets a submission", times * 2, race)
        yield self._race("submit pressed ten times at once", times, partial(self._ten_times, acts))

    def _race(self, what: str, times: int, race: Callable[[Place], None]) -> Row:
        def act() -> int:
            for place in self.scene.candidates(times):
                race(place)
            return times

        row = self._row(what, act, outage=False)
        if row.cut:
            row.findings.wrong.append(f"{row.cut} requests came to nothing, and nothing was killed")
        return row

    def _fill(self, acts: CandidateActs, place: Place, **wanted: int) -> list[str]:
        """So many pictures by category; returns the SHA-256 of those that are not used."""
        left = sorted(self.ledger.pictures)
        for code, number in wanted.items():
            for _ in range(number):
                acts.upload(place, code, left.pop())
        return left

    def _last_place(self, acts: CandidateActs, number: int, place: Place) -> None:
        left = self._fill(acts, place, ID=1)
        answers = at_once(*(partial(acts.upload, place, "ID", left.pop()) for _ in range(number)))
        if sorted((answer.status, *answer.errors) for answer in answers) != [(303,)] + [(422, "full")] * (number - 1):
            self._unexpected(place, answers)

    def _meets_submission(self, acts: CandidateActs, uploads: bool, place: Place) -> None:
        left = self._fill(acts, place, ID=2, EDU=1)
        if uploads:
            other = partial(acts.upload, place, "EDU", left.pop())
        else:
            [(digest, photo)] = acts.shown(place, "EDU").items()
            other = partial(acts.delete, place, "EDU", photo, digest)
        first, second = at_once(other, partial(acts.submit, place))
        # Whatever was taken before it is in it, whichever answer came first.
        if second.status == 303:
            place.submissions[1] = place.manifest()
        # Before it or too late; a deletion that came before it left something missing.
        is_empty = not uploads and first.status == 303
        if first.status not in (303, 409) or second.status != (422 if is_empty else 303):
            self._unexpected(place, [first, second])

    def _ten_times(self, acts: CandidateActs, place: Place) -> None:
        self._fill(acts, place, ID=2, EDU=1)
        answers = at_once(*(partial(acts.submit, place) for _ in range(10)))
        if {(answer.status, answer.location) for answer in answers} != {(303, "/materials/receipt/1/")}:
            self._unexpected(place, answers)

    def _unexpected(self, place: Place, answers: list[Answer]) -> None:
        said = [(answer.status, answer.location, *answer.errors) for answer in answers]
        self.ledger.wrong.append(f"{place.number}: {said}")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all together; what each returned, in the order given."""
    gate, results = Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        gate.wait()
        results[number] = act()

    threads = [Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _runs(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
