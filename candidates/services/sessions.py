"""Setting up regions and sessions. Whatever is stored is checked first and recorded afterwards."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from ..enums import Action
from ..models import ExamSession
from ..refusals import Refusal, Stale
from .events import Actor, record


def _as_fact(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else value
        if isinstance(value, (int, bool, list))
        else str(value)
    )


def changes_of(before: models.Model, after: models.Model) -> dict[str, list[Any]]:
    """Field name to [from, to], of the editable fields that differ. Secrets are left out."""
    names = [f.attname for f in after._meta.concrete_fields if f.editable and f.attname != "password"]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: [_as_fact(old), _as_fact(new)] for name, (old, new) in pairs.items() if old != new}


@transaction.atomic
def save_record(actor: Actor, instance: Any, version: int | None, action: str = Action.RECORD_CHANGED) -> None:
    """Store a record that staff edit by hand (site, category, reason, account, session).

    ``version`` is the one the form was made from, None for a new record. The row is locked and
    compared before it is written, so that nobody's change is silently replaced (rule 10).
    Raises Stale; Refusal when the session is published.
    """
    model = type(instance)
    before = None
    if version is not None:
        before = model.objects.select_for_update(of=("self",), no_key=True).get(pk=instance.pk)
        if before.version != version:
            raise Stale(_("Somebody else changed this meanwhile. What you typed is kept; compare it and save again."))
        instance.version = version + 1
    if isinstance(before, ExamSession):
        _refuse_published(before)
    changes = changes_of(before, instance) if before else {}
    if before and not changes:
        instance.version = version
        return
    instance.save()
    session = instance if isinstance(instance, ExamSession) else getattr(instance, "session", None)
    region = getattr(instance, "region", None)
    name = instance._meta.model_name
    key = str(instance.pk)
    record(action, actor, session=session, region=region, record=name, key=key, new=before is None, changes=changes)


def _refuse_published(session: ExamSession) -> None:
    if session.published_at is not None:
        raise Refusal("published", _("The results are published. Withdraw the publication before anything is changed."))


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
    _refuse_published(session)
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
    record(Action.SESSION_CHANGED, actor, session=session, changes=facts)
    return session
