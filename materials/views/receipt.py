"""The receipt of a submission, for the screen and for paper."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page
from candidates.rules import mask_id_number

from ..models import Application, Category, Submission
from ..selectors import live_photos


@require_safe
@candidate_page
def show(request: CandidateRequest, number: int) -> HttpResponse:
    candidate = request.candidate
    application = Application.objects.get(candidate=candidate)
    application.candidate = candidate
    submission = Submission.objects.filter(application=application, number=number).first()
    if submission is None:
        raise Http404
    submission.application = application
    context = {
        "application": application,
        "submission": submission,
        "is_newest": submission.number == application.rounds,
        "id_number": mask_id_number(candidate.id_number),
        "entries": _entries(submission),
    }
    return render(request, "materials/receipt.html", context)


def _entries(submission: Submission) -> list[dict]:
    """The manifest with its categories' names; pictures replaced since come without their thumbnail."""
    named = {category.code: category for category in Category.objects.filter(session=submission.application.session_id)}
    there = {
        str(pk) for pk in live_photos().filter(item__application=submission.application).values_list("pk", flat=True)
    }
    return [
        {
            "category": named.get(entry["item"], entry["item"]),
            "code": entry["item"],
            "not_applicable": entry["not_applicable"],
            "reply": entry["reply"],
            "photos": [photo | {"is_there": photo["photo"] in there} for photo in entry["photos"]],
        }
        for entry in submission.manifest
        if entry["photos"] or entry["not_applicable"] or entry["reply"]
    ]
