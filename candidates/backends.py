"""Signing in: one backend for both doors; which door an account may use is the views' affair."""

from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from .encryption import is_hash_of, keyed_hash, keyed_hashes
from .enums import Role
from .models import Candidate, User
from .rules import clean_id_number, has_permission, network_of, plain
from .selectors import account_named


class AccountBackend:
    """Password, or before activation the ID number (docs/contract.md, ``/login/``).

    Known and unknown, activated or not: each answer costs one password hash, so that its time
    tells nothing.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None or "\0" in username:
            return None
        user = account_named(username)
        if user is None:
            make_password(password)
            return None
        if user.role == Role.CANDIDATE and not user.has_usable_password():
            make_password(password)
            candidate = Candidate.objects.only("id_number_hash", "activated_at").get(user=user)
            is_theirs = is_hash_of(candidate.id_number_hash, clean_id_number(password))
            correct = candidate.activated_at is None and is_theirs
        else:
            correct = check_password(password, user.password, setter=lambda raw: _upgrade(user, raw))
        return user if correct and user.is_active else None

    def has_perm(self, user: User, perm: str) -> bool:
        return has_permission(user, perm)

    def get_user(self, user_id: int) -> User | None:
        """The account of a request's session; none when it was deactivated meanwhile."""
        return User.objects.select_related("region", "site__region").filter(pk=user_id, is_active=True).first()


def attempt_key(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """What django-axes counts failures under instead of the typed user name, which may be an ID number.

    The same for every spelling that ``AccountBackend`` takes for one account: none brings new tries.
    """
    username = (credentials or request.POST).get("username")
    return keyed_hash(_attempts_of(str(username))) if username else None


def attempt_keys(username: str) -> list[str]:
    """All that attempts at this account may be counted under."""
    return keyed_hashes(_attempts_of(username))


def _attempts_of(username: str) -> str:
    return f"sign-in:{plain(username).upper()}"


def attempt_address(request: HttpRequest) -> str | None:
    """What django-axes counts failures under instead of the whole address."""
    return network_of(request.META.get("REMOTE_ADDR"))


def _upgrade(user: User, raw_password: str) -> None:
    """Store the password with today's work factor."""
    user.set_password(raw_password)
    user.save(update_fields=["password"])
