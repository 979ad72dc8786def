"""Loading a roster: candidates and their applications, all or nothing (docs/product.md, "Regional staff")."""

from dataclasses import dataclass

from django.db import connection, transaction

from candidates.enums import Action
from candidates.models import Candidate, ExamSession
from candidates.roster import Fault, read_roster
from candidates.services.events import Actor, record
from candidates.services.roster import apply_row, create_candidates, plan_roster
from candidates.services.sessions import refuse_published

from ..models import Application
from ..rules import first_stage
from .locking import bump, lock_application

ROSTER_LOCK = 1  # the first key of the advisory lock; the second is the session


@dataclass(frozen=True)
class RosterReport:
    """Counts of rows, and every fault. Something was written only if ``faults`` is empty and it was no dry run."""

    new: int
    changed: int
    same: int
    faults: list[Fault]

    @property
    def refused(self) -> int:
        return len({fault.line for fault in self.faults})


@transaction.atomic
def load_roster(actor: Actor, session: ExamSession, data: bytes, *, dry_run: bool = False) -> RosterReport:
    """Load a roster CSV. With any fault nothing is written; the same file twice changes nothing.

    Raises Refusal when the session is published: what was told to everybody is frozen (rule 9).
    """
    with connection.cursor() as cursor:
        # Two loads of one session take turns; uploads and submissions go on meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ROSTER_LOCK, session.pk])
        # A publication waits for the load, or the load sees it; reviews take the same share lock and go on.
        cursor.execute("SELECT 1 FROM candidates_examsession WHERE id = %s FOR SHARE", [session.pk])
    session.refresh_from_db(fields=["published_at"])
    refuse_published(session)
    sites = {site.code: site for site in session.region.sites.all()}
    roster = read_roster(data, set(sites))
    plan = plan_roster(session, roster.rows, sites)
    faults = sorted([*roster.faults, *plan.faults], key=lambda fault: fault.line)
    report = RosterReport(len(plan.new), len(plan.changed), plan.same, faults)
    if faults or dry_run:
        return report
    create_candidates(session, plan.new, sites)
    open_applications(session)
    for candidate, row, fields in plan.changed:
        held = lock_application(candidate=candidate)
        fresh = held.candidate
        apply_row(fresh, row, sites)
        fresh.save()
        if "site" in fields:
            Application.objects.filter(pk=held.application.pk).update(site=fresh.site)
        bump(held.application)
        record(Action.REGISTRATION_CHANGED, actor, candidate=fresh, fields=fields)
    if plan.new or plan.changed:
        record(Action.ROSTER_LOADED, actor, session=session, new=report.new, changed=report.changed, same=report.same)
    return report


def open_applications(session: ExamSession) -> None:
    """An application, as a draft, for every candidate of the session who has none."""
    waiting = Candidate.objects.filter(session=session, application=None).values_list("pk", "site_id")
    Application.objects.bulk_create(
        (
            Application(candidate_id=pk, session=session, site_id=site_id, stage=first_stage(session))
            for pk, site_id in waiting
        ),
        batch_size=2000,
    )
