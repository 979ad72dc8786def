import csv

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from .forms import PhotoForm
from .models import Submission


@login_required
def my_photos(request):
    submission = get_object_or_404(Submission, candidate__user=request.user)
    form = PhotoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        form.instance.submission = submission
        form.save()
        return redirect("my_photos")
    photos = submission.photos.select_related("category").order_by("category__code", "pk")
    return render(request, "plain/my_photos.html", {"submission": submission, "photos": photos, "form": form})


@staff_member_required
@transaction.atomic
def next_submission(request):
    waiting = Submission.objects.filter(status=Submission.Status.SUBMITTED, reviewer=None).order_by("submitted_at")
    submission = waiting.select_for_update(skip_locked=True).first()
    if submission is None:
        raise Http404
    submission.reviewer = request.user
    submission.save()
    return redirect("admin:plain_submission_change", submission.pk)


@staff_member_required
def results(request):
    response = HttpResponse(content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="results.csv"'
    writer = csv.writer(response)
    writer.writerow(["registration_number", "name", "id_number", "site", "track", "level", "status", "submitted_at",
                     "decided_at", "reviewer", "opinion"])  # fmt: skip
    for submission in Submission.objects.select_related("candidate__site", "reviewer").order_by("candidate"):
        candidate = submission.candidate
        writer.writerow(
            [
                candidate.registration_number,
                candidate.name,
                candidate.id_number,
                candidate.site.code,
                candidate.track,
                candidate.level,
                submission.status,
                submission.submitted_at,
                submission.decided_at,
                submission.reviewer,
                submission.opinion,
            ]
        )
    return response
