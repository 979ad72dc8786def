"""What signing in and out leaves behind, one event each whichever door it was (docs/product.md, rule 11); languages."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from ..enums import Action, Role
from ..models import Candidate, User
from .events import Actor, record


def note_signed_in(request: HttpRequest | None, user: User, how: str) -> None:
    """Record that an account's session began, and with what: password, id_number (to activate), code or reset."""
    _record(Action.SIGNED_IN, request, user, how=how)


def note_signed_out(request: HttpRequest | None, user: User) -> None:
    """Record that an account's session was ended."""
    _record(Action.SIGNED_OUT, request, user)


def note_failed_sign_in(request: HttpRequest | None, username: str) -> None:
    """Record that somebody failed: from where, and nothing of what was typed.

    A name that is an account of staff gives the event that account's place, so that those who are
    responsible there find it.
    """
    account = User.objects.exclude(role=Role.CANDIDATE).filter(username=username).select_related("region", "site")
    staff = account.first()
    record(
        Action.SIGN_IN_FAILED,
        Actor(None, _address_of(request)),
        region=staff.region if staff else None,
        site=staff.site if staff else None,
    )


@transaction.atomic
def choose_language(actor: Actor, language: str) -> None:
    """From now on a candidate is told in this language: switched to, or that of the page they signed in from.

    Staff are sent nothing, so theirs is not kept.
    """
    told = {language, ""} if language == settings.LANGUAGE_CODE else {language}
    candidates = Candidate.objects.select_related("session__region", "site").select_for_update(
        of=("self",), no_key=True
    )
    candidate = candidates.filter(user=actor.user).exclude(language__in=told).first()
    if candidate is not None:
        before, candidate.language = candidate.language, language
        candidate.save(update_fields=["language"])
        record(Action.LANGUAGE_CHANGED, actor, candidate=candidate, language=[before, language])


def _record(action: Action, request: HttpRequest | None, user: User, **facts: str) -> None:
    candidate = None
    if user.role == Role.CANDIDATE:
        candidate = Candidate.objects.select_related("session__region", "site").get(user=user)
    actor = Actor(user, _address_of(request))
    record(action, actor, candidate=candidate, site=user.site, region=user.region, **facts)


def _address_of(request: HttpRequest | None) -> str | None:
    return request.META.get("REMOTE_ADDR") or None if request is not None else None
