"""Whether a receipt is genuine, for anyone who holds it. Nothing here says who handed in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from candidates.rules import spellings_of

from ..forms import ReceiptCheckForm
from ..models import Submission
from ..receipts.codes import is_genuine
from ..receipts.contents import facts_for_anyone
from ..selectors import submission_by_receipt


@login_not_required
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """One answer to every kind of wrong."""
    form = ReceiptCheckForm(request.GET or None)
    context: dict[str, object] = {"form": form, "is_asked": form.is_valid()}
    if form.is_valid():
        submission = _proved(form.cleaned_data["number"], form.cleaned_data["code"])
        if submission is not None:
            context |= {
                "facts": facts_for_anyone(submission),
                "is_newest": submission.number == submission.application.rounds,
                "newest": submission.application.rounds,
            }
    return render(request, "materials/receipt_check.html", context)


def _proved(number: str, code: str) -> Submission | None:
    """The submission of a receipt whose code is right.

    Nothing is looked up before it was found right, so that neither the answer nor its time tells which numbers exist.
    """
    right = [spelling for spelling in spellings_of(number) if is_genuine(spelling, code)]
    return submission_by_receipt(right[0]) if right else None
