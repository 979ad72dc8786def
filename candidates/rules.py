"""Pure decisions about people: what a role may do, whose time it is, what a proper ID number is."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from .enums import Role
from .refusals import Refusal

if TYPE_CHECKING:
    from .models import Candidate, ExamSession, User

#: The portal's own privacy notice; those of a session are numbered from 1.
CONSENT_VERSION = "2026-1"
CODE_LIFETIME = timedelta(minutes=10)
CODE_INTERVAL = timedelta(minutes=1)
CODE_TRIES = 5
# Ten digits, so that a recovery code is typed into the same field as an app's six, on the same keyboard.
RECOVERY_CODES = 10
RECOVERY_CODE_DIGITS = 10
#: Seven digits in one piece; or a mobile or an area's number, or an ID number, in groups.
PERSONAL_NUMBER = r"\d{7}|(?<!\d)(1[3-9]\d|0\d{2,3})[ -]?\d{4}[ -]?\d{3,4}(?!\d)|\d{6} ?\d{4} ?\d{4} ?\d{3}[\dXx]"
# Each one costs an SMS, and is one more guess for somebody who tries them all.
CODES_PER_HOUR = 5
CODES_PER_DAY = 10
# Of those that the sign-in page sends, so many to one account from one address: a stranger elsewhere leaves some.
CODES_PER_HOUR_FROM_HERE = 3
CODES_PER_DAY_FROM_HERE = 5
# From one address to all accounts. Hundreds of candidates may share a hospital's, or a telephone network's.
CODES_PER_HOUR_AND_ADDRESS = 100

_VIEW_RECORDS = {
    "candidates.view_candidate",
    "candidates.view_event",
    "materials.view_application",
    "review.view_decision",
}
_RUN_SESSIONS = {
    "candidates.view_region",
    "candidates.view_site",
    "candidates.change_site",
    "candidates.view_examsession",
    "candidates.add_examsession",
    "candidates.change_examsession",
    "candidates.view_delivery",
    "materials.view_category",
    "materials.change_category",
    "materials.view_reason",
    "materials.add_reason",
    "materials.change_reason",
    "review.view_publication",
}
_MANAGE_ACCOUNTS = {"candidates.view_user", "candidates.add_user", "candidates.change_user"}
REGIONAL_STAFF = (Role.REGION_STAFF, Role.REGION_LEAD)
# The roles that somebody may give to others, and whose accounts they manage. Never one's own, nor one above.
_ROLES_TO_GIVE: dict[str, tuple[Role, ...]] = {
    Role.REGION_LEAD: (Role.SITE_REVIEWER, Role.REGION_REVIEWER, Role.REGION_STAFF),
    Role.ADMINISTRATOR: tuple(role for role in Role if role != Role.CANDIDATE),
}
# What the Django admin lets each role open. Acts have rules of their own (may_review, may_run_session).
ROLE_PERMISSIONS: dict[str, set[str]] = {
    Role.CANDIDATE: set(),
    Role.SITE_REVIEWER: _VIEW_RECORDS,
    Role.REGION_REVIEWER: _VIEW_RECORDS,
    Role.REGION_STAFF: _VIEW_RECORDS | _RUN_SESSIONS,
    Role.REGION_LEAD: _VIEW_RECORDS | _RUN_SESSIONS | _MANAGE_ACCOUNTS,
}
# Records are made by services and never by hand, not even by an administrator.
READ_ONLY = {"candidate", "event", "delivery", "application", "item", "photo", "submission", "decision", "publication"}


def has_permission(user: "User", permission: str) -> bool:
    """Whether the admin lets ``user`` do ``permission`` ("app.verb_model")."""
    if not user.is_active:
        return False
    verb, _, model = permission.rpartition(".")[2].partition("_")
    if verb != "view" and model in READ_ONLY:
        return False
    if user.role == Role.ADMINISTRATOR:
        # Nothing is deleted by hand: what other records name must stay, and accounts are deactivated.
        return verb != "delete"
    return permission in ROLE_PERMISSIONS[user.role]


def may_run_sessions(user: "User") -> bool:
    """Whether there can be sessions that ``user`` runs (may_run_session)."""
    return user.is_active and user.role in (Role.ADMINISTRATOR, *REGIONAL_STAFF)


def may_run_session(user: "User", session: "ExamSession") -> bool:
    """Whether ``user`` may load rosters, set windows, extend, publish and export (regional staff, own region)."""
    if not user.is_active:
        return False
    return user.role == Role.ADMINISTRATOR or (user.role in REGIONAL_STAFF and user.region_id == session.region_id)


def leads(user: "User") -> bool:
    """Whether ``user``, in scope, may do what takes a regional lead."""
    return user.is_active and user.role in (Role.REGION_LEAD, Role.ADMINISTRATOR)


def may_change_for(user: "User", region_id: int | None) -> bool:
    """Whether ``user`` may edit records of this region; None is what every region shares (administrators only)."""
    if not user.is_active:
        return False
    return user.role == Role.ADMINISTRATOR or (
        user.role in REGIONAL_STAFF and region_id is not None and user.region_id == region_id
    )


def may_change_phone(user: "User", candidate: "Candidate") -> bool:
    """Whether ``user`` may correct the candidate's phone number: staff of the site and those who run the session.

    Not region reviewers, whom no candidate comes to see.
    """
    if candidate.erased_at is not None:
        return False
    if user.is_active and user.role == Role.SITE_REVIEWER:
        return user.site_id == candidate.site_id
    return may_run_session(user, candidate.session)


def roles_to_give(user: "User") -> tuple[Role, ...]:
    return _ROLES_TO_GIVE.get(user.role, ()) if user.is_active else ()


def may_manage(user: "User", account: "User") -> bool:
    """Whether an account with this role and place is ``user``'s to make, change and give a new password."""
    if account.role not in roles_to_give(user):
        return False
    return user.role == Role.ADMINISTRATOR or (account.region_id is not None and account.region_id == user.region_id)


def may_remove_second_factor(user: "User", account: "User") -> bool:
    """Whether ``user`` may take a second factor away that somebody lost: of whom they manage, never their own."""
    return account.pk != user.pk and may_manage(user, account)


def why_not_store_account(user: "User", before: "User | None", after: "User") -> Any:
    """Why ``user`` cannot make (``before`` is None) or so change an account of staff, or None."""
    if before is not None and before.pk == user.pk:
        fields = ("role", "region_id", "site_id", "is_active")
        if all(getattr(before, name) == getattr(after, name) for name in fields):
            return None
        return _("Nobody changes their own role or place. Ask somebody else who manages accounts.")
    if all(may_manage(user, account) for account in (before, after) if account is not None):
        return None
    return _("You manage reviewers and regional staff of your own region. Ask an administrator for any other account.")


def why_place_is_wrong(region_id: int | None, site_region_id: int | None) -> Any:
    """Why an account cannot have this region and this site together, or None. Whether it needs them: the database."""
    if site_region_id is None or site_region_id == region_id:
        return None
    return _("This site belongs to another region. Choose a site of the account's region.")


def is_time_zone(name: str) -> bool:
    return name in available_timezones()


def time_zones() -> list[str]:
    """Those that are named by a place, ``Asia/Urumqi``, and not by an offset or an old spelling."""
    continents = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return sorted(name for name in available_timezones() if name.partition("/")[0] in continents and "/" in name)


def is_window_open(session: "ExamSession", now: datetime) -> bool:
    """The upload window; its last instant belongs to it no more."""
    return session.opens_at <= now < session.closes_at


def retained_until(session: "ExamSession") -> datetime:
    """From when the session's personal data may be removed: counted from publication, and without one from its end."""
    return (session.published_at or session.corrections_until) + timedelta(days=session.retention_days)


def must_consent_again(candidate: "Candidate", session: "ExamSession") -> bool:
    """Whether the version of the privacy notice that was agreed to is older than the session accepts."""
    agreed = candidate.consent_version
    return (int(agreed) if agreed.isdecimal() else 0) < session.consent_since


def is_chinese_id_number(text: str) -> bool:
    """GB 11643: 17 digits and a check character (ISO 7064 MOD 11-2), with a date of birth that exists."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    try:
        date.fromisoformat(text[6:14])
    except ValueError:
        return False
    weighted = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(text[:17]))
    return "10X98765432"[weighted % 11] == text[17]


def is_travel_document_number(text: str) -> bool:
    """Passports and travel permits: 5 to 18 capital letters and digits, with at least one digit."""
    return re.fullmatch(r"(?=.*[0-9])[A-Z0-9]{5,18}", text) is not None


def plain(text: str) -> str:
    """A number as it was meant: ordinary characters for full-width ones, no spaces, nothing invisible.

    Chinese keyboards type full-width letters and digits, and what is copied from a message brings
    zero-width characters along.
    """
    return "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if not character.isspace() and unicodedata.category(character) != "Cf"
    )


def spellings_of(username: str) -> list[str]:
    """The user names that somebody who typed this may mean, the likeliest first: as typed, plain, in capitals."""
    return list(dict.fromkeys([username, plain(username), plain(username).upper()]))


def is_code(text: str) -> bool:
    """Whether this can be a one-time code at all; what cannot costs no try."""
    return re.fullmatch(r"[0-9]{6}", text) is not None


def is_recovery_code(text: str) -> bool:
    return re.fullmatch(rf"[0-9]{{{RECOVERY_CODE_DIGITS}}}", text) is not None


def network_of(address: str | None) -> str | None:
    """What limits by address count as one: an IPv4 address, however it is written; of IPv6 the /64.

    Whoever has an IPv6 connection has at least 2^64 addresses, and could take a new one for every try.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return None
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed.packed, 64), strict=False).network_address)


def code_too_soon() -> Refusal:
    return Refusal(
        "code_too_soon",
        _("A code was asked for less than a minute ago. Wait for it, or ask for another one in a minute."),
        status=429,
    )


def why_no_code_now(asked: Sequence[tuple[datetime, str | None]], address: str | None, now: datetime) -> Refusal | None:
    """Why nobody may ask for a code for this number now, or None.

    ``asked``: when, and from which address, codes were asked for at the sign-in page with this number within a day,
    whether it is a candidate's or not. Addresses are those of ``network_of``.
    """
    ages = [now - at for at, _from in asked]
    here = [now - at for at, origin in asked if origin == address]
    hour = timedelta(hours=1)
    if any(age < CODE_INTERVAL for age in ages):
        return code_too_soon()
    if len(ages) >= CODES_PER_DAY or len(here) >= CODES_PER_DAY_FROM_HERE:
        return Refusal(
            "code_too_many",
            _(
                "Too many codes were asked for with this number today. Sign in with your password, or ask again "
                "tomorrow. If none arrives, let your exam site check the phone number."
            ),
            status=429,
        )
    recent = [age for age in here if age < hour]
    if sum(age < hour for age in ages) >= CODES_PER_HOUR or len(recent) >= CODES_PER_HOUR_FROM_HERE:
        return Refusal(
            "code_too_many",
            _(
                "Too many codes were asked for with this number within an hour. Type the one from the newest SMS, sign "
                "in with your password, or ask again in an hour. If none arrives, let your exam site check the phone "
                "number."
            ),
            status=429,
        )
    return None


def is_public_host(host: str, allowed: Sequence[str]) -> bool:
    """Whether an SMS may name this host: one that the operator named, and no address or wildcard."""
    return host in allowed and re.fullmatch(r"([a-z0-9-]+\.)+[a-z][a-z0-9-]*", host) is not None


def is_phone(text: str) -> bool:
    return re.fullmatch(r"\+?[0-9]{6,15}", text) is not None


def why_not_password(password: str, id_number: str) -> Any:
    """Why the candidate with this ID number may not have this password, or None; the rest: Django's validators."""
    if clean_id_number(password) == id_number:
        return _("Choose a password that is not your ID number: others know it too.")
    return None


def clean_id_number(text: str) -> str:
    """As it is stored and compared: ``plain``, in capital letters."""
    return plain(text).upper()


def has_personal_number(text: str) -> bool:
    """Whether there is what may be an ID number or a telephone number in it. Dates and times pass."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return re.search(PERSONAL_NUMBER, text) is not None


def why_not_recorded(text: str, field: str = "reason") -> Refusal | None:
    """Why what staff typed cannot become part of an event, which stays when personal data are removed, or None."""
    if not has_personal_number(text):
        return None
    return Refusal(field, _("Write the reason without phone and ID numbers: it is recorded for good."), status=422)


def mask_id_number(text: str) -> str:
    """For screens: first three and last two characters, e.g. 110*************2X."""
    return text if len(text) < 8 else text[:3] + "*" * (len(text) - 5) + text[-2:]


def mask_phone(text: str) -> str:
    """For screens: 138****0001."""
    return text[:3] + "****" + text[-4:] if len(text) >= 8 else "****" if text else ""
