"""What is submitted is what was checked (docs/product.md, rule 10)."""

import re

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def application():
    application = factories.draft()
    factories.fill(application)
    return application


@pytest.fixture
def client(application):
    client = Client()
    client.force_login(application.candidate.user, backend="candidates.backends.AccountBackend")
    return client


def checked(client: Client) -> str:
    return re.search(r'name="checked" value="(\w+)"', client.get("/materials/submit/").content.decode())[1]


def test_what_was_checked_is_submitted(client):
    assert client.post("/materials/submit/", {"checked": checked(client)}).status_code == 303


def test_a_picture_added_on_another_device_meanwhile_is_shown_first(client, application):
    seen = checked(client)
    factories.make_photo(application, "EDU")

    answer = client.post("/materials/submit/", {"checked": seen})

    assert answer.status_code == 409
    application.refresh_from_db()
    assert application.status == "draft"
    assert client.post("/materials/submit/", {"checked": checked(client)}).status_code == 303


def test_pressing_twice_leads_to_the_same_receipt(client):
    seen = checked(client)
    first = client.post("/materials/submit/", {"checked": seen})

    assert client.post("/materials/submit/", {"checked": seen})["Location"] == first["Location"]


def test_a_form_without_the_field_submits_what_is_there(client):
    assert client.post("/materials/submit/").status_code == 303
