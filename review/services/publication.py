"""Publishing a session's results: rehearsed, one act, frozen, withdrawable (docs/product.md, rule 9)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from candidates import dates
from candidates.enums import Action, MessageKind
from candidates.models import ExamSession, Site
from candidates.refusals import Refusal, Stale
from candidates.rules import leads, may_run_session, why_not_recorded
from candidates.services.events import Actor, record
from candidates.services.messages import call_off, tell_session
from candidates.services.sessions import refuse_purged, what_happened
from materials.enums import Stage, Status
from materials.models import Application
from materials.rules import correction_deadline, drafts_count
from materials.selectors import counts_by_state, recounted_by_state
from materials.services.closing import uncounted_drafts

from ..figures import number_of_complete_drafts
from ..models import Proposal, Publication
from ..rules import RESULTS
from ..selectors import unsettled
from .exports import sum_of_list

#: The results in their order, and what still waits for review.
COLUMNS = [*RESULTS.values(), Status.SUBMITTED.value]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of publishing, as a sentence, and what it is about.

    A ``window`` of the session; applications that wait at a ``site`` (its key) and ``stage``; one ``application``;
    or second looks that disagree (``is_disagreement``).
    """

    sentence: Any
    window: str = ""
    site: int | None = None
    stage: str = ""
    application: UUID | None = None
    is_disagreement: bool = False

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass
class PublicationPlan:
    """What publishing would do now: numbers by result and by site, and what stands in the way."""

    counts: dict[str, int]
    #: A site, what its applications count as, and how many.
    by_site: list[tuple[Site, str, int]]
    obstacles: list[Obstacle] = field(default_factory=list)

    @property
    def told(self) -> int:
        return sum(self.counts.values())

    @property
    def sites(self) -> list[tuple[int, str, str, list[int]]]:
        """For a table: key, code and name of each site, and its numbers in the order of COLUMNS."""
        rows: dict[int, tuple[int, str, str, list[int]]] = {}
        for site, result, number in self.by_site:
            row = rows.setdefault(site.pk, (site.pk, site.code, site.name, [0] * len(COLUMNS)))
            row[3][COLUMNS.index(result)] += number
        return list(rows.values())


@dataclass(frozen=True)
class Withdrawal:
    """What withdrawing did: deliveries of the results that will not leave any more, and candidates told of it."""

    publication: Publication
    called_off: int
    told: int


def plan_publication(session: ExamSession, now: datetime | None = None, *, tallied: bool = False) -> PublicationPlan:
    """What publishing would do. Reads only.

    ``tallied``: off the numbers that are kept, for a page, whose act counts again.
    """
    now = now or timezone.now()
    states = counts_by_state([session]) if tallied else recounted_by_state(session)
    sites = Site.objects.in_bulk({entry.site for entry in states})
    counts = dict.fromkeys(RESULTS.values(), 0)
    by_site: list[tuple[Site, str, int]] = []
    obstacles = _window_obstacles(session, now)
    for entry in sorted(states, key=lambda entry: (sites[entry.site].code, entry.status, entry.stage)):
        site, result = sites[entry.site], RESULTS.get(Status(entry.status))
        by_site.append((site, result or Status.SUBMITTED.value, entry.number))
        if result:
            counts[result] += entry.number
        else:
            sentence = format_lazy(
                ngettext_lazy(
                    "{number} application of site {site} waits for review (stage: {stage}). Have it finished.",
                    "{number} applications of site {site} wait for review (stage: {stage}). Have them finished.",
                    entry.number,
                ),
                number=entry.number,
                site=site.code,
                stage=Stage(entry.stage).label,
            )
            obstacles.append(Obstacle(sentence, site=site.pk, stage=entry.stage))
    own = Application.objects.filter(session=session, status=Status.RETURNED, corrections_until__gt=now)
    for application in own.select_related("candidate").order_by("corrections_until")[:100]:
        sentence = format_lazy(
            _("Candidate {number} may still correct until {until}. Wait for it."),
            number=application.candidate.registration_number,
            until=dates.until(correction_deadline(application, session), session.region.time_zone),
        )
        obstacles.append(Obstacle(sentence, application=application.pk))
    if number := _uncounted(session, now, tallied=tallied):
        sentence = _(
            "{number} complete drafts are still to be counted as submitted. Wait a minute, or run run_periodic."
        )
        obstacles.append(Obstacle(format_lazy(sentence, number=number)))
    if not by_site:
        obstacles.append(Obstacle(_("This session has no candidates yet. Load its roster first.")))
    if number := unsettled(session).count():
        sentence = format_lazy(
            ngettext_lazy(
                "{number} second look disagrees with a pass. Settle it.",
                "{number} second looks disagree with a pass. Settle them.",
                number,
            ),
            number=number,
        )
        obstacles.append(Obstacle(sentence, is_disagreement=True))
    return PublicationPlan(counts, by_site, obstacles)


def _uncounted(session: ExamSession, now: datetime, *, tallied: bool) -> int:
    """Drafts that are still to be counted as submitted."""
    if not drafts_count(session, now):
        return 0
    return number_of_complete_drafts(session, now) if tallied else uncounted_drafts(session).count()


def _window_obstacles(session: ExamSession, now: datetime) -> list[Obstacle]:
    windows = {
        "closes_at": _("The upload window is open until {until}. Wait for it, or close it earlier."),
        "corrections_until": _("Corrections are possible until {until}. Wait for it, or set an earlier time."),
    }
    found = [
        Obstacle(format_lazy(text, until=dates.until(getattr(session, name), session.region.time_zone)), window=name)
        for name, text in windows.items()
        if getattr(session, name) > now
    ]
    if session.published_at is not None:
        when = dates.moment(session.published_at, session.region.time_zone)
        found.append(Obstacle(format_lazy(_("Already published on {when}."), when=when)))
    return found


def lock_session(actor: Actor, code: str, version: int | None) -> ExamSession:
    """Wait for every decision under way (they hold a share lock, materials/migrations/0002_guards.py)."""
    session = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(code=code)
    if actor.user is not None and not may_run_session(actor.user, session):
        raise Refusal("role", _("Only the region's staff publish or withdraw results. Ask them."), status=403)
    if version is not None and session.version != version:
        raise Stale(what_happened(session))
    refuse_purged(session)
    return session


@transaction.atomic
def publish_results(actor: Actor, code: str, version: int | None = None) -> Publication:
    """Publish, for the whole session at once, and tell every candidate.

    ``version`` is the session's that a form was made from. Raises Stale; Refusal with all obstacles.
    """
    session = lock_session(actor, code, version)
    if session.two_persons:
        raise Refusal(
            "two_persons", _("This session asks for two persons: one proposes on its page, another confirms there.")
        )
    now = timezone.now()
    return publish(actor, session, now, *what_would_be_published(session, now))


def what_would_be_published(session: ExamSession, now: datetime) -> tuple[dict[str, int], str]:
    """Counts and SHA-256 of the list, of a locked session. Raises Refusal with all obstacles."""
    plan = plan_publication(session, now)
    if plan.obstacles:
        raise Refusal("obstacles", "\n".join(str(obstacle) for obstacle in plan.obstacles))
    return plan.counts, sum_of_list(session, now)


def publish(
    actor: Actor, session: ExamSession, now: datetime, counts: dict[str, int], sha256: str, proposed_by: Any = None
) -> Publication:
    """Publish a locked session, in which nothing stands in the way; ``now``, ``counts``, ``sha256``: as found there."""
    publication = Publication.objects.create(
        session=session,
        number=session.publications.count() + 1,
        published_at=now,
        published_by=actor.user,
        proposed_by=proposed_by,
        counts=counts,
        sha256=sha256,
    )
    Proposal.objects.filter(session=session).delete()
    session.published_at = now
    session.version += 1
    session.save(update_fields=["published_at", "version"])
    tell_session(session, MessageKind.PUBLISHED, _once(publication))
    about: dict[str, Any] = {"record": "examsession", "key": str(session.pk)}
    about |= {"number": publication.number, "sha256": sha256, "counts": counts}
    if proposed_by is not None:
        about["proposed_by"] = proposed_by.username
    record(Action.PUBLISHED, actor, session=session, **about)
    return publication


@transaction.atomic
def withdraw_results(actor: Actor, code: str, reason: str, version: int | None = None) -> Withdrawal:
    """Take a publication back, with a reason that is recorded; results are hidden and reviews can go on.

    Raises Stale, Refusal.
    """
    session = lock_session(actor, code, version)
    if session.two_persons and actor.user is not None and not leads(actor.user):
        sentence = _("Two persons publish this session, so a regional lead or an administrator withdraws it. Ask one.")
        raise Refusal("lead", sentence, status=403)
    if session.published_at is None:
        raise Refusal("not_published", _("The results are not published, so there is nothing to withdraw."))
    if not reason.strip():
        raise Refusal("reason", _("Write the reason: it is recorded with the withdrawal."), status=422)
    if refusal := why_not_recorded(reason):
        raise refusal
    publication = session.publications.get(withdrawn_at=None)
    publication.withdrawn_at, publication.withdrawn_by = timezone.now(), actor.user
    publication.withdrawal_reason = reason
    publication.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    session.published_at = None
    session.version += 1
    session.save(update_fields=["published_at", "version"])
    called_off = call_off(session, MessageKind.PUBLISHED, _once(publication), "the results were withdrawn")
    told = tell_session(session, MessageKind.WITHDRAWN, _once(publication))
    about: dict[str, Any] = {"record": "examsession", "key": str(session.pk)}
    record(Action.WITHDRAWN, actor, session=session, number=publication.number, reason=reason, **about)
    return Withdrawal(publication, called_off, told)


def _once(publication: Publication) -> str:
    """The key under which each candidate is told of it once."""
    return f"publication {publication.number}"
