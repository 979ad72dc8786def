"""Gateways that hang, answer garbage or fail as nobody foresaw: the queue goes on, pages do not wait."""

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction

from candidates import gateways
from candidates.enums import Channel, CodePurpose, MessageKind
from candidates.models import Delivery
from candidates.services.messages import send_sms_code, send_waiting, tell
from tests import factories

SECRETS = ("13800000001", "some words")


@pytest.fixture
def gateway(settings) -> Iterator[Callable[[bytes | None], list[bytes]]]:
    """Start an SMS gateway that answers every request with these bytes, or with None never; returns the requests."""
    server = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def start(answer: bytes | None) -> list[bytes]:
        requests: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                    requests.append(connection.recv(65536))
                except OSError:
                    return
                if answer is None:
                    open_ones.append(connection)
                    continue
                connection.sendall(answer)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        settings.SMS_BACKEND, settings.SMS_TOKEN = "http", "token"
        settings.SMS_URL = f"http://127.0.0.1:{server.getsockname()[1]}/"
        return requests

    yield start
    for connection in (server, *open_ones):
        connection.close()


def waiting(channel: Channel = Channel.SMS) -> Delivery:
    candidate = factories.make_candidate()
    return Delivery.objects.create(
        candidate=candidate,
        session=candidate.session,
        channel=channel,
        address=SECRETS[0],
        subject="s",
        text=SECRETS[1],
    )


def assert_failed_once(delivery: Delivery, log: str) -> None:
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("waiting", 1)
    assert delivery.error
    assert f"delivery {delivery.pk} failed" in log
    for secret in SECRETS:
        assert secret not in delivery.error + log


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer", [b"GARBAGE NOT HTTP\r\n\r\n", b"", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 500 x\r\n\r\n"]
)
def test_garbage_is_a_failed_attempt(gateway, caplog, answer):
    gateway(answer)
    delivery = waiting()

    assert send_waiting() == (0, 1)

    assert_failed_once(delivery, caplog.text)


@pytest.mark.django_db
def test_garbage_is_an_error_of_the_gateway(gateway):
    gateway(b"GARBAGE NOT HTTP\r\n\r\n")

    with pytest.raises(gateways.GatewayError, match="BadStatusLine"):
        gateways.send(waiting())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["smtp://mail.example:99999", f"smtp://{'x' * 64}.example"])
def test_a_mail_server_that_cannot_be_is_a_failed_attempt(settings, caplog, address):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # tests have another
    settings.EMAIL_URL = address
    delivery = waiting(Channel.MAIL)

    assert send_waiting() == (0, 1)

    assert_failed_once(delivery, caplog.text)


@pytest.mark.django_db
def test_what_nobody_foresaw_stops_neither_the_sender_nor_the_next_delivery(settings, caplog, monkeypatch, tmp_path):
    settings.OUTBOX_DIR = tmp_path
    bad, good = waiting(), waiting()
    send = gateways.send

    def fail_for_one(delivery, timeout):
        if delivery.pk == bad.pk:
            raise RuntimeError(f"could not send {delivery.text} to {delivery.address}")
        send(delivery, timeout)

    monkeypatch.setattr(gateways, "send", fail_for_one)

    assert send_waiting() == (1, 1)

    assert_failed_once(bad, caplog.text)
    good.refresh_from_db()
    assert good.status == "sent"


@pytest.mark.django_db(transaction=True)
def test_a_page_does_not_wait_for_a_gateway(gateway, settings):
    requests = gateway(None)
    settings.EMAIL_URL = settings.SMS_URL.replace("http", "smtp")
    candidate = factories.make_candidate(email="someone@example.com")
    begun = time.monotonic()

    with transaction.atomic():
        tell(candidate, MessageKind.PUBLISHED)

    assert time.monotonic() - begun < 1
    assert requests == []
    assert Delivery.objects.filter(status="waiting", attempts=0).count() == 2


@pytest.mark.django_db(transaction=True)
def test_only_the_channel_that_is_a_file_is_served_at_once(gateway, settings, tmp_path):
    settings.OUTBOX_DIR = tmp_path
    gateway(None)
    candidate = factories.make_candidate(email="someone@example.com")

    with transaction.atomic():
        tell(candidate, MessageKind.PUBLISHED)

    assert dict(Delivery.objects.values_list("channel", "status")) == {"sms": "waiting", "mail": "sent"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"GARBAGE"])
def test_a_code_for_somebody_who_is_not_signed_in_leaves_beside_the_request(gateway, answer):
    requests = gateway(answer)
    candidate = factories.make_candidate()

    with transaction.atomic():
        send_sms_code(candidate, "123456", CodePurpose.SIGN_IN)
    for thread in threading.enumerate():
        if thread.name == "send-sms":
            thread.join()

    assert len(requests) == 1
    assert Delivery.objects.get().status == ("waiting" if answer == b"GARBAGE" else "sent")


@pytest.mark.django_db(transaction=True)
def test_a_code_is_sent_at_once_and_given_up_soon(gateway, monkeypatch):
    requests = gateway(None)
    monkeypatch.setattr(gateways, "TIMEOUT", 30)
    candidate = factories.make_candidate(activated=False)
    begun = time.monotonic()

    with transaction.atomic():
        send_sms_code(candidate, "123456")

    assert time.monotonic() - begun < gateways.TIMEOUT_AT_ONCE + 1
    assert len(requests) == 1
    assert Delivery.objects.get().attempts == 1
