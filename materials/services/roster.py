"""Loading a roster: candidates and their applications, all or nothing (docs/product.md, "Regional staff")."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import SEEK_END
from itertools import islice
from typing import IO

from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession, Site
from candidates.refusals import Refusal
from candidates.roster import Fault, Row, read_roster
from candidates.services.events import Actor, make_event, record
from candidates.services.roster import ROSTER_FIELDS, Change, Plan, apply_row, create_candidates, plan_rows
from candidates.services.sessions import refuse_published

from ..models import Application
from ..rules import first_stage

ROSTER_LOCK = 1  # the first key of the advisory lock; the second is the session
CHECKING = 25  # percent of a load that checking takes, about; the rest is writing


BATCH = 2000
KEPT_NAMED = 50
CHANGES_NAMED = 500
Progress = Callable[[int], None]


@dataclass
class RosterReport:
    """Counts of rows, and every fault. Something was written only if ``faults`` is empty and it was no dry run.

    ``fields``: in how many of the changed rows each column says something new. ``changes``: the first of these rows.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    # Registration numbers whose phone stays as staff corrected it, though the roster has another.
    phones_kept: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len({fault.line for fault in self.faults})


def phones_kept_sentence(numbers: Sequence[str]) -> str:
    """What to tell whoever loads a roster; empty when there is nothing to tell."""
    if not numbers:
        return ""
    sentence = ngettext(
        "%(count)s phone number stays as staff corrected it, though the roster has another: %(numbers)s. Where the "
        "roster is right, change it on the candidate's page.",
        "%(count)s phone numbers stay as staff corrected them, though the roster has others: %(numbers)s. Where the "
        "roster is right, change them on the candidates' pages.",
        len(numbers),
    )
    named = ", ".join(numbers[:KEPT_NAMED]) + (" …" if len(numbers) > KEPT_NAMED else "")
    return sentence % {"count": len(numbers), "numbers": named}


def load_roster(
    actor: Actor, session: ExamSession, file: IO[bytes], *, dry_run: bool = False, progress: Progress | None = None
) -> RosterReport:
    """Load a roster CSV. With any fault nothing is written; the same file twice changes nothing.

    The file is read twice, once to check all of it and once to write, so that memory holds a batch of
    rows and not the file. ``progress`` is told again and again how much is done, in percent.
    Raises Refusal when the session is published: what was told to everybody is frozen (rule 9).
    """
    try:
        with transaction.atomic():
            return _load(actor, session, file, dry_run=dry_run, progress=progress or (lambda percent: None))
    except IntegrityError as error:
        raise _overtaken() from error


def _overtaken() -> Refusal:
    return Refusal(
        "roster", _("Another roster with some of these numbers was loaded at the same moment. Check this one again.")
    )


def _load(actor: Actor, session: ExamSession, file: IO[bytes], *, dry_run: bool, progress: Progress) -> RosterReport:
    with connection.cursor() as cursor:
        # Two loads of one session take turns; uploads and submissions go on meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROSTER_LOCK, session.pk])
        # A publication waits for the load, or the load sees it; reviews take the same share lock and go on.
        cursor.execute("SELECT 1 FROM candidates_examsession WHERE id = %s FOR SHARE", [session.pk])
    session.refresh_from_db(fields=["published_at"])
    refuse_published(session)
    sites = {site.code: site for site in session.region.sites.all()}
    share = 100 if dry_run else CHECKING
    report = RosterReport()
    for plan in _plans(session, file, sites, lambda part: progress(int(part * share))):
        report.new += len(plan.new)
        report.changed += len(plan.changed)
        report.same += plan.same
        report.fields.update(column for change in plan.changed for column in change.fields)
        report.faults += plan.faults
        report.phones_kept += plan.phones_kept
        report.changes += plan.changed[: CHANGES_NAMED - len(report.changes)]
    report.faults.sort(key=lambda fault: fault.line)
    if report.faults or dry_run or not (report.new or report.changed):
        return report
    for plan in _plans(session, file, sites, lambda part: progress(CHECKING + int(part * (100 - CHECKING)))):
        if plan.faults:  # nothing was wrong a moment ago
            raise _overtaken()
        open_applications(session, create_candidates(session, plan.new, sites))
        if plan.changed:
            _change(actor, session, plan.changed, sites)
    facts = {"new": report.new, "changed": report.changed, "same": report.same}
    kept = {"phones_kept": len(report.phones_kept)} if report.phones_kept else {}
    record(Action.ROSTER_LOADED, actor, session=session, **facts, **kept)
    return report


def _plans(
    session: ExamSession, file: IO[bytes], sites: dict[str, Site], progress: Callable[[float], None]
) -> Iterator[Plan]:
    """What the file says batch by batch, its faults among it. ``progress`` is told the share that was read."""
    size = file.seek(0, SEEK_END)
    lines = read_roster(file, set(sites))
    while batch := list(islice(lines, BATCH)):
        plan = plan_rows(session, [line for line in batch if isinstance(line, Row)], sites)
        plan.faults += [line for line in batch if isinstance(line, Fault)]
        yield plan
        progress(file.tell() / max(size, 1))


def _change(actor: Actor, session: ExamSession, changes: list[Change], sites: dict[str, Site]) -> None:
    """Store a batch of changed rows: applications locked first, then candidates, each in the order of their keys."""
    pks = [change.candidate_id for change in changes]
    applications = Application.objects.filter(candidate__in=pks)
    list(applications.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    locked = Candidate.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    candidates = {candidate.pk: candidate for candidate in locked.filter(pk__in=pks)}
    events = []
    for change in changes:
        candidate = candidates[change.candidate_id]
        candidate.session = session
        apply_row(candidate, change.row, sites)
        events.append(make_event(Action.REGISTRATION_CHANGED, actor, candidate=candidate, fields=change.fields))
    # Only what a roster says: an activation that committed a moment ago must stay.
    Candidate.objects.bulk_update(candidates.values(), ROSTER_FIELDS, batch_size=500)
    theirs = Candidate.objects.filter(pk=OuterRef("candidate")).values("site")
    applications.update(site=Subquery(theirs), version=F("version") + 1)
    Event.objects.bulk_create(events)


def open_applications(session: ExamSession, candidates: Iterable[Candidate]) -> None:
    """An application, as a draft, for each of these new candidates."""
    stage = first_stage(session)
    Application.objects.bulk_create(
        Application(candidate=candidate, session=session, site_id=candidate.site_id, stage=stage)
        for candidate in candidates
    )
