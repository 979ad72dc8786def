"""A pass judged once more: the candidate's facts and every item, and nothing of what was found before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from candidates.access import SeeOther
from candidates.enums import Flag
from candidates.models import User
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import Category, Item, Photo, Reason
from materials.selectors import items_of

from .. import rules, selectors
from ..access import StaffRequest, staff_page
from ..enums import Opinion
from ..forms import SecondLookForm
from ..models import SecondLook
from ..rules import Answer
from ..services import second_looks
from .answers import admin_context, read_form
from .boxes import arrange


@dataclass(eq=False)
class Question:
    """One item on the page: what was handed in, what was answered, and what is wrong with that."""

    item: Item
    reasons: list[Reason]
    answer: Answer
    fault: str | None

    @property
    def photos(self) -> list[Photo]:
        return self.item.photo_list

    @property
    def category(self) -> Category:
        return self.item.category

    @property
    def is_silent(self) -> bool:
        """Nothing handed in and nothing said about it: no room needed on the page."""
        return not self.photos and self.answer == Answer(Opinion.FINE) and not self.fault

    @property
    def anchor(self) -> str:
        return f"item-{self.category.code}"


@dataclass
class SecondLookPage:
    """A second look as its reviewer sees it now, for templates/admin/review/second_look.html."""

    look: SecondLook
    user: User
    answers: Mapping[str, Answer] = field(default_factory=dict)
    refusal: Refusal | None = None

    def __post_init__(self) -> None:
        self.application = self.look.application
        self.session = self.application.session
        self.candidate = self.application.candidate
        self.now = timezone.now()
        self.why_not = rules.why_not_look(self.user, self.look, self.session, self.now)
        self.reasons = selectors.change_reasons(self.session)
        self.questions = [] if self.why_not else self._ask()

    def _ask(self) -> list[Question]:
        elsewhere = selectors.same_elsewhere(self.user, self.application)
        items = items_of(self.application, self.candidate)
        photos = [photo for item in items for photo in item.photo_list]
        arrange(photos, selectors.turns_of(self.application))
        for photo in photos:
            photo.elsewhere = elsewhere.get(photo.pixels_sha256, [])
        return [self._question(item) for item in items]

    def _question(self, item: Item) -> Question:
        # Where nothing was handed in there is nothing to look at; who misses it says so.
        untouched = Answer() if item.photo_list else Answer(Opinion.FINE)
        answer = self.answers.get(item.category.code, untouched)
        is_judged = self.refusal is not None and self.refusal.code == "answers"
        fault = rules.fault_of(answer, item.category, self.reasons) if is_judged else None
        reasons = [reason for reason in self.reasons if rules.fits(reason, item.category)]
        return Question(item, reasons, answer, str(fault) if fault else None)

    @property
    def shown(self) -> list[Question]:
        return [question for question in self.questions if not question.is_silent]

    @property
    def silent(self) -> list[Question]:
        return [question for question in self.questions if question.is_silent]

    @property
    def flags(self) -> list[str]:
        return [str(Flag(flag).label) if flag in Flag.values else flag for flag in self.candidate.flags]

    @property
    def is_mine(self) -> bool:
        held_until = self.look.expires_at
        return self.look.reviewer_id == self.user.pk and held_until is not None and held_until > self.now

    @property
    def homeless(self) -> list[tuple[str, str, str]]:
        """Code, reason and note of what was typed for items that are not on the page any more."""
        placed = {question.category.code for question in self.questions}
        names = {reason.code: reason.name for reason in self.reasons}
        return [
            (code, names.get(answer.reason, answer.reason), answer.note)
            for code, answer in self.answers.items()
            if code not in placed and (answer.reason or answer.note)
        ]


@staff_page
@require_GET
def take_next(request: StaffRequest) -> HttpResponse:
    """Claim the next second look. A GET that writes, like its sister of the ordinary queue."""
    look = second_looks.claim_next(Actor.of(request))
    if look is not None:
        return redirect("review_second", pk=look.pk)
    messages.info(request, _("No second look waits for you now."))
    return redirect("admin:index")


@staff_page
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: StaffRequest, pk: UUID) -> HttpResponse:
    """POST ``version`` and an answer for every item: all at once, then on to the next."""
    if request.method != "POST":
        return _page(request, pk)
    form = SecondLookForm(request.POST)
    try:
        second_looks.answer(Actor.of(request), pk, version=read_form(form)["version"], answers=form.answers)
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        return _page(request, pk, form.answers, refusal)
    messages.success(request, _("Your second look is recorded."))
    return SeeOther(resolve_url("review_second_next"))


def _page(
    request: StaffRequest, pk: UUID, answers: Mapping[str, Answer] | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    found = selectors.second_look_on_screen(request.user, pk)
    if found is None:
        raise Http404
    if rules.why_not_second_reviewer(request.user, found) is not None:
        raise PermissionDenied
    page = SecondLookPage(found, request.user, answers or {}, refusal)
    context = admin_context(request, title=str(page.candidate)) | {"page": page}
    return render(request, "admin/review/second_look.html", context, status=refusal.status if refusal else 200)
