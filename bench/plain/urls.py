from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import path

from . import views

urlpatterns = [
    path("login/", LoginView.as_view(), name="login"),
    path("photos/", views.my_photos, name="my_photos"),
    path("next/", views.next_submission, name="next"),
    path("results.csv", views.results, name="results"),
    path("admin/", admin.site.urls),
]
