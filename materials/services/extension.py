"""One candidate's own deadline for a correction: later, or earlier again after a mistake (docs/product.md, rule 1)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from candidates.enums import Action, MessageKind
from candidates.models import LATEST
from candidates.refusals import Refusal, Stale
from candidates.rules import may_run_session, why_not_recorded
from candidates.services.events import Actor, record
from candidates.services.messages import tell

from ..enums import Status
from ..models import Application
from ..rules import CORRECTABLE, correction_deadline, why_not_until
from ..selectors import applications_for
from .locking import lock_application, save_application


@transaction.atomic
def extend_deadline(actor: Actor, application_id: UUID, *, version: int, until: datetime, reason: str) -> Application:
    """Give one candidate longer for a correction, with a reason that is recorded; the candidate is told.

    An own deadline may be moved back: one that was mistyped would keep the whole session from being published.
    Raises Stale, Refusal, Application.DoesNotExist.
    """
    if actor.user is None:
        raise TypeError("an extension needs somebody who answers for it")
    applications_for(actor.user).only("pk").get(pk=application_id)
    held = lock_application(pk=application_id)
    application = held.application
    if not may_run_session(actor.user, held.session):
        raise Refusal("role", _("Only the region's staff extend a deadline. Ask them."), status=403)
    if application.version != version:
        raise Stale(
            _("Somebody else changed this application meanwhile. What you typed is kept; look and send it again.")
        )
    refusal = None
    if held.session.published_at is not None:
        refusal = Refusal(
            "published", _("The results are published. Withdraw the publication before anything is changed.")
        )
    elif application.status not in CORRECTABLE:
        refusal = Refusal(
            "state",
            _(
                "Only an application that was submitted and not rejected can have a correction to make. "
                "A draft follows the upload window."
            ),
        )
    elif not reason.strip():
        refusal = Refusal("reason", _("Write the reason: it is recorded with the extension."), status=422)
    elif until > LATEST:
        refusal = Refusal("until", _("The years must be from 2000 to 2100. Correct the dates."), status=422)
    else:
        refusal = why_not_recorded(reason) or why_not_until(application, held.session, until, held.now)
    if refusal is not None:
        raise refusal
    before = correction_deadline(application, held.session)
    application.corrections_until = until
    save_application(application, "corrections_until")
    record(
        Action.DEADLINE_EXTENDED,
        actor,
        candidate=held.candidate,
        until=[before.isoformat(), until.isoformat()],
        reason=reason,
    )
    if application.status == Status.RETURNED:
        tell(held.candidate, MessageKind.EXTENDED, until=until.isoformat(), is_earlier=until < before)
    return application
