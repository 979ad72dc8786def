"""Personal fields: encrypted in the database, found by a keyed hash.

The keys are derived from ``settings.FIELD_KEYS``, newest first, so that a key can be rotated: the
newest encrypts, all of them decrypt. Fernet is the ``cryptography`` package's authenticated recipe.
"""

import base64
import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models


def _derive(secret: str, purpose: bytes) -> bytes:
    """32 bytes for one purpose, so that no two uses share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"exam-portal", info=purpose).derive(secret.encode())


@lru_cache(maxsize=4)
def _cipher(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derive(secret, b"field"))) for secret in secrets])


@lru_cache(maxsize=16)
def _hash_key(secret: str) -> bytes:
    return _derive(secret, b"lookup")


def encrypt(text: str) -> str:
    return _cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    return _cipher(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()


def keyed_hash(text: str) -> str:
    """64 hexadecimal digits that only a holder of the oldest key can compute from ``text``.

    The oldest key, because hashes in the database cannot be rotated without their plain text.
    """
    return hmac.new(_hash_key(settings.FIELD_KEYS[-1]), text.encode(), sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that the database only ever sees encrypted. It cannot be searched: keep a hash beside it."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value
