"""The last step of a delivery: a file, an HTTP gateway for SMS, an SMTP server for mail."""

import json
import re
import uuid
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from .enums import Channel
from .models import Delivery

# Seconds. What is sent while a page waits for it gives up sooner.
TIMEOUT = 5
TIMEOUT_AT_ONCE = 2


class GatewayError(Exception):
    """The gateway did not take the message; its text is without the address and the words sent."""


def is_file(channel: str) -> bool:
    """Whether this channel's messages are files on this machine: nobody outside is waited for."""
    return (settings.SMS_BACKEND if channel == Channel.SMS else settings.EMAIL_URL) == "file"


def send(delivery: Delivery, timeout: float = TIMEOUT) -> None:
    """Hand one delivery to its channel's gateway, or raise GatewayError. ``timeout``: seconds without an answer."""
    is_sms = delivery.channel == Channel.SMS
    if is_file(delivery.channel):
        subject = "" if is_sms else f"Subject: {delivery.subject}\n\n"
        _to_file("sms" if is_sms else "mail", delivery, f"{subject}{delivery.text}\n")
    elif is_sms:
        _sms_over_http(delivery, timeout)
    else:
        _mail_over_smtp(delivery, timeout)


def _to_file(folder: str, delivery: Delivery, text: str) -> None:
    """One message a file, {to}-{time}.txt; whole when it appears under that name."""
    outbox = Path(settings.OUTBOX_DIR)
    target = outbox / folder
    moment = timezone.now().strftime("%Y%m%dT%H%M%S.%fZ")
    receiver = re.sub(r"[^A-Za-z0-9@.+_-]", "_", delivery.address)[:100].lstrip(".")
    try:
        outbox.mkdir(parents=True, exist_ok=True, mode=0o700)  # codes are in there
        target.mkdir(exist_ok=True)
        draft = target / f".{uuid.uuid4()}"
        draft.write_text(text, encoding="utf-8")
        draft.rename(target / f"{receiver}-{moment}.txt")
    except OSError as error:
        raise GatewayError(f"outbox folder: {error.strerror}") from error


def _sms_over_http(delivery: Delivery, timeout: float) -> None:
    """POST {"id", "to", "text"} as JSON; any 2xx answer means taken. The id stays the same on a retry."""
    body = json.dumps({"id": delivery.pk, "to": delivery.address, "text": delivery.text}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"}
    try:
        with urlopen(Request(settings.SMS_URL, body, headers), timeout=timeout):
            pass
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "code", None) or getattr(error, "reason", None) or type(error).__name__
        raise GatewayError(f"SMS gateway: {reason}") from error


def _mail_over_smtp(delivery: Delivery, timeout: float) -> None:
    """EMAIL_URL: smtp://user:password@host:587 (STARTTLS), smtps://… (TLS), smtp://host:25?plain."""
    url = urlsplit(settings.EMAIL_URL)
    try:
        connection = get_connection(
            host=url.hostname,
            port=url.port or (465 if url.scheme == "smtps" else 587),
            username=unquote(url.username or ""),
            password=unquote(url.password or ""),
            use_ssl=url.scheme == "smtps",
            use_tls=url.scheme == "smtp" and url.query != "plain",
            timeout=timeout,
        )
        headers = {"Message-ID": f"<delivery-{delivery.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2]}>"}
        EmailMessage(
            delivery.subject, delivery.text, to=[delivery.address], headers=headers, connection=connection
        ).send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        raise GatewayError(f"mail server: {type(error).__name__}") from error
