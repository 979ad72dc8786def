"""A candidate's address of this app."""

from django.urls import path

from .views import result

urlpatterns = [path("result/", result.show, name="result")]
