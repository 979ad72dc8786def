"""After submit no picture comes, changes or goes, in no way: the database refuses (docs/quality.md, 20)."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import IntegrityError, connection, transaction

from materials.models import Item, Photo
from tests import factories

pytestmark = pytest.mark.django_db

BY_SQL = {
    "add": "INSERT INTO materials_photo SELECT (jsonb_populate_record(photo, jsonb_build_object('id', %(new)s,"
    " 'position', 40, 'pixels_sha256', repeat('0', 64)))).* FROM materials_photo photo WHERE id = %(id)s",
    "change": "UPDATE materials_photo SET position = 41 WHERE id = %(id)s",
    "move to another item": "UPDATE materials_photo SET item_id = %(other)s, position = 42 WHERE id = %(id)s",
    "take out": "UPDATE materials_photo SET superseded_at = now() WHERE id = %(id)s",
    "delete": "DELETE FROM materials_photo WHERE id = %(id)s",
}


@pytest.fixture
def photo():
    return Photo.objects.filter(item__application=factories.submitted(), item__category__code="EDU").get()


def run(sql: str, photo: Photo) -> int:
    other = photo.item.application.items.exclude(pk=photo.item_id).first()
    assert other
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, {"id": photo.pk, "new": uuid4(), "other": other.pk})
        return int(cursor.rowcount)


@pytest.mark.parametrize("sql", BY_SQL.values(), ids=BY_SQL)
def test_a_locked_item(photo, sql):
    with pytest.raises(IntegrityError, match="is locked"):
        run(sql, photo)
    assert Photo.objects.filter(item=photo.item).count() == 1


@pytest.mark.parametrize("sql", BY_SQL.values(), ids=BY_SQL)
def test_an_unlocked_one_is_free(photo, sql):
    Item.objects.update(locked=False)
    assert run(sql, photo) == 1


def test_the_admin_has_no_form_for_pictures_or_items():
    assert not {Photo, Item} & set(admin.site._registry)
    assert not [inline for model in admin.site._registry.values() for inline in model.inlines]
