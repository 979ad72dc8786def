"""A phone number that was wrong or is no longer theirs, corrected by staff (docs/product.md, "Journeys")."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import Action, IdentityCheck, MessageKind
from ..models import Candidate
from ..refusals import Refusal, Stale
from ..rules import is_phone, mask_phone, may_change_phone, plain, why_not_recorded
from ..selectors import candidates_for
from .codes import lock_candidate, void_codes
from .events import Actor, record, what_happened
from .messages import redirect_sms, tell

REASON_LONGEST = 500


@transaction.atomic
def change_phone(actor: Actor, candidate_id: int, *, version: int, phone: str, checked: str, reason: str) -> Candidate:
    """Store another phone number, with how the candidate's identity was checked and why.

    From now on everything goes there; codes sent before are void, and the old number is told that it was changed.
    Raises Stale, Refusal; Candidate.DoesNotExist out of scope. Publication freezes nothing here: no list says
    a phone number, and candidates need theirs to read the result.
    """
    if actor.user is None:
        raise TypeError("a changed number needs somebody who answers for it")
    candidates_for(actor.user).only("pk").get(pk=candidate_id)
    candidate = lock_candidate(candidate_id)
    if not may_change_phone(actor.user, candidate):
        raise Refusal("role", _("Only the site's reviewers and the region's staff change it. Ask them."), status=403)
    if candidate.version != version:
        unknown = _("Somebody else changed this meanwhile. What you typed is kept; compare it and save again.")
        raise Stale(what_happened(candidate, [Action.PHONE_CHANGED, Action.REGISTRATION_CHANGED], unknown))
    phone = plain(phone)
    if refusal := _why_not(candidate, phone, checked, reason):
        raise refusal
    old = candidate.phone
    candidate.phone, candidate.phone_corrected_at, candidate.version = phone, timezone.now(), version + 1
    candidate.save(update_fields=["phone", "phone_corrected_at", "version"])
    void_codes(candidate, candidate.phone_corrected_at)
    redirect_sms(candidate, old)
    record(
        Action.PHONE_CHANGED,
        actor,
        candidate=candidate,
        phone=[mask_phone(old), mask_phone(phone)],
        checked=checked,
        reason=reason,
    )
    tell(candidate, MessageKind.PHONE_CHANGED, also_to=old)
    return candidate


def _why_not(candidate: Candidate, phone: str, checked: str, reason: str) -> Refusal | None:
    if not is_phone(phone):
        return Refusal("phone", _("Must be a phone number: 6 to 15 digits, with + in front for abroad."), status=422)
    if phone == candidate.phone:
        return Refusal("phone", _("This is the number that is stored already. Type the new one."), status=422)
    if checked not in IdentityCheck.values:
        return Refusal("checked", _("Choose how you made sure that this is the candidate."), status=422)
    if not reason.strip():
        return Refusal("reason", _("Write the reason: it is recorded with the change."), status=422)
    if len(reason) > REASON_LONGEST:
        return Refusal("reason", _("The reason is too long: at most 500 characters."), status=422)
    return why_not_recorded(reason)
