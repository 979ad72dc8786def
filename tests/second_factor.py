"""Staff with a second factor: an app that is set up, and what it shows at a moment."""

import time
from typing import Any

from django.test import Client
from django_otp.oath import TOTP

from candidates.models import Authenticator, RecoveryCodes, User
from tests import factories

STEP = 30


def code_of(app: Authenticator, *, steps: int = 0, at: float | None = None) -> str:
    """What the app shows ``steps`` times 30 seconds from ``at`` (from now)."""
    totp = TOTP(app.bin_key, app.step, app.t0, app.digits)
    totp.time = (time.time() if at is None else at) + steps * STEP
    return f"{totp.token():06}"


def set_up(user: User, codes: list[str] | None = None) -> Authenticator:
    """Give the account an app, and recovery codes, as if set up some time ago."""
    app = Authenticator.objects.create(user=user, name="app")
    RecoveryCodes.objects.create(user=user, name="paper").replace(codes or ["0123456789", "9876543210"])
    return app


def with_password(user: User, client: Client | None = None, **more: Any) -> Client:
    """A browser in which the password was given, and nothing else yet."""
    client = client or Client()
    answer = client.post("/admin/login/", {"username": user.username, "password": factories.PASSWORD, **more})
    assert answer.status_code == 302
    return client


def with_both(user: User, app: Authenticator) -> Client:
    client = with_password(user)
    answer = client.post("/admin/second-factor/", {"code": code_of(app)})
    assert answer.status_code == 303
    return client
