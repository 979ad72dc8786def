"""Personal fields: unreadable in the database, found by a keyed hash, keys that rotate (docs/quality.md, 26)."""

import pytest
from cryptography.fernet import InvalidToken
from django.db import connection

from candidates.encryption import decrypt, encrypt, keyed_hash
from candidates.models import Candidate
from tests import factories


@pytest.mark.django_db
def test_the_database_never_sees_id_number_phone_or_mail():
    candidate = factories.make_candidate(phone="13912345678", email="someone@example.com")

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM candidates_candidate")
        row = " ".join(map(str, cursor.fetchone()))

    for personal in (candidate.plain_id, "13912345678", "someone@example.com"):
        assert personal not in row
    again = Candidate.objects.get()
    assert (again.id_number, again.phone, again.email) == (candidate.plain_id, "13912345678", "someone@example.com")


def test_a_new_key_encrypts_and_the_old_one_still_decrypts(settings):
    settings.FIELD_KEYS = ["old"]
    token, hashed = encrypt("secret"), keyed_hash("secret")

    settings.FIELD_KEYS = ["new", "old"]

    assert decrypt(token) == "secret"
    assert keyed_hash("secret") == hashed
    newer = encrypt("secret")
    settings.FIELD_KEYS = ["old"]
    with pytest.raises(InvalidToken):
        decrypt(newer)


def test_the_hash_needs_the_key(settings):
    settings.FIELD_KEYS = ["one"]
    first = keyed_hash("110101199001010010")
    settings.FIELD_KEYS = ["other"]

    assert keyed_hash("110101199001010010") != first
