"""The receipt of a submission: for the screen, for paper, and as a PDF."""

import logging

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from candidates.access import CandidateRequest, candidate_page

from ..models import Application
from ..receipts.contents import Receipt, about_sums, how_to_check, read_receipt
from ..receipts.pdf import read_thumbs, receipt_pdf
from ..receipts.proof import Proof, proof_of
from ..rules import shown_status
from ..selectors import submission_of
from .faults import store_failed

logger = logging.getLogger(__name__)


@require_safe
@candidate_page
def show(request: CandidateRequest, number: int) -> HttpResponse:
    receipt = _receipt(request, number)
    application = receipt.submission.application
    context = {
        "application": application,
        "receipt": receipt,
        "proof": _proof(request, receipt),
        "status": shown_status(application, request.candidate.session),
        "about_sums": about_sums(),
        "how_to_check": how_to_check(),
    }
    return render(request, "materials/receipt.html", context)


@require_safe
@candidate_page
def download(request: CandidateRequest, number: int) -> HttpResponse:
    """The PDF, in the visitor's language."""
    receipt = _receipt(request, number)
    try:
        thumbs = read_thumbs(receipt)
    except Exception:  # whatever a store raises
        logger.exception("the store did not give the thumbnails of receipt %s", receipt.number)
        return store_failed()
    headers = {
        "Content-Disposition": content_disposition_header(True, f"receipt-{receipt.number}.pdf"),
        "Cache-Control": "private, no-store",
    }
    pdf = receipt_pdf(receipt, _proof(request, receipt), thumbs)
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _receipt(request: CandidateRequest, number: int) -> Receipt:
    application = Application.objects.get(candidate=request.candidate)
    application.candidate = request.candidate
    submission = submission_of(application, number)
    if submission is None:
        raise Http404
    return read_receipt(submission)


def _proof(request: CandidateRequest, receipt: Receipt) -> Proof:
    return proof_of(receipt.number, request.build_absolute_uri(reverse("receipt_check")))
