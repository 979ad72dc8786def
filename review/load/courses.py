"""What the copies are copies of: for each way a registration can go, somebody whom the portal's own services served.

So what is stored of them is what the portal stores, facts of events and manifests included.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from PIL import Image, ImageDraw

from candidates.models import Candidate, Delivery, ExamSession, User
from candidates.services.activation import activate, send_activation_code
from candidates.services.events import OPERATOR, Actor
from materials import rules
from materials.models import Application
from materials.selectors import items_of
from materials.services.photos import add_photo, delete_photo, record_view
from materials.services.roster import load_roster
from materials.services.submission import reply_to_request, submit_application

from ..demo import PASSWORD, id_number
from ..services.claims import claim
from ..services.verdicts import accept_rest, finish_review, give_verdict

#: Track, level and flags of those that the rest are copies of.
KINDS = (
    ("clinical", "physician", "trial_route"),
    ("tcm", "assistant", "fresh_graduate|trial_route"),
)
ASKED_FOR, REASON = "EDU", "BLUR"


@dataclass(frozen=True)
class Reviewers:
    site: User
    region: User


class Person:
    """One candidate, and what they and their reviewers do."""

    def __init__(self, candidate: Candidate, reviewers: Reviewers) -> None:
        self.candidate, self.actor, self._reviewers = candidate, Actor(candidate.user), reviewers
        self.application = Application.objects.get(candidate=candidate)

    def activate(self) -> None:
        with transaction.atomic():  # once it is sent, the code is gone
            send_activation_code(self.actor, self.candidate.pk)
            text = Delivery.objects.filter(candidate=self.candidate).latest("pk").text
        code = re.search(r"\b\d{6}\b", text)
        if code is None:
            raise ValueError("no code in the message")
        activate(self.actor, self.candidate.pk, code=code[0], password=PASSWORD, consent=True)
        self.candidate.refresh_from_db()

    def upload(self, *, most: int | None = None) -> None:
        """The fewest pictures of each required category, of the first ``most`` categories."""
        items = items_of(self.application, self.candidate)
        required = [item.category for item in items if rules.is_required(item.category, self.candidate)]
        for category in required[:most]:
            for page in range(1, category.min_photos + 1):
                add_photo(
                    self.actor, self.candidate, category.code, _picture(f"{self.candidate} {category.code} {page}")
                )

    def submit(self) -> None:
        submit_application(self.actor, self.candidate)

    def correct(self) -> None:
        [photo] = self._photos(ASKED_FOR)
        category = photo.item.category
        delete_photo(self.actor, self.candidate, category.code, photo.pk)
        self._add(category.code, "again")
        reply_to_request(self.actor, self.candidate, category.code, "已重新拍摄。")
        self.submit()

    def look(self, reviewer: User) -> Actor:
        """Have the application claimed, and every picture looked at."""
        actor = Actor(reviewer)
        self.application = claim(actor, self.application.pk)
        for photo in self._photos():
            record_view(actor, photo, thumb=False)
        return actor

    def pass_on(self, reviewer: User) -> None:
        actor = self.look(reviewer)
        self.application = accept_rest(actor, self.application.pk, version=self.application.version)
        self._finish(actor, "pass")

    def send_back(self, outcome: str = "return", reason: str = "", note: str = "请重新拍摄。") -> None:
        """The site's reviewer asks for one change and accepts the rest; with ``outcome`` "reject", rejects."""
        actor = self.look(self._reviewers.site)
        self.application = give_verdict(
            actor,
            self.application.pk,
            ASKED_FOR,
            version=self.application.version,
            verdict="change_requested",
            reason=REASON,
            note=note,
        )
        self.application = accept_rest(actor, self.application.pk, version=self.application.version)
        self._finish(actor, outcome, reason, note)

    def pass_at_site(self) -> None:
        self.pass_on(self._reviewers.site)

    def pass_at_region(self) -> None:
        self.pass_on(self._reviewers.region)

    def in_hands(self) -> None:
        self.look(self._reviewers.site)

    def _add(self, code: str, words: str) -> None:
        add_photo(self.actor, self.candidate, code, _picture(f"{self.candidate} {code} {words}"))

    def _photos(self, code: str = "") -> list:
        items = items_of(self.application, self.candidate)
        return [photo for item in items if code in ("", item.category.code) for photo in item.photo_list]

    def _finish(self, actor: Actor, outcome: str, reason: str = "", note: str = "") -> None:
        self.application = finish_review(
            actor, self.application.pk, version=self.application.version, outcome=outcome, reason=reason, note=note
        )


def _picture(words: str) -> bytes:
    """A small page of lines that no other page has: it is read, fitted and compared as any other."""
    picture = Image.new("RGB", (480, 640), "#f6f1e4")
    draw = ImageDraw.Draw(picture)
    for line in range(24):
        lengths = sha256(f"{words} {line}".encode()).digest()
        for at, length in enumerate(lengths[:4]):
            draw.rectangle((30 + at * 105, 30 + line * 24, 40 + at * 105 + length // 3, 42 + line * 24), "#333333")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


Step = Callable[[Person], None]
_START: tuple[Step, ...] = (Person.activate, Person.upload, Person.submit)
_PASS: tuple[Step, ...] = (Person.pass_at_site, Person.pass_at_region)
_CORRECT: tuple[Step, ...] = (Person.send_back, Person.correct)


def _reject(person: Person) -> None:
    person.send_back("reject", "NOT_ELIGIBLE", "不符合报考条件。")


def _begin(person: Person) -> None:
    person.upload(most=1)


#: Of a thousand registrations, how many go which way: a session some days before its window closes. Guesses, and no
#: more: what matters for measuring is that every state is there, and that most pictures lie in what is decided.
COURSES: dict[str, tuple[int, tuple[Step, ...]]] = {
    "not activated": (80, ()),
    "draft, nothing yet": (40, (Person.activate,)),
    "draft, begun": (80, (Person.activate, _begin)),
    "draft, complete": (40, (Person.activate, Person.upload)),
    "waits at the site": (178, _START),
    "in a reviewer's hands": (2, (*_START, Person.in_hands)),
    "waits at the region": (120, (*_START, Person.pass_at_site)),
    "returned": (90, (*_START, Person.send_back)),
    "handed in again": (30, (*_START, *_CORRECT)),
    "passed": (290, (*_START, *_PASS)),
    "passed after a correction": (40, (*_START, *_CORRECT, *_PASS)),
    "rejected": (10, (*_START, _reject)),
}


def serve(session: ExamSession, site_code: str, prefix: str, reviewers: Reviewers) -> list[tuple[Candidate, int]]:
    """For each kind and course somebody who went that way, and of how many in a thousand they are the pattern."""
    served = []
    rows = ["registration_number,name,id_number,phone,email,site,track,level,flags"]
    pairs = [(kind, name) for kind in KINDS for name in COURSES]
    for number, ((track, level, flags), _name) in enumerate(pairs):
        mail = f"pattern{number}@example.com"
        rows.append(
            f"{prefix}P{number:03},样本,{id_number(f'19490101{number:03}')},1990000{number:04},{mail},{site_code},"
            f"{track},{level},{flags}"
        )
    load_roster(OPERATOR, session, io.BytesIO("\n".join(rows).encode()))
    people = Candidate.objects.filter(session=session).select_related("user", "site", "session__region")
    for candidate, (_kind, name) in zip(people.order_by("registration_number"), pairs, strict=True):
        weight, steps = COURSES[name]
        person = Person(candidate, reviewers)
        for step in steps:
            step(person)
        served.append((candidate, weight))
    return served
