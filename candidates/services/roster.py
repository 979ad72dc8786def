"""Writing a roster's rows, batch by batch. All or nothing, and what follows for applications: materials/services."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from ..encryption import keyed_hash, keyed_hashes
from ..enums import Role
from ..models import Candidate, ExamSession, Site, User
from ..roster import Fault, Row

FACTS = ("name", "phone", "email", "track", "level")


# Every column of a candidate that a roster writes.
ROSTER_FIELDS = (*FACTS, "id_number", "id_number_hash", "site", "flags", "version")


@dataclass(frozen=True)
class Change:
    """A row that says something new of a stored candidate, and the names of the fields that differ."""

    candidate_id: int
    row: Row
    fields: list[str]


@dataclass
class Plan:
    """What a batch of rows would do, row by row decided and nothing written yet."""

    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    # Registration numbers whose phone stays as staff corrected it, though the row has another.
    phones_kept: list[str] = field(default_factory=list)


def plan_rows(session: ExamSession, rows: list[Row], sites: dict[str, Site]) -> Plan:
    """Compare a batch of rows with what is stored."""
    plan = Plan()
    hashes = {row.registration_number: keyed_hashes(row.id_number) for row in rows}
    # The ID number is compared by its hash: what need not be decrypted is left where it is.
    found = Candidate.objects.defer("id_number").filter(registration_number__in=hashes)
    stored = {candidate.registration_number: candidate for candidate in found}
    accounts = User.objects.filter(username__in=hashes).exclude(role=Role.CANDIDATE)
    taken = set(accounts.values_list("username", flat=True))
    every = [one for several in hashes.values() for one in several]
    people = dict(
        Candidate.objects.filter(session=session, id_number_hash__in=every).values_list(
            "id_number_hash", "registration_number"
        )
    )
    for row in rows:
        number = row.registration_number
        candidate = stored.get(number)
        if number in taken:
            plan.faults.append(
                Fault(row.line, "registration_number", number, _("Is the user name of an account of staff."))
            )
        elif candidate and candidate.session_id != session.pk:
            plan.faults.append(Fault(row.line, "registration_number", number, _("Is taken in another session.")))
        elif any(people.get(one, number) != number for one in hashes[number]):
            plan.faults.append(
                Fault(row.line, "id_number", row.id_number, _("This person is registered under another number."))
            )
        elif candidate is None:
            plan.new.append(row)
        elif changed := _changed_fields(candidate, row, hashes[number], sites):
            plan.changed.append(Change(candidate.pk, row, changed))
        else:
            plan.same += 1
        if candidate is not None and _keeps_phone(candidate, row):
            plan.phones_kept.append(number)
    return plan


def _keeps_phone(candidate: Candidate, row: Row) -> bool:
    """Whether staff corrected the phone and the row says another: the roster's is likelier to be the old one."""
    return candidate.phone_corrected_at is not None and candidate.phone != row.phone


def _facts_of(candidate: Candidate, row: Row) -> list[str]:
    return [name for name in FACTS if name != "phone" or not _keeps_phone(candidate, row)]


def _changed_fields(candidate: Candidate, row: Row, hashes: list[str], sites: dict[str, Site]) -> list[str]:
    changed = [name for name in _facts_of(candidate, row) if getattr(candidate, name) != getattr(row, name)]
    if candidate.id_number_hash not in hashes:
        changed.append("id_number")
    if candidate.site_id != sites[row.site].pk:
        changed.append("site")
    if sorted(candidate.flags) != list(row.flags):
        changed.append("flags")
    return changed


def apply_row(candidate: Candidate, row: Row, sites: dict[str, Site]) -> None:
    """Make the candidate what the row says; not saved."""
    for name in _facts_of(candidate, row):
        setattr(candidate, name, getattr(row, name))
    candidate.id_number = row.id_number
    candidate.id_number_hash = keyed_hash(row.id_number)
    candidate.site = sites[row.site]
    candidate.flags = list(row.flags)
    candidate.version += 1


def create_candidates(session: ExamSession, rows: list[Row], sites: dict[str, Site]) -> list[Candidate]:
    """Accounts without a password (the ID number opens activation only) and their candidates."""
    # One for the batch: making it takes 40 random characters, and nobody can sign in with any.
    unusable = make_password(None)
    users = User.objects.bulk_create(
        User(username=row.registration_number, role=Role.CANDIDATE, password=unusable) for row in rows
    )
    candidates = []
    for user, row in zip(users, rows, strict=True):
        candidate = Candidate(user=user, session=session, registration_number=row.registration_number, version=0)
        apply_row(candidate, row, sites)
        candidates.append(candidate)
    return Candidate.objects.bulk_create(candidates)
