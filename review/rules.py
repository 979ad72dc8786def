"""Pure decisions about judging (docs/product.md, rules 5 to 10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from candidates import dates
from candidates.enums import Role
from candidates.models import ExamSession, User
from candidates.refusals import Refusal
from candidates.rules import has_personal_number, leads, why_not_recorded
from materials.enums import Stage, Status, Turn, Verdict
from materials.models import Application, Category, Item, Reason
from materials.rules import correction_deadline, days_after_return, last_stage

from .enums import Opinion, Outcome
from .models import Proposal, SecondLook

CLAIM_LIFETIME = timedelta(minutes=15)
#: A page that was left may be on its way back: reloaded, or by the browser's own button.
LEAVING_LIFETIME = timedelta(seconds=30)
SKIP_LIFETIME = timedelta(hours=1)
#: The documents that say who somebody is: name and ID number must be the same on them.
IDENTITY_DOCUMENTS = frozenset({"ID", "IDHOLD", "IDCHG", "HMT"})
#: One form for all items, with nothing on the way that would renew it.
SECOND_LOOK_LIFETIME = timedelta(minutes=30)
#: A proposal to publish that nobody confirmed.
PROPOSAL_LIFETIME = timedelta(days=1)
NOTE_LENGTH = 2000
#: Of a message to a list; several SMS at most.
TITLE_LENGTH, TEXT_LENGTH = 60, 500
PUBLISHED = _("The results are published. Withdraw the publication before anything is changed.")

# What a published result says (rule 9). Drafts and returned applications are not judgements.
RESULTS = {
    Status.PASSED: "passed",
    Status.REJECTED: "rejected",
    Status.DRAFT: "not_submitted",
    Status.RETURNED: "not_corrected",
}
RESULT_LABELS = {
    "passed": _("Passed"),
    "rejected": _("Rejected"),
    "not_submitted": _("Not submitted"),
    "not_corrected": _("Not corrected in time"),
}
# The list of a publication has a sum that anybody can recompute (services/exports.py, sum_of_list).
HOW_TO_CHECK = _(
    "Export the whole session as CSV with codes as headers, and compare what “sha256sum %(file)s” says with this sum."
)


def stages_of(user: User) -> list[str]:
    """The stages at which this account decides."""
    return {
        Role.SITE_REVIEWER: [Stage.SITE.value],
        Role.REGION_REVIEWER: [Stage.REGION.value],
        Role.ADMINISTRATOR: [Stage.SITE.value, Stage.REGION.value],
    }.get(Role(user.role), [])


def why_no_reviewer(user: User) -> Refusal | None:
    """Whether this account reviews at all."""
    if stages_of(user):
        return None
    return Refusal("role", _("Your account does not review. Ask an administrator if it should."), status=403)


def why_not_reviewer(user: User, application: Application) -> Refusal | None:
    """Whether this stage is the user's to decide. Scope was settled by the query that found the application."""
    if application.stage in stages_of(user):
        return None
    refusal = why_no_reviewer(user)
    if refusal is not None:
        return refusal
    if application.stage == Stage.REGION:
        return Refusal("stage", _("This application is with the region now; its reviewers decide."))
    return Refusal("stage", _("This application is still with its site; the region's turn comes after it."))


def why_not_take_over(user: User) -> Refusal | None:
    if user.role == Role.ADMINISTRATOR:
        return None
    return Refusal(
        "role", _("Only an administrator can take over what somebody else is reviewing. Ask one."), status=403
    )


def why_not_under_review(application: Application, session: ExamSession) -> Refusal | None:
    if session.published_at is not None:
        return Refusal("published", PUBLISHED)
    if application.status == Status.SUBMITTED:
        return None
    return Refusal(
        "state",
        format_lazy(
            _("This application is not waiting for review; it is “{status}”. Take the next one."),
            status=application.get_status_display(),
        ),
    )


def why_not_told(titles: Sequence[str], texts: Sequence[str]) -> Refusal | None:
    """Why these words may not go to a list of candidates; each in Chinese and in English."""
    if not all(text.strip() for text in (*titles, *texts)):
        return Refusal("empty", _("Write title and text in Chinese and in English."), status=422)
    if max(map(len, titles)) > TITLE_LENGTH or max(map(len, texts)) > TEXT_LENGTH:
        sentence = _("Too long: a title has at most {title} characters, a text {text}. Shorten it.")
        return Refusal("long", format_lazy(sentence, title=TITLE_LENGTH, text=TEXT_LENGTH), status=422)
    if any(has_personal_number(text) for text in (*titles, *texts)):
        sentence = _(
            "There is an ID number, a telephone number or another long number in it. Take it out: this goes to many "
            "people by SMS and mail, and where to ask is on every candidate’s page."
        )
        return Refusal("personal", sentence, status=422)
    return None


def waits_for_verdict(item: Item, application: Application) -> bool:
    """Whether an item under review still needs a verdict of this stage. ``item`` carries ``photo_list``."""
    is_judged = item.verdict != Verdict.PENDING and item.verdict_stage == application.stage
    return application.status == Status.SUBMITTED and bool(item.photo_list) and not is_judged


def next_to_judge(items: Sequence[Item], application: Application, after: str) -> Item | None:
    """Where to go on: the next item behind the one with code ``after`` that waits, or else one before it."""
    codes = [item.category.code for item in items]
    here = codes.index(after) + 1 if after in codes else 0
    in_turn = [*items[here:], *items[:here]]
    return next((item for item in in_turn if waits_for_verdict(item, application)), None)


def why_not_finish(
    outcome: Outcome,
    application: Application,
    session: ExamSession,
    items: Sequence[Item],
    *,
    has_reason: bool,
    note: str,
    now: datetime,
) -> Refusal | None:
    """What stands in the way of this outcome (rules 6 and 8). ``items`` carry ``photo_list``."""
    if outcome == Outcome.PASS:
        return _why_not_pass(items)
    if outcome == Outcome.RETURN:
        if not any(item.verdict == Verdict.CHANGE_REQUESTED for item in items):
            return Refusal(
                "nothing_requested",
                _("Returning needs at least one change asked for. Ask for a change with a reason first."),
                status=422,
            )
        return why_no_time_left(application, session, now)
    if outcome == Outcome.REJECT:
        if not has_reason:
            return Refusal("reason", _("Rejecting needs a reason. Choose one."), status=422)
        return None
    if application.stage != Stage.REGION or session.stages != "site_then_region":
        return Refusal("stage", _("Only the region can send an application back to its site."), status=422)
    if not note.strip():
        return Refusal("note", _("Write a note: the site must know what to look at again."), status=422)
    return None


def _why_not_pass(items: Sequence[Item]) -> Refusal | None:
    def stands_in_the_way(item: Item) -> bool:
        if item.verdict == Verdict.CHANGE_REQUESTED:
            return True
        return bool(item.photo_list) and item.verdict != Verdict.ACCEPTED

    open_items = [item for item in items if stands_in_the_way(item)]
    if not open_items:
        return None
    names = ", ".join(f"“{item.category.name}”" for item in open_items)
    return Refusal(
        "not_accepted",
        format_lazy(_("Passing needs every item with pictures accepted. Still open: {names}."), names=names),
        status=422,
    )


def why_not_unlock(application: Application, session: ExamSession) -> Refusal | None:
    """Whether an item may be unlocked on its own: in every state but a draft's, a rejection's and a published one."""
    if session.published_at is not None:
        return Refusal("published", PUBLISHED)
    if application.status == Status.DRAFT:
        return Refusal("state", _("This application is a draft: nothing is locked, the candidate can change it."))
    if application.status == Status.REJECTED:
        return Refusal("state", _("This application was rejected; that is final for the session."))
    return None


def why_no_time_left(application: Application, session: ExamSession, now: datetime) -> Refusal | None:
    """A request that the candidate cannot answer any more would be a rejection in disguise."""
    if now < correction_deadline(application, session) or session.correction_days:
        return None
    return Refusal(
        "deadline",
        _(
            "The deadline for corrections has passed, so the candidate could change nothing. "
            "Pass or reject it, or have regional staff extend the candidate's deadline first."
        ),
        status=422,
    )


def own_deadline(application: Application, session: ExamSession, now: datetime) -> datetime | None:
    """A candidate's own deadline once a correction is asked for: never earlier than it was, None as long as none."""
    granted = days_after_return(session, now)
    if granted is None or granted <= correction_deadline(application, session):
        return application.corrections_until
    return granted


def turned(degrees: int, turn: Turn) -> int:
    """Degrees clockwise, 0 to 270, after a quarter of a turn more."""
    return (degrees + (90 if turn == Turn.RIGHT else -90)) % 360


def state_after_pass(application: Application, session: ExamSession) -> tuple[Status, Stage]:
    """Status and stage once this stage has passed it (rule 8)."""
    if application.stage == last_stage(session):
        return Status.PASSED, Stage(application.stage)
    return Status.SUBMITTED, Stage.REGION


def why_too_long(note: str) -> Refusal | None:
    if len(note) <= NOTE_LENGTH:
        return None
    return Refusal(
        "too_long",
        format_lazy(
            _("The note is {length} characters long; {most} are allowed. Shorten it."),
            length=len(note),
            most=NOTE_LENGTH,
        ),
        status=422,
    )


# --- second looks ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a second reviewer says of one item, as it was sent. ``opinion``: an Opinion, or nothing yet."""

    opinion: str = ""
    reason: str = ""
    note: str = ""


def fits(reason: Reason, category: Category) -> bool:
    return not reason.categories or category.code in reason.categories


def fault_of(answer: Answer, category: Category, reasons: Iterable[Reason]) -> Any:
    """What is wrong with the answer about one item, as a sentence, or None."""
    if answer.opinion not in Opinion.values:
        return _("Choose whether it is fine or you would have asked for a change.")
    if answer.opinion == Opinion.FINE:
        if answer.reason or answer.note.strip():
            return _("What is fine has no reason and no note. Take them out, or choose that you would have asked.")
        return None
    if answer.reason not in {reason.code for reason in reasons if fits(reason, category)}:
        return _("Asking for a change needs a reason. Choose one from the list.")
    too_long = why_too_long(answer.note)
    return too_long.sentence if too_long else None


def why_not_second_reviewer(user: User, look: SecondLook) -> Refusal | None:
    """Whether this look is for the user's role. Scope, and who decided before, was settled by the query."""
    if look.decision.stage in stages_of(user):
        return None
    return Refusal("role", _("Second looks are for reviewers of the last stage. Ask one of them to look."), status=403)


def why_not_look(user: User, look: SecondLook, session: ExamSession, now: datetime) -> Refusal | None:
    """Why the user cannot answer this look any more, or not now."""
    if look.taken_back_at is not None:
        return Refusal("taken_back", _("The pass was taken back meanwhile, so this second look is over."))
    if session.published_at is not None:
        return Refusal("published", PUBLISHED)
    if look.answered_at is not None:
        return Refusal(
            "answered",
            format_lazy(
                _("{name} answered this second look on {when}; it is over."),
                name=look.reviewer,
                when=dates.moment(look.answered_at, session.region.time_zone),
            ),
        )
    if look.reviewer_id != user.pk and look.expires_at is not None and look.expires_at > now:
        return Refusal(
            "claimed", format_lazy(_("{name} is at this second look. Take the next one."), name=look.reviewer)
        )
    return None


def why_not_settle(look: SecondLook, session: ExamSession, note: str) -> Refusal | None:
    """Why it cannot be recorded that the pass stands."""
    if look.settled_at is not None:
        return Refusal(
            "settled",
            format_lazy(
                _("{name} settled this on {when}."),
                name=look.settled_by,
                when=dates.moment(look.settled_at, session.region.time_zone),
            ),
        )
    if session.published_at is not None:
        return Refusal("published", PUBLISHED)
    if not note.strip():
        return Refusal("note", _("Write a note: it is recorded why the pass stands."), status=422)
    return why_not_recorded(note, "note") or why_too_long(note)


# --- publishing by two persons ---------------------------------------------------------------------


def has_lapsed(proposal: Proposal, now: datetime) -> bool:
    return proposal.proposed_at + PROPOSAL_LIFETIME <= now


def why_not_propose(standing: Proposal | None, session: ExamSession, now: datetime) -> Refusal | None:
    if not session.two_persons:
        return Refusal("one_person", _("This session does not ask for two persons. Publish its results yourself."))
    if standing is not None and not has_lapsed(standing, now):
        return Refusal(
            "proposed",
            format_lazy(
                _("{who} has proposed it already, on {when}. Confirm that, or take it back first."),
                who=standing.proposed_by,
                when=dates.moment(standing.proposed_at, session.region.time_zone),
            ),
        )
    return None


def why_not_confirm(user: User, proposal: Proposal, now: datetime) -> Refusal | None:
    """Whether this account is the second person. Whether anything changed since: services/proposals.py."""
    if has_lapsed(proposal, now):
        return Refusal("lapsed", _("The proposal was not confirmed within a day and has lapsed. Propose it again."))
    if proposal.proposed_by_id == user.pk:
        return Refusal("same", _("You proposed it yourself. Somebody else has to confirm it."), status=403)
    if not (leads(user) or leads(proposal.proposed_by)):
        return Refusal(
            "lead", _("One of the two must be a regional lead or an administrator. Ask one to confirm it."), status=403
        )
    return None
