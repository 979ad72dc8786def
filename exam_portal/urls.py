"""The root of all addresses (docs/contract.md, "Addresses")."""

from django.contrib import admin
from django.urls import include, path

from exam_portal import errors, health, language, metrics

urlpatterns = [
    path("", include("candidates.urls")),
    path("", include("materials.urls")),
    path("", include("review.urls")),
    path("i18n/setlang/", language.switch, name="set_language"),
    path("healthz", health.alive, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("readyz", health.ready, name="readyz"),
    path("admin/", include("review.admin_urls")),
    path("admin/", admin.site.urls),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
