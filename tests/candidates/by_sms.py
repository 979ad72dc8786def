"""Asking for codes at the sign-in page, as a browser does, and reading the SMS."""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client

from candidates.models import Delivery, OneTimeCode

SIGN_IN, RESET = "/login/sms/", "/password/forgotten/"
NEW_PASSWORD = "a-quiet-harbour-77"


def ask(client: Client, number: str, door: str = SIGN_IN, **more: str) -> HttpResponse:
    return client.post(door, {"username": number, **more})


def texts() -> list[str]:
    """Of the codes that wait to be sent, the newest first; nothing is committed in these tests."""
    return [delivery.text for delivery in Delivery.objects.filter(message=None).order_by("-pk")]


def newest_code() -> str:
    return re.search(r"\b\d{6}\b", texts()[0]).group()


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def type_code(client: Client, code: str, door: str = SIGN_IN, **more: str) -> HttpResponse:
    given = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD} if door == RESET else {}
    return client.post(f"{door}code/", {"code": code, **given, **more})


def error_of(answer: HttpResponse) -> str:
    found = re.search(r'data-error="(\w+)"', answer.content.decode())
    return found[1] if found else ""


def let_pass(**ago: int) -> None:
    """Make every code that was asked for so much older."""
    for code in OneTimeCode.objects.all():
        code.sent_at -= timedelta(**ago)
        code.save()
