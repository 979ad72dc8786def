"""The parts of the review screen: one box for each item, the fields of its forms, what was asked and answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from candidates.models import User
from materials.enums import Verdict
from materials.models import Category, Item, Photo, Reason

from ..rules import IDENTITY_DOCUMENTS


def arrange(photos: Sequence[Photo], turns: Mapping[UUID, int]) -> None:
    """Let every picture of a page know how far it was turned, and the one before and the one after it."""
    for photo in photos:
        photo.turn = turns.get(photo.pk, 0)
        photo.previous = photo.next = None
    for one, other in pairwise(photos):
        one.next, other.previous = other, one


@dataclass(frozen=True)
class Typed:
    """What was typed into a form that was refused. ``form`` is the form's id on the screen."""

    form: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fields:
    """What one form's fields begin with, and the reasons it offers."""

    id: str
    reasons: list[Reason]
    reason: str
    note: str
    is_typed: bool


@dataclass(frozen=True)
class Request:
    """What was asked of the candidate for one item, and what they wrote back."""

    reason: Reason | None
    code: str
    note: str
    reply: str


@dataclass(eq=False)
class Box:
    """One item on the screen."""

    item: Item
    photos: list[Photo]
    old_photos: list[Photo]
    new_ids: set[Any]
    request: Request | None
    verdict_by: User | None
    waits: bool
    is_folded: bool
    fields: Fields
    unlock: Fields | None

    @property
    def category(self) -> Category:
        return self.item.category

    @property
    def anchor(self) -> str:
        return f"item-{self.category.code}"

    @property
    def is_identity(self) -> bool:
        return self.category.code in IDENTITY_DOCUMENTS

    @property
    def is_changed(self) -> bool:
        return bool(self.old_photos or self.new_ids or self.request)

    @property
    def is_empty(self) -> bool:
        """Nothing handed in, nothing said about it, nothing just typed: no room needed on the screen."""
        quiet = self.item.verdict == Verdict.PENDING and self.item.locked and not self.is_changed
        typed = self.fields.is_typed or bool(self.unlock and self.unlock.is_typed)
        return quiet and not self.photos and not typed
