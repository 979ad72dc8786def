"""The addresses of regional staff below /admin/ (docs/contract.md, "Addresses")."""

from django.urls import path

from .views.staff import (
    circulars,
    deliveries,
    disagreements,
    erasure,
    export,
    extension,
    notice,
    phone,
    preview,
    progress,
    publication,
    reviews,
    roster,
    setup,
)

urlpatterns = [
    path("export/", export.choose_session, name="export_session"),
    path("export/results.csv", export.results, {"kind": "csv"}, name="export_results"),
    path("export/results.xlsx", export.results, {"kind": "xlsx"}, name="export_workbook"),
    path("sessions/<slug:code>/setup/", setup.show, name="staff_setup"),
    path("sessions/<slug:code>/notice/", notice.edit, name="staff_notice"),
    path("sessions/<slug:code>/preview/", preview.choose, name="staff_preview"),
    path("sessions/<slug:code>/preview/<slug:facts>/<path:rest>", preview.show, name="staff_preview_page"),
    path("sessions/<slug:code>/roster/", roster.load, name="staff_roster"),
    path("sessions/<slug:code>/publish/", publication.publish, name="staff_publish"),
    path("sessions/<slug:code>/withdraw/", publication.withdraw, name="staff_withdraw"),
    path("sessions/<slug:code>/progress/", progress.show, name="staff_progress"),
    path("sessions/<slug:code>/messages/", deliveries.show, name="staff_messages"),
    path("sessions/<slug:code>/messages/new/", circulars.compose, name="staff_circular"),
    path("sessions/<slug:code>/reviews/", reviews.show, name="staff_reviews"),
    path("sessions/<slug:code>/disagreements/", disagreements.settle, name="staff_disagreements"),
    path("sessions/<slug:code>/export/", export.choose, name="staff_export"),
    path("candidates/<int:pk>/phone/", phone.change, name="staff_phone"),
    path("candidates/<int:pk>/erase/", erasure.erase, name="staff_erasure"),
    path("applications/<uuid:pk>/extension/", extension.extend, name="staff_extension"),
]
