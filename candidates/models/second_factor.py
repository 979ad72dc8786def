"""What proves that a staff member who knows the password is also who holds a thing: a phone's app, or a paper.

The rows are django-otp's. What a code is made from, and the recovery codes, need a key that is not in the database
(candidates/encryption.py): who reads the tables alone can make no code.
"""

from base64 import b32encode
from binascii import unhexlify
from typing import Any

from django.utils.functional import cached_property
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ..encryption import keyed_hashes

# Seconds without a try double with each wrong code, up to 512: a stranger who knows the password has then 170 tries a
# day at three of a million codes, and whoever the account belongs to is never held back for longer.
MOST_FAILURES = 10
TOKEN_LENGTH = 16


class Authenticator(TOTPDevice):
    """An app that shows six digits, new every 30 seconds. What is in ``key`` is only half of what they come from."""

    class Meta:
        proxy = True

    def throttle_increment(self, commit: bool = True) -> None:
        _cap_failures(self)
        super().throttle_increment(commit)

    @cached_property
    def bin_key(self) -> bytes:
        """What codes are made from: as the newest key has it, or the one that the code of ``verify_token`` is of."""
        return self._keys()[0]

    def verify_token(self, token: str) -> bool:
        """Also of an app that was set up before the newest key of FIELD_KEYS was added."""
        for key in self._keys():
            code = TOTP(key, self.step, self.t0, self.digits)
            if token.isdecimal() and code.verify(int(token), self.tolerance):
                self.bin_key = key
                break
        verified: bool = super().verify_token(token)
        return verified

    def _keys(self) -> list[bytes]:
        return [unhexlify(key)[:20] for key in keyed_hashes(f"authenticator:{self.user_id}:{self.key}")]

    @property
    def secret(self) -> str:
        """What an app is told, as people type it: base 32, without padding."""
        return b32encode(self.bin_key).decode()


class RecoveryCodes(StaticDevice):
    """Codes on paper for the day when the phone is not there, each for one time; kept as keyed hashes."""

    class Meta:
        proxy = True

    def throttle_increment(self, commit: bool = True) -> None:
        _cap_failures(self)
        super().throttle_increment(commit)

    def verify_token(self, token: str) -> bool:
        hashes = self._hashes_of(token)
        kept = self.token_set.filter(token__in=hashes).values_list("token", flat=True).first()
        verified: bool = super().verify_token(kept or hashes[0])
        return verified

    def replace(self, codes: list[str]) -> None:
        """From now on these and no others."""
        self.token_set.all().delete()
        StaticToken.objects.bulk_create(StaticToken(device=self, token=self._hashes_of(code)[0]) for code in codes)

    @property
    def number_left(self) -> int:
        number: int = self.token_set.count()
        return number

    def _hashes_of(self, code: str) -> list[str]:
        return [made[:TOKEN_LENGTH] for made in keyed_hashes(f"recovery:{self.user_id}:{code}")]


def _cap_failures(device: Any) -> None:
    """django-otp's throttle would go on doubling for years."""
    device.throttling_failure_count = min(device.throttling_failure_count, MOST_FAILURES - 1)
