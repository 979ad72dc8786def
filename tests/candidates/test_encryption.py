"""Personal fields: unreadable in the database, found by a keyed hash, keys that rotate (docs/quality.md, 26)."""

import base64

import pytest
from cryptography.fernet import InvalidToken
from django.db import connection

from candidates.encryption import decrypt, decrypt_all, encrypt, is_hash_of, keyed_hash
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
    assert keyed_hash("secret") != hashed
    assert is_hash_of(hashed, "secret")
    assert is_hash_of(keyed_hash("secret"), "secret")
    assert not is_hash_of(hashed, "Secret")
    newer = encrypt("secret")
    settings.FIELD_KEYS = ["old"]
    with pytest.raises(InvalidToken):
        decrypt(newer)


TEXTS = ["110101199001010015", "11010119900101001X", "E1234567", "1" * 15, "1" * 16, "张三丰的证件", "x" * 300, "a"]


def tokens(texts) -> list[bytes]:
    return [encrypt(text).encode() if text else b"" for text in texts]


def test_many_at_once_are_what_each_alone_is(settings):
    assert decrypt_all(tokens(TEXTS)) == TEXTS
    assert decrypt_all([]) == []
    assert decrypt_all(tokens(["", *TEXTS, ""])) == ["", *TEXTS, ""]
    settings.FIELD_KEYS = ["old"]
    old = tokens(TEXTS)
    settings.FIELD_KEYS = ["new", "old"]
    assert decrypt_all(old + tokens(TEXTS)) == TEXTS * 2


@pytest.mark.parametrize("place", [0, 1, 12, 30, 50, -1, -20, -33])
def test_one_forged_token_among_many_is_refused(settings, place):
    good = tokens(TEXTS)
    data = bytearray(base64.urlsafe_b64decode(good[0]))
    data[place] ^= 1
    forged = base64.urlsafe_b64encode(data)

    for bad in (forged, good[0][:-8], b"gAAA", b"no token"):
        with pytest.raises(InvalidToken):
            decrypt_all([*good[1:], bad, good[0]])
    settings.FIELD_KEYS = ["another"]
    with pytest.raises(InvalidToken):
        decrypt_all(good)


def test_the_hash_needs_the_key(settings):
    settings.FIELD_KEYS = ["one"]
    first = keyed_hash("110101199001010010")
    settings.FIELD_KEYS = ["other"]

    assert keyed_hash("110101199001010010") != first
