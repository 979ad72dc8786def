"""Setting up regions and sessions. Whatever is stored is checked first and recorded afterwards."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .. import dates
from ..enums import Action
from ..models import ExamSession, Region, Site, User
from ..refusals import Refusal, Stale
from ..rules import may_manage, why_not_store_account
from ..selectors import last_change_of
from .events import Actor, record

# What published lists say of a place.
LISTED: dict[type[models.Model], str] = {Region: "time_zone", Site: "code"}


def _as_fact(value: Any) -> Any:
    """A field's value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | bool | list) else str(value)


def changes_of(before: models.Model, after: models.Model) -> dict[str, list[Any]]:
    """Field name to [from, to], of the editable fields that differ. Secrets are left out, and what signing in sets."""
    left_out = ("password", "last_login")
    names = [f.attname for f in after._meta.concrete_fields if f.editable and f.attname not in left_out]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: [_as_fact(old), _as_fact(new)] for name, (old, new) in pairs.items() if old != new}


@transaction.atomic
def save_record(actor: Actor, instance: Any, version: int | None, action: str = Action.RECORD_CHANGED) -> None:
    """Store a record that staff edit by hand (site, category, reason, account, session).

    ``version`` is the one the form was made from, None for a new record. The row is locked and
    compared before it is written, so that nobody's change is silently replaced (rule 10).
    Raises Stale; Refusal when the session is published, or a published list says what would change.
    """
    model = type(instance)
    before = None
    if version is not None:
        before = model.objects.select_for_update(of=("self",), no_key=True).get(pk=instance.pk)
        if before.version != version:
            raise Stale(what_happened(before))
        instance.version = version + 1
    session = before if isinstance(before, ExamSession) else getattr(instance, "session", None)
    if session is not None:
        refuse_published(session)
    changes = changes_of(before, instance) if before else {}
    if before and not changes:
        instance.version = version
        return
    if before and LISTED.get(model) in changes:
        _refuse_listed(before)
    # Of a record that is there only what was changed: the rest of the instance is as old as the form's request.
    instance.save(update_fields=[*changes, "version"] if before else None)
    session = instance if isinstance(instance, ExamSession) else session
    about = {"record": instance._meta.model_name, "key": str(instance.pk), "code": _code_of(instance)}
    record(
        action, actor, session=session, region=_region_of(instance), **about, new=before is None, changes=changes
    )  # fmt: skip


def _code_of(instance: models.Model) -> str:
    """What staff know a record by; its key may be all that is left in the events when somebody asks."""
    return getattr(instance, "code", "") or getattr(instance, "username", "")


def _refuse_listed(place: Region | Site) -> None:
    """Raise Refusal when a published list, which is known by its SHA-256, has candidates of this place in it."""
    region = place if isinstance(place, Region) else place.region
    sessions = region.sessions.select_for_update(of=("self",), no_key=True).order_by("pk")
    published = [session for session in sessions if session.published_at is not None]
    if isinstance(place, Site):
        published = [session for session in published if session.candidates.filter(site=place).exists()]
    if published:
        raise Refusal(
            "published",
            format_lazy(
                _("The published results of {sessions} say this, so it stays as long as they are published."),
                sessions=", ".join(session.code for session in published),
            ),
        )


def _region_of(instance: models.Model) -> Region | None:
    return instance if isinstance(instance, Region) else getattr(instance, "region", None)


def what_happened(stored: Any) -> Any:
    """The sentence for a form that comes too late: who was faster, and when (rule 10)."""
    session = stored if isinstance(stored, ExamSession) else getattr(stored, "session", None)
    region = session.region if session else _region_of(stored)
    event = last_change_of(stored._meta.model_name, str(stored.pk), region.pk if region else None)
    if event is None:
        return _("Somebody else changed this meanwhile. What you typed is kept; compare it and save again.")
    return format_lazy(
        _("{who} changed this meanwhile, on {when}. What you typed is kept; compare it and save again."),
        who=event.actor or _("An operator"),
        when=dates.exactly(event.at, region.time_zone if region else None),
    )


@transaction.atomic
def save_account(actor: Actor, account: User, version: int | None) -> None:
    """Store an account of staff, as ``save_record`` does. Raises Stale; Refusal when it is not the actor's to make."""
    before = None
    if version is not None:
        before = User.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    sentence = why_not_store_account(actor.user, before, account) if actor.user else None
    if sentence:
        raise Refusal("role", sentence, status=403)
    save_record(actor, account, version)


@transaction.atomic
def set_password(actor: Actor, account: User, password: str) -> None:
    """Give an account a new password; its sessions elsewhere end (Django compares their hash).

    Raises Refusal when it is neither the actor's own nor one they manage.
    """
    stored = User.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    if actor.user is not None and actor.user.pk != stored.pk and not may_manage(actor.user, stored):
        raise Refusal("role", _("This account is not yours to manage. Ask an administrator."), status=403)
    stored.set_password(password)
    stored.version += 1
    stored.save(update_fields=["password", "version"])
    record(
        Action.RECORD_CHANGED, actor, region=stored.region, site=stored.site, record="user", key=str(stored.pk),
        code=stored.username, new=False, changes={"password": []},
    )  # fmt: skip


def refuse_published(session: ExamSession) -> None:
    """Raise Refusal when the session's results stand published: they are frozen (rule 9); or when it was purged."""
    refuse_purged(session)
    if session.published_at is not None:
        raise Refusal("published", _("The results are published. Withdraw the publication before anything is changed."))


def refuse_purged(session: ExamSession) -> None:
    """Raise Refusal when the session's personal data is gone: it is a record of what was, and nothing more."""
    if session.purged_at is not None:
        raise Refusal("purged", _("The personal data of this session was removed, so nothing in it changes any more."))


@transaction.atomic
def set_windows(
    actor: Actor,
    session_code: str,
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    corrections_until: datetime | None = None,
) -> ExamSession:
    """Change the given windows of a session. Raises Refusal, with what is wrong in ``sentence``."""
    session = ExamSession.objects.select_for_update(of=("self",), no_key=True).get(code=session_code)
    refuse_published(session)
    given = {"opens_at": opens_at, "closes_at": closes_at, "corrections_until": corrections_until}
    changed = {name: value for name, value in given.items() if value is not None and value != getattr(session, name)}
    if not changed:
        return session
    facts = {name: [getattr(session, name).isoformat(), value.isoformat()] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(session, name, value)
    try:
        session.validate_constraints()
    except ValidationError as error:
        raise Refusal("windows", " ".join(error.messages), status=422) from error
    session.version += 1
    session.save(update_fields=[*changed, "version"])
    key = str(session.pk)
    record(Action.SESSION_CHANGED, actor, session=session, record="examsession", key=key, new=False, changes=facts)
    return session
