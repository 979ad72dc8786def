"""A candidate's own password, once there is one (activation sets the first)."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import Action, MessageKind
from ..models import Candidate, User
from ..refusals import Refusal
from .codes import lock_candidate, void_codes
from .events import Actor, record
from .messages import tell


def store_password(actor: Actor, candidate: Candidate, password: str, *, how: str) -> None:
    """Set the password of a candidate whose row is locked, record it, tell them; no code sent before it counts.

    The account's sessions end (Django compares their hash); the view lets its own go on.
    """
    candidate.user.set_password(password)
    candidate.user.save(update_fields=["password"])
    void_codes(candidate, timezone.now())
    record(Action.PASSWORD_CHANGED, actor, candidate=candidate, how=how)
    tell(candidate, MessageKind.PASSWORD_CHANGED)


@transaction.atomic
def change_own_password(actor: Actor, candidate_id: int, judged: User, password: str) -> User:
    """A signed-in candidate's new password, validated by the form, which also asked for the old one.

    ``judged``: the account as the old password was found right for it. Raises Refusal when another one, set by SMS
    perhaps, has come since.
    """
    candidate = lock_candidate(candidate_id)
    if candidate.user.password != judged.password:
        raise Refusal("old_password", _("This is not your present password. Type it again."), status=422)
    store_password(actor, candidate, password, how="old_password")
    return candidate.user
