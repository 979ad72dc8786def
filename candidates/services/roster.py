"""Writing a roster's rows: all or nothing. What follows from it for applications: materials/services/roster.py."""

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from ..encryption import keyed_hash
from ..enums import Role
from ..models import Candidate, ExamSession, Site, User
from ..roster import Fault, Row

BATCH = 2000
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
    """What a roster would do, line by line decided and nothing written yet."""

    new: list[Row] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)


def plan_roster(session: ExamSession, rows: list[Row], sites: dict[str, Site]) -> Plan:
    """Compare the rows with what is stored."""
    plan = Plan()
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        numbers = [row.registration_number for row in batch]
        stored = {c.registration_number: c for c in Candidate.objects.filter(registration_number__in=numbers)}
        taken = set(
            User.objects.filter(username__in=numbers).exclude(role=Role.CANDIDATE).values_list("username", flat=True)
        )
        hashes = {keyed_hash(row.id_number): row for row in batch}
        people = dict(
            Candidate.objects.filter(session=session, id_number_hash__in=hashes).values_list(
                "id_number_hash", "registration_number"
            )
        )
        for row in batch:
            number = row.registration_number
            owner = people.get(keyed_hash(row.id_number), number)
            candidate = stored.get(number)
            if number in taken:
                reason = _("Is the user name of an account of staff.")
                plan.faults.append(Fault(row.line, "registration_number", number, reason))
            elif candidate and candidate.session_id != session.pk:
                plan.faults.append(Fault(row.line, "registration_number", number, _("Is taken in another session.")))
            elif owner != number:
                plan.faults.append(
                    Fault(row.line, "id_number", row.id_number, _("This person is registered under another number."))
                )
            elif candidate is None:
                plan.new.append(row)
            elif changed := _changed_fields(candidate, row, sites):
                plan.changed.append(Change(candidate.pk, row, changed))
            else:
                plan.same += 1
    return plan


def _changed_fields(candidate: Candidate, row: Row, sites: dict[str, Site]) -> list[str]:
    changed = [name for name in FACTS if getattr(candidate, name) != getattr(row, name)]
    if candidate.id_number != row.id_number:
        changed.append("id_number")
    if candidate.site_id != sites[row.site].pk:
        changed.append("site")
    if sorted(candidate.flags) != list(row.flags):
        changed.append("flags")
    return changed


def apply_row(candidate: Candidate, row: Row, sites: dict[str, Site]) -> None:
    """Make the candidate what the row says; not saved."""
    for name in FACTS:
        setattr(candidate, name, getattr(row, name))
    candidate.id_number = row.id_number
    candidate.id_number_hash = keyed_hash(row.id_number)
    candidate.site = sites[row.site]
    candidate.flags = list(row.flags)
    candidate.version += 1


def create_candidates(session: ExamSession, rows: list[Row], sites: dict[str, Site]) -> None:
    """Accounts without a password (the ID number opens activation only) and their candidates."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        users = User.objects.bulk_create(
            User(username=row.registration_number, role=Role.CANDIDATE, password=make_password(None)) for row in batch
        )
        candidates = []
        for user, row in zip(users, batch, strict=True):
            candidate = Candidate(user=user, session=session, registration_number=row.registration_number, version=0)
            apply_row(candidate, row, sites)
            candidates.append(candidate)
        Candidate.objects.bulk_create(candidates)
