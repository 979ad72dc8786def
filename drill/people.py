"""The load: candidates who upload, delete and submit, reviewers who judge, each again and again until told to stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from random import Random
from threading import Event, Thread
from typing import Protocol
from uuid import UUID

from drill.browser import Answer, Browser, NeverAnswered
from drill.ledger import Ledger, Place

_ITEM = re.compile(r'data-item="(\w+)" data-locked="(\w+)"[^>]*data-min="(\d+)" data-max="(\d+)"')
_PHOTO = re.compile(r'data-photo="([^"]+)"')


class Person(Protocol):
    def act(self) -> None:
        """One thing after another, the last of them finished: nothing is left open when it returns."""


class CandidateActs:
    """What a candidate does, and how a yes, or what looked like none, is understood."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def upload(self, place: Place, code: str, digest: str) -> Answer:
        answer = place.browser.upload(code, self.ledger.pictures[digest])
        if answer.status == 303 or (answer.was_cut and digest in self.shown(place, code)):
            place.took(code, digest)
        else:
            self.ledger.refused("upload", answer)
        return answer

    def delete(self, place: Place, code: str, photo: str, digest: str) -> Answer:
        answer = place.browser.post(f"/materials/{code}/photos/{photo}/delete/")
        if answer.status == 303 or (answer.was_cut and answer.status == 404):
            place.let_go(photo, digest)
        else:
            self.ledger.refused("delete", answer)
        return answer

    def submit(self, place: Place, checked: str = "") -> Answer:
        answer = place.browser.post("/materials/submit/", checked=checked)
        following = max(place.submissions, default=0) + 1
        if number := re.search(r"/materials/receipt/(\d+)/$", answer.location):
            place.handed_in(int(number[1]))
        elif answer.was_cut and place.browser.get(f"/materials/receipt/{following}/").status == 200:
            place.handed_in(following)  # and reviewers have sent it back since
        else:
            self.ledger.refused("submit", answer)
        return answer

    def shown(self, place: Place, code: str) -> dict[str, str]:
        """The pictures of an item as its page has them: SHA-256 of what comes to id."""
        photos = _PHOTO.findall(place.browser.get(f"/materials/{code}/").text)
        found = {}
        for photo in dict.fromkeys(photos):
            answer = place.browser.get(f"/photos/{photo}/")
            if answer.status == 200:
                found[sha256(answer.body).hexdigest()] = photo
            else:
                self.ledger.wrong.append(f"{place.number}: {code} shows picture {photo}: {answer.status}")
        return found


class Candidates(CandidateActs):
    """Somebody who looks after several applications, at one of them at a time."""

    def __init__(self, ledger: Ledger, places: list[Place], dice: Random) -> None:
        super().__init__(ledger)
        self._places, self._dice = places, dice

    def act(self) -> None:
        place = self._dice.choice(self._places)
        items = _ITEM.findall(place.browser.get("/materials/").text)
        open_items = [(code, int(least), int(most)) for code, lock, least, most in items if lock == "false"]
        if not open_items:
            return
        # Several things at one application, as people do.
        for _ in range(self._dice.randint(1, 4)):
            self._change(place, open_items)
        have = place.manifest()
        is_complete = all(len(have.get(code, [])) >= least for code, least, _most in open_items)
        if is_complete and self._dice.random() < 0.5:
            self._submit(place)

    def _change(self, place: Place, open_items: list[tuple[str, int, int]]) -> None:
        code, least, most = self._dice.choice(open_items)
        have = place.manifest().get(code, [])
        if len(have) < most and (len(have) < least or self._dice.random() < 0.6):
            unused = sorted(self.ledger.pictures.keys() - place.there.keys())
            self.upload(place, code, self._dice.choice(unused))
        elif have:
            shown = self.shown(place, code)
            if sorted(shown) != have:
                self.ledger.wrong.append(f"{place.number}: {code} shows other pictures than were acknowledged")
            digest = self._dice.choice(sorted(shown.keys() & set(have)) or [""])
            if digest:
                self.delete(place, code, shown[digest], digest)

    def _submit(self, place: Place) -> None:
        page = place.browser.get("/materials/submit/")
        if checked := re.search(r'name="checked" value="(\w+)"', page.text):
            self.submit(place, checked[1])


class Reviewer:
    """Takes the next application, accepts all or asks for one change, finishes."""

    def __init__(self, ledger: Ledger, browser: Browser, dice: Random, idle: Event) -> None:
        self.ledger, self._browser, self._dice, self._idle = ledger, browser, dice, idle

    def act(self) -> None:
        address = self._browser.get("/admin/review/next/").location
        found = re.search(r"/admin/review/([\w-]{36})/", address)
        if found is None:
            self._idle.wait(0.2)  # nothing waits, or we are told to stop
            return
        place = self.ledger.places[UUID(found[1])]
        if not self._press(place, "accept-rest/"):
            return
        outcome = "pass"
        if self._dice.random() < 0.85:
            photos = re.findall(r'data-item="(\w+)"[^>]*data-photos="([1-9]\d*)"', self._screen(place).text)
            code = self._dice.choice(photos)[0]
            asked = {"verdict": "change_requested", "reason": "BLUR", "note": "演练"}
            if not self._press(place, f"items/{code}/", **asked):
                return
            place.judged(code, "change_requested")
            outcome = "return"
        if self._press(place, "finish/", outcome=outcome):
            place.decided(outcome)

    def _screen(self, place: Place) -> Answer:
        return self._browser.get(f"/admin/review/{place.pk}/")

    def _press(self, place: Place, where: str, **fields: str) -> bool:
        """Whether it was done, now or by a try whose answer never came: the version it was made from is past then."""
        version = re.search(r'data-version="(\d+)"', self._screen(place).text)
        if version is None:
            return False
        answer = self._browser.post(f"/admin/review/{place.pk}/{where}", version=version[1], **fields)
        if answer.status == 303 or (answer.was_cut and answer.status == 409):
            return True
        self.ledger.refused(where.partition("/")[0], answer)
        return False


class Load:
    """Everybody at once, each in a thread, for as long as the context is held; then every act is finished."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.is_over = Event()
        self.people: list[Person] = []

    @contextmanager
    def on(self, most: int | None = None) -> Iterator[None]:
        self.is_over.clear()
        threads = [Thread(target=self._go_on, args=(person,)) for person in self.people[:most]]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join()

    def _go_on(self, person: Person) -> None:
        while not self.is_over.is_set():
            try:
                person.act()
            except NeverAnswered as error:
                self.ledger.wrong.append(f"never answered: {error}")
                return
            except Exception as error:
                self.ledger.wrong.append(f"the drill itself: {error!r}")
                raise
