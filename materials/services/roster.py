"""Loading a roster: candidates and their applications, all or nothing (docs/product.md, "Regional staff")."""

from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action
from candidates.models import Candidate, Event, ExamSession, Site
from candidates.refusals import Refusal
from candidates.roster import Fault, read_roster
from candidates.services.events import Actor, make_event, record
from candidates.services.roster import BATCH, ROSTER_FIELDS, Change, apply_row, create_candidates, plan_roster
from candidates.services.sessions import refuse_published

from ..models import Application
from ..rules import first_stage

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


def load_roster(actor: Actor, session: ExamSession, data: bytes, *, dry_run: bool = False) -> RosterReport:
    """Load a roster CSV. With any fault nothing is written; the same file twice changes nothing.

    Raises Refusal when the session is published: what was told to everybody is frozen (rule 9).
    """
    try:
        with transaction.atomic():
            return _load(actor, session, data, dry_run=dry_run)
    except IntegrityError as error:
        raise Refusal(
            "roster",
            _("Another roster with some of these numbers was loaded at the same moment. Check this one again."),
        ) from error


def _load(actor: Actor, session: ExamSession, data: bytes, *, dry_run: bool) -> RosterReport:
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
    for start in range(0, len(plan.changed), BATCH):
        _change(actor, session, plan.changed[start : start + BATCH], sites)
    if plan.new or plan.changed:
        record(Action.ROSTER_LOADED, actor, session=session, new=report.new, changed=report.changed, same=report.same)
    return report


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
