"""The reviewers' addresses below /admin/ (docs/contract.md, "Addresses")."""

from django.urls import include, path

from .views import queue, review, second_look

urlpatterns = [
    path("review/next/", queue.take_next, name="review_next"),
    path("review/<uuid:pk>/", review.show, name="review_screen"),
    path("review/<uuid:pk>/claim/", queue.claim, name="review_claim"),
    path("review/queue/", queue.narrow, name="review_queue"),
    path("review/<uuid:pk>/release/", queue.release, name="review_release"),
    path("review/<uuid:pk>/skip/", queue.skip, name="review_skip"),
    path("review/<uuid:pk>/leave/", queue.leave, name="review_leave"),
    path("review/<uuid:pk>/beat/", queue.beat, name="review_beat"),
    path("review/<uuid:pk>/ahead/", queue.keep_ahead, name="review_ahead"),
    path("review/<uuid:pk>/photos/<uuid:photo_id>/turn/", review.turn_picture, name="review_turn"),
    path("review/<uuid:pk>/take-over/", queue.take_over, name="review_take_over"),
    path("review/<uuid:pk>/accept-rest/", review.accept_rest, name="review_accept_rest"),
    path("review/<uuid:pk>/items/<slug:code>/", review.give_verdict, name="review_verdict"),
    path("review/<uuid:pk>/finish/", review.finish, name="review_finish"),
    path("review/<uuid:pk>/unlock/<slug:code>/", review.unlock, name="review_unlock"),
    path("review/second/next/", second_look.take_next, name="review_second_next"),
    path("review/second/<uuid:pk>/", second_look.look, name="review_second"),
    path("", include("review.staff_urls")),
]
