"""The reviewers' addresses below /admin/ (docs/contract.md, "Addresses")."""

from django.urls import include, path

from .views import review

urlpatterns = [
    path("review/next/", review.take_next, name="review_next"),
    path("review/<uuid:pk>/", review.show, name="review_screen"),
    path("review/<uuid:pk>/claim/", review.claim, name="review_claim"),
    path("review/<uuid:pk>/release/", review.release, name="review_release"),
    path("review/<uuid:pk>/items/<slug:code>/", review.give_verdict, name="review_verdict"),
    path("review/<uuid:pk>/finish/", review.finish, name="review_finish"),
    path("review/<uuid:pk>/unlock/<slug:code>/", review.unlock, name="review_unlock"),
    path("", include("review.staff_urls")),
]
