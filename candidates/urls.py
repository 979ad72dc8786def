"""Candidates' own addresses (docs/contract.md, "Addresses"), and the password of staff."""

from django.contrib import admin
from django.urls import path

from .views import activation, front, notices, password, privacy, registration, signing

urlpatterns = [
    path("", front.home, name="home"),
    path("login/", signing.sign_in, name="login"),
    path("logout/", signing.sign_out, name="logout"),
    path("activate/", activation.activate, name="activate"),
    path("activate/code/", activation.send_code, name="activation_code"),
    path("notice/", privacy.notice, name="notice"),
    path("registration/", registration.show, name="registration"),
    path("messages/", notices.show, name="messages"),
    path("messages/read/", notices.mark_read, name="messages_read"),
    # Before the Django admin's own page of this address.
    path("admin/password_change/", admin.site.admin_view(password.change_own), name="own_password"),
]
