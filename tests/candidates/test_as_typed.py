"""Numbers and codes as phones and keyboards bring them: full-width, in small letters, with what nobody sees."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from candidates.models import OneTimeCode
from candidates.rules import CODE_TRIES, clean_id_number
from tests import factories

pytestmark = pytest.mark.django_db


def wide(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


ODD = {
    "full-width": wide,
    "small": str.lower,
    "spaces": lambda text: f" {text[:3]}\u3000{text[3:]} ",
    "zero-width": lambda text: f"\u200b{text}\u2060",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_number_and_id_number(odd):
    candidate = factories.make_candidate(activated=False)
    number, id_number = candidate.registration_number, candidate.plain_id
    assert clean_id_number(odd(id_number)) == id_number
    for username, password in ((odd(number), id_number), (number, odd(id_number))):
        answer = Client().post("/login/", {"username": username, "password": password})
        assert (answer.status_code, answer.get("Location")) == (303, "/activate/")


def test_no_spelling_brings_new_tries(client):
    number = factories.make_candidate().registration_number
    for spelling in [number, *(odd(number) for odd in ODD.values())] * 2:
        answer = client.post("/login/", {"username": spelling, "password": "wrong"})
    assert answer.status_code == 429
    assert client.post("/login/", {"username": number, "password": factories.PASSWORD}).status_code == 429


def test_what_was_typed_as_a_name_is_not_kept(client):
    candidate = factories.make_candidate()
    client.post("/login/", {"username": candidate.plain_id, "password": "x"})
    kept = AccessAttempt.objects.get()
    assert candidate.plain_id not in f"{kept.username}{kept.post_data}{kept.get_data}"


def test_a_right_password_still_forgets_the_failures(client):
    number = factories.make_candidate().registration_number
    client.post("/login/", {"username": number, "password": "wrong"})
    assert AccessAttempt.objects.count() == 1
    client.post("/login/", {"username": wide(number), "password": factories.PASSWORD})
    assert AccessAttempt.objects.count() == 0


def fields(code: str) -> dict[str, str]:
    return {"code": code, "password1": "a-quiet-harbour-77", "password2": "a-quiet-harbour-77", "consent": "on"}


@pytest.fixture
def code(client, monkeypatch):
    """Sent to a candidate who is signed in to activate."""
    candidate = factories.make_candidate(activated=False)
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    monkeypatch.setattr("candidates.services.codes.secrets.randbelow", lambda most: 123456)
    client.post("/activate/code/")
    return "123456"


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_code(client, code, odd):
    assert client.post("/activate/", fields(odd(code))).status_code == 303


@pytest.mark.parametrize("typed", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "②③④⑤⑥x"])
def test_what_cannot_be_a_code_costs_no_try(client, code, typed):
    for _ in range(CODE_TRIES + 1):
        assert client.post("/activate/", fields(typed)).status_code == 422
    assert OneTimeCode.objects.get().tries == 0
