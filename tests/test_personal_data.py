"""docs/personal-data.md names every column that can hold text: where it stands, or that it is about nobody."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from candidates.services.keys import encrypted_columns

TEXT = (
    models.CharField, models.TextField, models.JSONField, models.FileField, models.GenericIPAddressField,
    models.BinaryField, models.UUIDField, ArrayField,
)  # fmt: skip
DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "personal-data.md").read_text("utf-8")


def section(title: str) -> str:
    return DOCUMENT.partition(f"## {title}")[2].partition("\n## ")[0]


def named(text: str) -> list[str]:
    return re.findall(r"`(\w+\.\w+)`", text)


def columns() -> set[str]:
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TEXT)
    }


def test_every_column_is_named_once():
    personal = named(section("In the database: columns about people"))
    others = named(section("In the database: columns about nobody"))

    assert sorted([*personal, *others]) == sorted(columns())


def test_it_says_of_each_encrypted_column_that_it_is():
    rows = [line.split("|") for line in section("In the database: columns about people").splitlines() if "`" in line]
    said = {name for row in rows if "encrypted" in row[5] for name in named(row[1])}

    assert said == {str(column) for column in encrypted_columns()}
