"""Candidates' own addresses (docs/contract.md, "Addresses"), and the password and second factor of staff."""

from django.contrib import admin
from django.urls import path

from .enums import CodePurpose
from .views import activation, by_sms, front, notices, password, privacy, second_factor, signing

SIGN_IN, RESET = {"purpose": CodePurpose.SIGN_IN}, {"purpose": CodePurpose.RESET}

urlpatterns = [
    path("", front.home, name="home"),
    path("login/", signing.sign_in, name="login"),
    path("login/sms/", by_sms.ask, SIGN_IN, name="sms_sign_in"),
    path("login/sms/code/", by_sms.use, SIGN_IN, name="sms_sign_in_code"),
    path("logout/", signing.sign_out, name="logout"),
    path("activate/", activation.activate, name="activate"),
    path("activate/code/", activation.send_code, name="activation_code"),
    path("notice/", privacy.notice, name="notice"),
    path("password/", password.change_candidates_own, name="password"),
    path("password/forgotten/", by_sms.ask, RESET, name="password_forgotten"),
    path("password/forgotten/code/", by_sms.use, RESET, name="password_forgotten_code"),
    path("messages/", notices.show, name="messages"),
    path("messages/read/", notices.mark_read, name="messages_read"),
    # Before the Django admin's own page of this address.
    path("admin/password_change/", admin.site.admin_view(password.change_own), name="own_password"),
    path("admin/second-factor/", second_factor.enter, name="second_factor"),
    path("admin/second-factor/own/", second_factor.own, name="second_factor_own"),
]
