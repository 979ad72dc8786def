"""An item as the pages show it. Everything here is read off the rules, nothing is decided."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.utils import timezone

from candidates.models import LATEST, Candidate, ExamSession
from candidates.refusals import Refusal

from .. import rules
from ..enums import Requirement, Stage, Status
from ..models import Application, Category, Item, Photo, Submission
from ..selectors import items_of, last_submission
from ..standing import Standing, standing, time_left


@dataclass
class Card:
    """One item: its pictures, why it is ``closed`` if it is, and what is still asked of the candidate.

    ``before``: where a change was asked for, what was handed in last time and has been taken out since.
    """

    item: Item
    photos: Sequence[Photo]
    verdict: str
    closed: Refusal | None
    is_required: bool
    is_missing: bool
    is_asked: bool
    is_unchanged: bool
    can_be_put_back: list[Photo]
    before: list[Photo]
    refusal: Refusal | None = None
    typed_reply: str | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def category(self) -> Category:
        return self.item.category

    @property
    def count(self) -> int:
        return len(self.photos)

    @property
    def is_full(self) -> bool:
        return self.count >= self.category.max_photos

    @property
    def can_upload(self) -> bool:
        return self.is_open and self.item.applies and not self.is_full

    @property
    def can_be_marked(self) -> bool:
        """Whether 不适用 is offered: an optional item without pictures."""
        return self.is_open and self.category.requirement == Requirement.OPTIONAL and not self.count

    @property
    def stands_in_the_way(self) -> bool:
        return self.is_missing or self.is_unchanged

    @property
    def reply(self) -> str:
        """What was typed and refused stays in the field."""
        return self.item.reply if self.typed_reply is None else self.typed_reply

    @property
    def seen(self) -> list[str | None]:
        """What can change behind the candidate's back, or with the time; of feedback only what is shown (rule 5)."""
        known = (*self.before, *self.can_be_put_back)
        reason = self.item.reason.code if self.item.reason and self.is_asked else None
        note = self.item.note if self.is_asked else None
        return [self.category.code, self.state, str(self.closed), reason, note, *(str(one.pk) for one in known)]

    @property
    def state(self) -> str:
        """The word on the chip (templates/materials/_chip.html)."""
        if self.is_asked and not self.is_missing:
            return "unchanged" if self.is_unchanged else "changed"
        if self.verdict == "accepted":
            return "accepted"
        if self.item.not_applicable:
            return "not_applicable"
        if self.item.locked:
            return "locked"
        if not self.item.applies:
            return "not_required"
        if self.is_missing:
            return "missing"
        return "complete" if self.count else "optional"


@dataclass
class Place:
    """Where a picture is."""

    category: Category
    position: int


@dataclass
class Warned(Place):
    """A picture to look at once more; ``photo`` is its id."""

    photo: UUID


@dataclass
class Section:
    """Items under one heading of the materials page; ``folded``: behind their heading, until it is pressed."""

    name: str
    cards: list[Card]
    folded: bool = False

    @property
    def names(self) -> list[str]:
        return [str(card.category) for card in self.cards]

    @property
    def is_open(self) -> bool:
        """What was just refused, and what can be undone, must be in sight."""
        return any(card.refusal or card.can_be_put_back for card in self.cards)


@dataclass
class Progress:
    """Of what has to be done: so much is."""

    done: int
    total: int

    @property
    def steps(self) -> list[bool]:
        return [step < self.done for step in range(self.total)]


@dataclass
class Overview:
    """Everything the pages of one application are made from."""

    application: Application
    session: ExamSession
    cards: list[Card]
    standing: Standing
    can_submit: bool
    last: Submission | None
    now: datetime

    @property
    def is_resubmission(self) -> bool:
        return self.application.status == Status.RETURNED

    @property
    def sections(self) -> list[Section]:
        """What is to be done first; what is done, or need not be, folded. Each in the catalogue's order."""
        cards = self.cards
        if not self.can_submit:
            kept = [card for card in cards if card.count or card.is_required or card.item.not_applicable]
            first = "required" if self.application.status == Status.DRAFT else "handed_in"
            found = [
                Section(first, kept),
                Section("left_out", [card for card in cards if card not in kept], folded=True),
            ]
        elif self.is_resubmission:
            asked = sorted(self.asked, key=lambda card: not card.stands_in_the_way)
            rest = [card for card in cards if not card.is_asked]
            found = [Section("asked", asked), Section("rest", rest, folded=True)]
        else:
            to_do = self.in_the_way
            untouched = [card for card in cards if card.state == "optional"]
            done = [card for card in cards if card not in to_do and card not in untouched]
            found = [
                Section("to_do", to_do),
                Section("optional", untouched, folded=True),
                Section("done", done, folded=True),
            ]
        return [section for section in found if section.cards]

    @property
    def progress(self) -> Progress:
        """Of the items asked for, or of the required ones."""
        meant = self.asked if self.is_resubmission else [card for card in self.cards if card.is_required]
        return Progress(sum(not card.stands_in_the_way for card in meant), len(meant))

    @property
    def next(self) -> Card | None:
        """The first item that stands in the way of submitting, as the page lists them."""
        return next((card for card in self.sections[0].cards if card.stands_in_the_way), None) if self.cards else None

    @property
    def ends_at(self) -> datetime:
        return rules.deadline(self.application, self.session)

    @property
    def time_left(self) -> str:
        return time_left(self.ends_at, self.now)

    @property
    def in_the_way(self) -> list[Card]:
        return [card for card in self.cards if card.stands_in_the_way]

    @property
    def warned(self) -> list[Warned]:
        return [
            Warned(card.category, photo.place, photo.pk)
            for card in self.cards
            for photo in card.photos
            if photo.warnings or photo.lookalike
        ]

    @property
    def kept(self) -> list[Warned]:
        """Pictures of the last submission in items that could be submitted again, and say nothing in writing."""
        done = [card for card in self.asked if not card.stands_in_the_way and not card.item.reply.strip()]
        return [Warned(card.category, photo.place, photo.pk) for card in done for photo in card.photos if photo.kept]

    @property
    def picture_count(self) -> int:
        return sum(card.count for card in self.cards)

    @property
    def deadline(self) -> datetime | None:
        """What the candidate still has to meet."""
        return rules.deadline_ahead(self.application, self.session, timezone.now())

    @property
    def next_stage(self) -> Stage:
        """Who reviews what is submitted now."""
        return rules.next_stage(self.application, self.session)

    @property
    def corrections_until(self) -> datetime:
        return rules.correction_deadline(self.application, self.session)

    @property
    def asked(self) -> list[Card]:
        return [card for card in self.cards if card.is_asked]

    @property
    def digest(self) -> str:
        """What is on the page, for the form that submits it."""
        return rules.digest(card.item for card in self.cards)

    @property
    def seen(self) -> str:
        """A digest of what the page says, but for the time left: what another look at it is compared with."""
        standing = (self.standing.state, self.standing.sentence)
        shown = [self.digest, self.can_submit, standing, *(part for card in self.cards for part in card.seen)]
        return sha256(json.dumps(shown).encode()).hexdigest()[:32]

    def card(self, code: str) -> Card | None:
        return next((card for card in self.cards if card.category.code == code), None)


def overview(candidate: Candidate, now: datetime | None = None) -> Overview:
    """Five queries, however many items there are. ``now``: another moment, for looking ahead."""
    session, now = candidate.session, now or timezone.now()
    application = candidate.application
    application.session = session
    last = last_submission(application)
    cards = [_card(item, application, candidate, last, now) for item in items_of(application, candidate)]
    _tell_lookalikes(cards)
    to_do = sum(card.stands_in_the_way for card in cards)
    return Overview(
        application=application,
        session=session,
        cards=cards,
        standing=standing(application, session, now, to_do=to_do, has_pictures=any(card.photos for card in cards)),
        can_submit=rules.why_closed(application, session, now) is None,
        last=last,
        now=now,
    )


def _tell_lookalikes(cards: list[Card]) -> None:
    """Give each picture that looked like another when it came, and still has it beside it, ``lookalike``."""
    places = {photo.pk: Place(card.category, photo.place) for card in cards for photo in card.photos}
    for card in cards:
        for photo in card.photos:
            photo.lookalike = places.get(photo.similar_to) if photo.similar_to else None


def _card(item: Item, application: Application, candidate: Candidate, last: Submission | None, now: datetime) -> Card:
    session = candidate.session
    photos = item.photo_list
    returned = application.status == Status.RETURNED
    closed = rules.why_item_closed(application, session, item, now)
    is_asked = returned and rules.has_open_request(item)
    before = _handed_in_before(item, application) if is_asked else []
    for photo in photos:
        photo.kept = _kept(photo, before) if is_asked else ""
    return Card(
        item=item,
        photos=photos,
        verdict=rules.shown_verdict(item, application, session),
        closed=closed,
        is_required=rules.is_required(item.category, candidate),
        is_missing=rules.is_missing(item, len(photos), candidate),
        is_asked=is_asked,
        is_unchanged=bool(returned and last and rules.is_unchanged(item, photos, last.manifest)),
        can_be_put_back=[] if closed else _can_be_put_back(item, now),
        before=before,
    )


def _handed_in_before(item: Item, application: Application) -> list[Photo]:
    since = application.submitted_at
    named = (photo for photo in item.taken_out if photo.first_submission_id is not None)
    return [photo for photo in named if since and photo.superseded_at and photo.superseded_at > since]


def _kept(photo: Photo, before: list[Photo]) -> str:
    """``same``: as it was handed in last time; ``turned``: that picture turned; otherwise ""."""
    if photo.first_submission_id is not None or photo.sha256 in {old.sha256 for old in before}:
        return "same"
    return "turned" if photo.pixels_sha256 in {old.pixels_sha256 for old in before} else ""


def _can_be_put_back(item: Item, now: datetime) -> list[Photo]:
    """What the minus took out a moment ago, each with its place when it comes back.

    What is there again (turned, for one) needs no undoing, and of what was turned and then deleted only the last does.
    """
    if not item.applies or len(item.photo_list) >= item.category.max_photos:
        return []
    there = {photo.pixels_sha256 for photo in item.photo_list}
    lately = [photo for photo in item.taken_out if rules.can_be_put_back(photo, now)]
    newest = {photo.pixels_sha256: photo for photo in sorted(lately, key=_taken_out_at)}
    found = [photo for photo in lately if newest[photo.pixels_sha256] is photo and photo.pixels_sha256 not in there]
    for photo in found:
        photo.place = 1 + sum(other.position < photo.position for other in (*item.photo_list, *found))
    return found


def _taken_out_at(photo: Photo) -> datetime:
    return photo.superseded_at or LATEST
