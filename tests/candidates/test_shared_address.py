"""Ten candidates behind one address, as in a hospital or a telephone network: none is held back for another."""

import pytest
from django.test import Client

from candidates.models import Delivery
from tests import factories
from tests.candidates.by_sms import RESET, SIGN_IN, ask, newest_code, type_code
from tests.materials.pages import file

pytestmark = pytest.mark.django_db
NAT = "198.51.100.7"


@pytest.fixture
def people():
    session = factories.make_session()
    return [(factories.make_candidate(session), Client(REMOTE_ADDR=NAT)) for _ in range(10)]


def sign_in(client, candidate, password):
    return client.post("/login/", {"username": candidate.registration_number, "password": password}).status_code


def test_signing_in_while_some_mistype_and_one_is_held_back(people):
    forgetful = people[:3]
    for candidate, client in forgetful:
        assert [sign_in(client, candidate, "wrong") for _ in range(9)] == [422] * 9
    held_back, browser = people[3]
    assert [sign_in(browser, held_back, "wrong") for _ in range(10)][-1] == 429
    for candidate, client in [*forgetful, *people[4:]]:
        assert sign_in(client, candidate, factories.PASSWORD) == 303
    assert sign_in(browser, held_back, factories.PASSWORD) == 429
    ask(browser, held_back.registration_number, RESET)
    assert type_code(browser, newest_code(), RESET).status_code == 303


def test_codes_for_all_of_them_and_for_who_asks_again(people):
    for door in (SIGN_IN, RESET):
        for candidate, client in people:
            assert ask(client, candidate.registration_number, door).status_code == (303 if door == SIGN_IN else 429)
    assert Delivery.objects.count() == 10
    candidate, client = people[-1]
    assert type_code(client, newest_code(), SIGN_IN).status_code == 303


def test_activation_codes_for_all_of_them():
    session = factories.make_session()
    for _ in range(10):
        candidate, client = factories.make_candidate(session, activated=False), Client(REMOTE_ADDR=NAT)
        sign_in(client, candidate, candidate.plain_id)
        assert client.post("/activate/code/").status_code == 303
    assert Delivery.objects.count() == 10


def test_uploads_are_counted_for_each(people, settings):
    settings.UPLOADS_PER_HOUR = 1
    for seed, (candidate, client) in enumerate(people[:3], start=1):
        sign_in(client, candidate, factories.PASSWORD)
        assert client.post("/materials/EDU/", {"photo": file(seed=seed)}).status_code == 303
        assert client.post("/materials/EDU/", {"photo": file(seed=seed + 20)}).status_code == 429
