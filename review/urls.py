"""A candidate's addresses of this app."""

from django.urls import path

from .views import result, timeline

urlpatterns = [
    path("result/", result.show, name="result"),
    path("timeline/", timeline.show, name="timeline"),
]
