"""What the review screen shows: one application as one reviewer sees it now, gathered in a fixed number of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from candidates.enums import Flag, Stages
from candidates.models import Candidate, ExamSession, User
from candidates.refusals import Refusal
from materials.enums import ReasonUse, Stage, Status, Verdict
from materials.models import Application, Item, Photo, Reason
from materials.rules import correction_deadline
from materials.selectors import items_of

from .. import rules, selectors
from ..enums import Outcome
from ..models import Claim, Decision
from .boxes import Box, Fields, Request, Typed, arrange
from .history import Entry, Names, entries


@dataclass
class Screen:
    """One application, for the templates below templates/admin/review/."""

    application: Application
    user: User
    now: datetime
    typed: Typed = field(default_factory=Typed)

    def __post_init__(self) -> None:
        # The version was read before everything below: what is shown is never older than what a form claims.
        self.candidate: Candidate = self.application.candidate
        self.session: ExamSession = self.application.session
        self.decisions: list[Decision] = list(selectors.decisions_of(self.application))
        self.reasons = selectors.known_reasons(self.session)
        self.times = selectors.submission_times(self.application)
        self.elsewhere = selectors.same_elsewhere(self.user, self.application)
        self.alike = selectors.alike_elsewhere(self.user, self.application)
        self.boxes = self._make_boxes()
        in_order = [photo for box in [*self.shown, *self.folded] for photo in [*box.old_photos, *box.photos]]
        arrange(in_order, selectors.turns_of(self.application))
        names = Names(
            {box.category.code: box.category for box in self.boxes},
            {reason.code: str(reason) for reason in reversed(self.reasons)},
            ZoneInfo(self.session.region.time_zone),
        )
        self.history: list[Entry] = entries(selectors.history_of(self.user, self.candidate), names)

    # --- who may do what ---------------------------------------------------------------------------

    @property
    def claim(self) -> Claim | None:
        claim: Claim | None = getattr(self.application, "claim", None)
        return claim if claim and claim.expires_at > self.now else None

    @property
    def is_mine(self) -> bool:
        return self.claim is not None and self.claim.reviewer_id == self.user.pk

    @property
    def is_others(self) -> bool:
        return self.claim is not None and not self.is_mine

    @property
    def why_not(self) -> Refusal | None:
        """Why this account does not decide on it now, whoever holds the claim."""
        return rules.why_not_reviewer(self.user, self.application) or rules.why_not_under_review(
            self.application, self.session
        )

    @property
    def reviews(self) -> bool:
        """Whether this account reviews at all, be it this application's stage or another."""
        return rules.why_no_reviewer(self.user) is None

    @property
    def can_take_over(self) -> bool:
        return self.is_others and self.why_not is None and rules.why_not_take_over(self.user) is None

    @property
    def can_decide(self) -> bool:
        return self.why_not is None and not self.is_others

    @property
    def can_unlock(self) -> bool:
        if self.application.status == Status.SUBMITTED and self.is_others:
            return False
        return not (
            rules.why_not_reviewer(self.user, self.application)
            or rules.why_not_unlock(self.application, self.session)
            or rules.why_no_time_left(self.application, self.session, self.now)
        )

    @property
    def can_send_back(self) -> bool:
        return self.application.stage == Stage.REGION and self.session.stages == Stages.SITE_THEN_REGION

    # --- what is shown -----------------------------------------------------------------------------

    @property
    def flags(self) -> list[str]:
        return [str(Flag(flag).label) if flag in Flag.values else flag for flag in self.candidate.flags]

    @property
    def corrections_until(self) -> datetime:
        return correction_deadline(self.application, self.session)

    @property
    def is_second_round(self) -> bool:
        return self.application.rounds > 1

    @property
    def shown(self) -> list[Box]:
        return [box for box in self.boxes if not box.is_folded and not box.is_empty]

    @property
    def empty(self) -> list[Box]:
        return [box for box in self.boxes if box.is_empty]

    @property
    def folded(self) -> list[Box]:
        return [box for box in self.boxes if box.is_folded]

    @property
    def judged(self) -> list[Box]:
        return [box for box in self.boxes if box.photos and not box.waits]

    @property
    def to_judge(self) -> list[Box]:
        return [box for box in self.boxes if box.photos]

    @property
    def rest(self) -> list[Box]:
        """What "accept all that remain" accepts."""
        return [box for box in self.boxes if box.waits and box.item.verdict != Verdict.CHANGE_REQUESTED]

    @property
    def likely_outcome(self) -> str:
        """The button to put forward: the only one of pass and return that the verdicts allow, if any."""
        verdicts = [box.item.verdict for box in self.boxes if box.photos]
        if any(box.item.verdict == Verdict.CHANGE_REQUESTED for box in self.boxes):
            return Outcome.RETURN.value
        return Outcome.PASS.value if all(verdict == Verdict.ACCEPTED for verdict in verdicts) else ""

    @property
    def told(self) -> list[tuple[Decision, list[tuple[str, str, str]]]]:
        """Every decision with what was asked for: the item's name, the reason's, and the note."""
        categories = {box.category.code: str(box.category) for box in self.boxes}
        reasons = {reason.code: str(reason) for reason in reversed(self.reasons)}

        def words(entry: dict[str, str]) -> tuple[str, str, str]:
            item, reason = entry["item"], entry["reason"]
            return categories.get(item, item), reasons.get(reason, reason), entry["note"]

        return [(decision, [words(entry) for entry in decision.requests]) for decision in self.decisions]

    @property
    def last_decision(self) -> Decision | None:
        return self.decisions[-1] if self.decisions else None

    @property
    def pass_fields(self) -> Fields:
        return self._fields("finish", [])

    @property
    def reject_fields(self) -> Fields:
        return self._fields("reject", self._offered(ReasonUse.REJECT))

    @property
    def send_back_fields(self) -> Fields:
        return self._fields("send_back", [])

    @property
    def has_typed_form(self) -> bool:
        """Whether the form that was refused is still on the screen."""
        placed = {"finish", "reject"} if self.can_decide else set()
        placed |= {"send_back"} if self.can_decide and self.can_send_back else set()
        placed |= {box.fields.id for box in self.boxes if self.can_decide}
        placed |= {box.unlock.id for box in self.boxes if box.unlock}
        return self.typed.form in placed

    @property
    def homeless(self) -> Typed | None:
        """What was typed into a form that is not on the screen any more."""
        is_typed = bool(self.typed.note or self.typed.reason)
        return self.typed if is_typed and not self.has_typed_form else None

    @property
    def typed_reason(self) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == self.typed.reason), None)

    # --- how it is put together ----------------------------------------------------------------------

    def _make_boxes(self) -> list[Box]:
        items = items_of(self.application, self.candidate)
        asked = selectors.last_requests(self.decisions)
        old = self._old_photos()
        reviewers = User.objects.in_bulk({item.verdict_by_id for item in items if item.verdict_by_id})
        return [self._box(item, asked.get(item.category.code), old.get(item.pk, []), reviewers) for item in items]

    def _box(
        self, item: Item, asked: dict[str, str] | None, old_photos: list[Photo], reviewers: dict[Any, User]
    ) -> Box:
        photos: list[Photo] = item.photo_list
        for photo in [*photos, *old_photos]:
            photo.elsewhere = self.elsewhere.get(photo.pixels_sha256, [])
            photo.alike = self.alike.get(photo.pk, [])
        since = self._previous_time()
        new_ids = {photo.pk for photo in photos if since and photo.created_at > since}
        waits = rules.waits_for_verdict(item, self.application)
        is_submitted = self.application.status == Status.SUBMITTED
        code = item.category.code
        box = Box(
            item=item,
            photos=photos,
            old_photos=old_photos,
            new_ids=new_ids,
            request=self._request(asked, item) if asked and self.is_second_round else None,
            verdict_by=reviewers.get(item.verdict_by_id) if item.verdict != Verdict.PENDING else None,
            waits=waits,
            is_folded=False,
            fields=self._fields(
                f"verdict-{code}",
                self._offered(ReasonUse.CHANGE, code),
                item.reason.code if item.reason else "",
                item.note,
            ),
            unlock=self._fields(f"unlock-{code}", self._offered(ReasonUse.CHANGE, code))
            if self.can_unlock and item.locked
            else None,
        )
        # What was accepted at this stage before and is still the same needs no second look.
        accepted_before = item.verdict == Verdict.ACCEPTED and not waits and not box.is_changed
        box.is_folded = self.is_second_round and is_submitted and accepted_before
        return box

    def _request(self, asked: dict[str, str], item: Item) -> Request:
        reason = next((reason for reason in self.reasons if reason.code == asked["reason"]), None)
        return Request(reason, asked["reason"], asked["note"], item.reply)

    def _previous_time(self) -> datetime | None:
        """When the round before the one on the screen was handed in; None in the first."""
        now_in_hand = self.application.status == Status.RETURNED
        return self.times.get(self.application.rounds - (0 if now_in_hand else 1))

    def _old_photos(self) -> dict[Any, list[Photo]]:
        since = self._previous_time()
        found: dict[Any, list[Photo]] = {}
        for photo in selectors.replaced_photos(self.application, since) if since else []:
            found.setdefault(photo.item_id, []).append(photo)
        return found

    def _offered(self, use: ReasonUse, category: str | None = None) -> list[Reason]:
        """The reasons to choose from, each code once: the region's own comes first."""
        offered: dict[str, Reason] = {}
        for reason in self.reasons:
            if reason.use == use and reason.is_active:
                offered.setdefault(reason.code, reason)
        fitting = [r for r in offered.values() if category is None or not r.categories or category in r.categories]
        return sorted(fitting, key=lambda reason: (reason.position, reason.code))

    def _fields(self, form: str, reasons: list[Reason], reason: str = "", note: str = "") -> Fields:
        if self.typed.form == form:
            return Fields(form, reasons, self.typed.reason, self.typed.note, is_typed=True)
        return Fields(form, reasons, reason, note, is_typed=False)


def screen_for(user: User, application_id: UUID, typed: Typed | None = None) -> Screen | None:
    """The screen of an application, or None for one that is not in the user's scope."""
    application = selectors.application_on_screen(user, application_id)
    return Screen(application, user, timezone.now(), typed or Typed()) if application else None
