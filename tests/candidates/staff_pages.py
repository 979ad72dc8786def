"""The Django admin as a staff member's browser sees it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from candidates.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="candidates.backends.AccountBackend")
    return client


def change_address(record: models.Model) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def typed(form: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends for a form of the admin: every field as it is shown, with ``changes``."""
    data: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if isinstance(value, datetime):
            data[name] = f"{timezone.localtime(value):%Y-%m-%dT%H:%M:%S}"
        elif value is not None and value is not False:
            data[name] = field.prepare_value(value) if not isinstance(value, list) else value
    data |= changes
    return {name: value for name, value in data.items() if value is not None}


def open_form(client: Client, record: models.Model) -> Any:
    response = client.get(change_address(record))
    assert response.status_code == 200
    return response.context["adminform"].form


def change(client: Client, record: models.Model, **changes: Any) -> HttpResponse:
    """Open the record's form, change some fields, save."""
    return client.post(change_address(record), typed(open_form(client, record), **changes))
