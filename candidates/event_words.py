"""What an event recorded, in words: for the list of events. What is named by a code (an item, a reason) stays one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from .enums import CodePurpose, IdentityCheck
from .models import Candidate

_LABELS: dict[str, Any] = {
    "new": _("to be added"),
    "changed": _("to be changed"),
    "same": _("the same"),
    "number": _("number"),
    "item": _("item"),
    "reason": _("reason"),
    "note": _("note"),
    "until": _("until"),
    "rows": _("rows"),
    "categories": _("categories"),
    "fields": _("What changes"),
    "days": _("Days left"),
    "counts": _("counts"),
    "left": _("codes left"),
    "command": _("command"),
    "account": _("account"),
    "was": _("before"),
    "verdict": _("verdict"),
    "stage": _("stage"),
    "status": _("status"),
    "outcome": _("outcome"),
    "items": _("items"),
    "codes": _("categories"),
    "photo": _("picture"),
    "photos": _("pictures"),
    "sha256": "SHA-256",
    "thumb": _("only the thumbnail"),
    "value": _("not applicable"),
    "why": _("why not"),
    "how": _("how"),
    "purpose": _("code for"),
    "phone": _("phone"),
    "checked": _("identity checked"),
    "holder": _("held by"),
    "language": _("language"),
    "consent_version": _("privacy notice agreed to"),
    "ask_again": _("asked to agree again"),
    "phones_kept": _("phone numbers kept"),
    "at_close": _("counted at the close"),
    "length": _("characters"),
    "files": _("files"),
    "bytes": _("bytes"),
    "refused": _("rows refused"),
    "is_refused": _("refused"),
    "dry_run": _("only checked"),
    "headers": _("headings"),
    "format": _("format"),
    "degrees": _("degrees"),
    "role": _("role"),
}
# What codes of the portal's own mean: as the field says that has them, in whichever app it is.
_FIELDS: dict[str, tuple[str, ...]] = {
    "verdict": ("materials.Item.verdict",),
    "stage": ("materials.Application.stage",),
    "status": ("materials.Application.status",),
    "was": ("materials.Item.verdict", "materials.Application.status"),
    "outcome": ("review.Decision.outcome",),
}
_CODES: dict[str, dict[str, Any]] = {
    "purpose": dict(CodePurpose.choices),
    "checked": dict(IdentityCheck.choices),
    "how": {
        "password": _("with the password"), "old_password": _("with the old password"),
        "id_number": _("with the ID number"), "code": _("with a code by SMS"),
        "reset": _("with a code for a new password"),
    },
}  # fmt: skip
FROM_TO = ("until", "phone", "language", "consent_version")
SINGLE = ("photo", "photos", "sha256")
SHORT = 8  # of a picture's key or sum, in the list; whole ones are on the event's page


def words_of(facts: Mapping[str, Any]) -> str:
    """``session XJ-2026 · upload opens: … → …`` for a record that was edited; ``number: 2 · item: EDU`` otherwise."""
    if "record" in facts:
        return " · ".join(_record(facts))
    return " · ".join(_named(name, value) for name, value in facts.items() if value != "")


def _named(name: str, value: Any) -> str:
    return f"{_LABELS.get(name, name)}: {_value(name, value)}"


def _record(facts: Mapping[str, Any]) -> list[str]:
    model = next((model for model in apps.get_models() if model._meta.model_name == facts["record"]), None)
    fields = {field.attname: field for field in model._meta.concrete_fields} if model else {}
    # A session stands beside its events; of anything else the key is better than nothing.
    name = facts.get("code") or ("" if facts["record"] == "examsession" else facts.get("key", ""))
    parts = [f"{model._meta.verbose_name if model else facts['record']} {name}".strip()]
    if facts.get("new"):
        parts.append(str(_("made")))
    for name, pair in facts.get("changes", {}).items():
        field = fields.get(name)
        label = field.verbose_name if field else name
        parts.append(f"{label}: {_shown(field, pair[0])} → {_shown(field, pair[1])}" if len(pair) == 2 else str(label))
    others = {name: value for name, value in facts.items() if name not in ("record", "key", "code", "new", "changes")}
    return [*parts, *(_named(name, value) for name, value in others.items())]


def _shown(field: "models.Field[Any, Any] | None", value: Any) -> str:
    """One end of a change, as the form shows it."""
    if value in ("", "None", None, []):
        return "–"
    if isinstance(field, models.DateTimeField):
        return _instant(value)
    choices = dict(field.flatchoices) if field else {}
    return str(choices[value]) if isinstance(value, str) and value in choices else _value("", value)


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, Mapping):
        return ", ".join(f"{code} {_inner(entry)}" for code, entry in value.items())
    if name == "fields" and isinstance(value, list):
        labels = {field.name: str(field.verbose_name) for field in Candidate._meta.fields}
        return ", ".join(labels.get(str(entry), str(entry)) for entry in value)
    if isinstance(value, list):
        return (" → " if name in FROM_TO else ", ").join(_value(name, entry) or "–" for entry in value)
    if isinstance(value, str) and name in SINGLE:
        return f"{value[:SHORT]}…" if len(value) > SHORT else value
    if name == "until":
        return _instant(value)
    return str(_codes_of(name).get(value, value)) if isinstance(value, str) else str(value)


def _instant(value: Any) -> str:
    """In local time. Only of what is known to be one: a reason may be typed in the same shape."""
    try:
        instant = datetime.fromisoformat(value)
        return localize(timezone.localtime(instant)) if timezone.is_aware(instant) else str(value)
    except (TypeError, ValueError, OverflowError):
        return str(value)


def _inner(entry: Any) -> str:
    """Of a category that a file changed: each field from what to what."""
    if not isinstance(entry, Mapping):
        return str(entry)
    pairs = [(field, pair) for field, pair in entry.items() if isinstance(pair, list) and len(pair) == 2]
    return "; ".join(f"{field}: {_shown(None, pair[0])} → {_shown(None, pair[1])}" for field, pair in pairs)


def _codes_of(name: str) -> dict[str, Any]:
    fields = [
        apps.get_model(path.rpartition(".")[0])._meta.get_field(path.rpartition(".")[2])
        for path in _FIELDS.get(name, ())
    ]
    return _CODES.get(name, {}) | {code: label for field in fields for code, label in field.flatchoices}
