"""The settings as they are in production, read from a process that starts so."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
HOST = "exam.example"
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://portal:secret@db.example/portal?sslmode=verify-full",
    "SECRET_KEY": "Tq7vX2mPz9LwK4sB8nHcR1yJ6dFgA3eU5iOxCtVbNkMlQaZwSr",
    "ALLOWED_HOSTS": HOST,
    "SMS_BACKEND": "http",
    "SMS_URL": "https://sms.example/send",
    "SMS_TOKEN": "token",
    "EMAIL_URL": "smtps://mail.example",
}
#: What differs from the demonstration and can be set on a test's settings.
NAMES = (
    "ALLOWED_HOSTS", "IS_PRODUCTION", "STAFF_SECOND_FACTOR", "SECURE_PROXY_SSL_HEADER", "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_SSL_REDIRECT", "SECURE_REDIRECT_EXEMPT",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME",
    "LANGUAGE_COOKIE_NAME", "MESSAGE_COOKIE_NAME",
)  # fmt: skip


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A Python of ours with production's environment and nothing of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PORTAL_DATA_DIR")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**kept, **ENVIRONMENT, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def production_settings() -> dict[str, Any]:
    program = f"import json, exam_portal.settings as s; print(json.dumps({{n: getattr(s, n) for n in {NAMES!r}}}))"
    done = run("-c", program)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
