from django.contrib import admin

from .models import Candidate, Category, Photo, Site, Submission

admin.site.register([Site, Category])


@admin.register(Candidate)
class CandidateAdmin(admin.ModelAdmin):
    list_display = ["registration_number", "name", "site", "track", "level"]
    list_filter = ["site", "track", "level"]
    search_fields = ["registration_number", "name"]
    raw_id_fields = ["user"]


class PhotoInline(admin.TabularInline):
    model = Photo
    extra = 0


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin):
    list_display = ["candidate", "candidate__site", "status", "submitted_at", "decided_at", "reviewer"]
    list_filter = ["status", "candidate__site"]
    # In favour of this project: many would leave these two out, and have a query for every row and a choice of all
    # candidates on every page.
    list_select_related = ["candidate__site", "reviewer"]
    raw_id_fields = ["candidate", "reviewer"]
    search_fields = ["candidate__registration_number", "candidate__name"]
    inlines = [PhotoInline]
