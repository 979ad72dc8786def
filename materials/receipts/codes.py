"""The check code of a receipt: 80 bits that only this portal can compute from the receipt's number.

Nothing is stored. Keys are those of personal fields (candidates/encryption.py), which stay as long as the records do:
a receipt made with an older key still checks.
"""

from base64 import b32encode
from hmac import compare_digest
from typing import Final

from candidates.encryption import macs
from candidates.rules import plain

_BYTES: Final = 10
# Crockford's alphabet, for people who type: no I, L, O, U, and what looks like a digit is read as one.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TO_ALPHABET: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
_AS_MEANT: Final = str.maketrans("OIL", "011")


def check_code(receipt_number: str) -> str:
    """In groups of four, as it is printed: 7Q4M-0X2E-…"""
    code = _codes(receipt_number)[0]
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def is_genuine(receipt_number: str, code: str) -> bool:
    """Whether this code, as somebody typed it, is the one of that number. Every wrong one takes the same time."""
    typed = "".join(c for c in plain(code).upper() if c.isascii() and c.isalnum()).translate(_AS_MEANT).encode()
    # With every key, whichever fits.
    fits = [compare_digest(typed, right.encode()) for right in _codes(receipt_number)]
    return True in fits


def _codes(receipt_number: str) -> list[str]:
    return [b32encode(mac[:_BYTES]).decode().translate(_TO_ALPHABET) for mac in macs(receipt_number, b"receipt")]
