"""An item as the pages show it. Everything here is read off the rules, nothing is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from candidates.models import Candidate, ExamSession
from candidates.refusals import Refusal

from .. import rules
from ..enums import Requirement, Stage, Status
from ..models import Application, Category, Item, Photo, Submission
from ..selectors import items_of, last_submission
from ..standing import Standing, standing


@dataclass
class Card:
    """One item: its pictures, why it is ``closed`` if it is, and what is still asked of the candidate."""

    item: Item
    photos: Sequence[Photo]
    verdict: str
    closed: Refusal | None
    is_required: bool
    is_missing: bool
    is_asked: bool
    is_unchanged: bool
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
    def state(self) -> str:
        """The word on the chip (templates/materials/_chip.html)."""
        if self.is_asked:
            return "unchanged" if self.is_unchanged else "changed"
        if self.verdict == "accepted":
            return "accepted"
        if self.item.locked:
            return "locked"
        if not self.item.applies:
            return "not_required"
        if self.item.not_applicable:
            return "not_applicable"
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
    """A picture that has a warning; ``photo`` is its id."""

    photo: UUID


@dataclass
class Section:
    name: str
    cards: list[Card]


@dataclass
class Overview:
    """Everything the pages of one application are made from."""

    application: Application
    session: ExamSession
    cards: list[Card]
    standing: Standing
    can_submit: bool
    last: Submission | None

    @property
    def is_resubmission(self) -> bool:
        return self.application.status == Status.RETURNED

    @property
    def sections(self) -> list[Section]:
        """What is to be done first; each section in the catalogue's order."""
        if self.is_resubmission:
            first, second = ("asked", self.asked), ("rest", [card for card in self.cards if not card.is_asked])
        else:
            first = ("required", [card for card in self.cards if card.is_required])
            second = ("optional", [card for card in self.cards if not card.is_required])
        return [Section(name, cards) for name, cards in (first, second) if cards]

    @property
    def in_the_way(self) -> list[Card]:
        return [card for card in self.cards if card.stands_in_the_way]

    @property
    def warned(self) -> list[Warned]:
        return [
            Warned(card.category, photo.position, photo.pk)
            for card in self.cards
            for photo in card.photos
            if photo.warnings or photo.lookalike
        ]

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
    )


def _tell_lookalikes(cards: list[Card]) -> None:
    """Give each picture that looked like another when it came, and still has it beside it, ``lookalike``."""
    places = {photo.pk: Place(card.category, photo.position) for card in cards for photo in card.photos}
    for card in cards:
        for photo in card.photos:
            photo.lookalike = places.get(photo.similar_to) if photo.similar_to else None


def _card(item: Item, application: Application, candidate: Candidate, last: Submission | None, now: datetime) -> Card:
    session = candidate.session
    photos = item.photo_list
    returned = application.status == Status.RETURNED
    return Card(
        item=item,
        photos=photos,
        verdict=rules.shown_verdict(item, application, session),
        closed=rules.why_item_closed(application, session, item, now),
        is_required=rules.is_required(item.category, candidate),
        is_missing=rules.is_missing(item, len(photos), candidate),
        is_asked=returned and rules.has_open_request(item),
        is_unchanged=bool(returned and last and rules.is_unchanged(item, photos, last.manifest)),
    )
