"""``/metrics``: who may read it, and what it says (docs/operations.md, "What to watch")."""

from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from candidates.enums import Action, DeliveryStatus
from candidates.models import Delivery
from candidates.services.events import OPERATOR, record
from candidates.services.seals import seal_events
from tests import factories
from tests.materials.pages import file
from tests.pictures import document, encoded

pytestmark = pytest.mark.django_db
TOKEN = {"authorization": f"Bearer {portal_settings.METRICS_TOKEN}"}


def said() -> dict[tuple[str, ...], float]:
    answer = Client().get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("token", "is_production", "address", "header", "status"),
    [
        ("t" * 32, True, "203.0.113.9", "Bearer " + "t" * 32, 200),
        ("t" * 32, True, "127.0.0.1", "Bearer " + "t" * 31, 404),
        ("t" * 32, True, "127.0.0.1", "Basic " + "t" * 32, 404),
        ("t" * 32, False, "127.0.0.1", None, 404),
        ("", True, "127.0.0.1", None, 404),
        ("", True, "127.0.0.1", "Bearer ", 404),
        ("", False, "127.0.0.1", None, 200),
        ("", False, "203.0.113.9", None, 404),
        ("", False, "203.0.113.9", "Bearer ", 404),
    ],
)
def test_who_may_read_it(client, settings, token, is_production, address, header, status):
    settings.METRICS_TOKEN, settings.IS_PRODUCTION = token, is_production
    answer = client.get("/metrics", headers={"authorization": header} if header else {}, REMOTE_ADDR=address)
    assert answer.status_code == status
    assert (b"portal_" in answer.content) == (status == 200)


def test_it_is_asked_for_by_address_and_without_tls(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/metrics", headers=TOKEN, HTTP_HOST="10.0.0.7:8000").status_code == 200
    assert client.post("/metrics", headers=TOKEN).status_code == 405


def test_requests_by_view_and_status_without_anything_that_was_sent(client):
    before = said()
    candidate = factories.submitted().candidate
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    client.get("/materials/EDU/")
    client.get("/nothing/110101199003074258/")
    client.generic("BREW", "/login/")
    client.get("/healthz", headers={"x-request-id": "SECRET-0000"})
    after = said()
    new = {key: value - before.get(key, 0) for key, value in after.items() if key[0] == "portal_requests_total"}
    # Labels come in alphabetical order: method, status, view. What is asked for by address has no view.
    assert {key[1:]: value for key, value in new.items() if value} == {
        ("GET", "200", "category"): 1,
        ("GET", "404", "none"): 1,
        ("other", "405", "login"): 1,
        ("GET", "200", "none"): 2,
    }
    assert after["portal_request_seconds_count", "category"] >= 1
    assert not any(personal in repr(after) for personal in ("110101", "SECRET", candidate.registration_number))


def test_uploads_by_what_became_of_them(settings):
    client = Client()
    client.force_login(factories.draft().candidate.user, backend="candidates.backends.AccountBackend")
    before = said()
    client.post("/materials/EDU/", {"photo": [file(encoded(document())), file(b"nothing like it")]})
    settings.BODY_MAX_BYTES = 1000
    client.post("/materials/EDU/", {"photo": file(b"x" * 1001)})
    after = said()
    for outcome in ("taken", "format", "too_large"):
        key = ("portal_uploads_total", outcome)
        assert after[key] - before.get(key, 0) == 1, outcome


def test_what_waits():
    none = said()
    application = factories.submitted()
    before, now = said(), timezone.now()
    assert before["portal_applications_waiting", application.stage] == 1
    assert none["portal_applications_waiting", application.stage] == 0
    for status, error in ((DeliveryStatus.WAITING, ""), (DeliveryStatus.FAILED, "away"), (DeliveryStatus.SENT, "")):
        Delivery.objects.create(
            candidate=application.candidate,
            session=application.session,
            channel="sms",
            status=status,
            error=error,
            next_attempt_at=now - timedelta(hours=2),
        )
    after = said()
    for status in ("waiting", "failed"):
        assert after["portal_deliveries", status] - before["portal_deliveries", status] == 1, status
    assert 7200 <= after["portal_delivery_longest_wait_seconds",] < 7300
    assert after["portal_disk_free_bytes",] > 0


@pytest.mark.django_db(transaction=True)
def test_events_that_are_not_sealed():
    record(Action.COMMAND_RUN, OPERATOR, command="first")
    seal_events()
    assert said()["portal_events_unsealed",] == 0
    for name in ("second", "third"):
        record(Action.COMMAND_RUN, OPERATOR, command=name)
    assert said()["portal_events_unsealed",] == 2


def test_a_database_that_is_away_is_said_so_and_all_else_with_it(monkeypatch):
    assert said()["portal_database_up",] == 1

    def broken():
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", broken)
    monkeypatch.setattr("exam_portal.metrics.transaction.atomic", lambda: connection.cursor())
    away = said()
    assert away["portal_database_up",] == 0
    assert ("portal_deliveries", "waiting") not in away
    assert away["portal_disk_free_bytes",] > 0
