"""``/healthz`` and ``/readyz`` (docs/contract.md, "Addresses")."""

import pytest
from django.core.files.storage import storages
from django.db import OperationalError, connection

from exam_portal import errors


def test_alive_asks_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["status"]) == (200, "alive")


@pytest.mark.django_db
def test_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "failing": []})


@pytest.mark.django_db
def test_names_the_store_that_fails(client, monkeypatch):
    def broken(self):
        raise OSError

    monkeypatch.setattr(type(storages["photos"]), "probe", broken)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["store"])


@pytest.mark.django_db
def test_names_the_database_that_fails(client, monkeypatch):
    def broken():
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", broken)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (503, ["database"])


@pytest.mark.django_db
def test_a_database_that_is_away_is_a_503_page(client, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("candidates.views.front.open_sessions", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "暂无响应" in answer.content.decode()


@pytest.mark.django_db
def test_any_other_fault_is_a_500_page(client, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("candidates.views.front.open_sessions", broken)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500
    assert "系统出了问题" in answer.content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_error_pages_need_neither_database_nor_request(status):
    page = errors.error_page(status)
    assert page.status_code == status
    assert page.content.decode().count("<h1>") == 1
