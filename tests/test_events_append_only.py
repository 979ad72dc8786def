"""What the database itself refuses, whoever asks it in plain SQL (docs/product.md, rules 4, 9, 11 and 12)."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from candidates.models import Event, PrivacyNotice, Seal
from candidates.services.seals import seal_events
from materials.models import Item, Photo, Submission
from review.models import Decision
from tests import factories

pytestmark = pytest.mark.django_db
TABLES = {
    "candidates_event": (Event, "action = 'signed_in'"),
    "materials_submission": (Submission, "number = 7"),
    "review_decision": (Decision, "note = 'x'"),
    "candidates_privacynotice": (PrivacyNotice, "text_en = 'x'"),
    "candidates_seal": (Seal, "hash = ''"),
}


@pytest.fixture
def application():
    application = factories.submitted()
    reviewer = factories.site_reviewer(application.site)
    Decision.objects.create(application=application, round=1, stage="site", outcome="pass", reviewer=reviewer)
    PrivacyNotice.objects.create(
        session=application.session, number=1, text_zh="一", text_en="one", created_by=reviewer
    )
    seal_events()
    with connection.cursor() as cursor:
        # PostgreSQL truncates no table whose foreign keys wait to be checked, trigger or not.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return application


def refused(sql: str, *parameters: object, because: str) -> None:
    with pytest.raises(DatabaseError, match=because), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize("table", TABLES)
def test_rows_can_be_added_and_never_changed_or_removed(application, table):
    model, change = TABLES[table]
    before = list(model.objects.order_by("pk").values())
    assert before

    refused(f"UPDATE {table} SET {change}", because="append-only")
    refused(f"DELETE FROM {table}", because="append-only")
    refused(f"TRUNCATE {table} CASCADE", because="append-only")

    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("model", [Event, Submission, Decision, PrivacyNotice, Seal])
def test_nor_through_django(application, model):
    for act in (
        lambda: model.objects.first().delete(),
        lambda: model.objects.first().save(),
        lambda: model.objects.all().delete(),
    ):
        with pytest.raises((DatabaseError, ProtectedError), match=r"append-only|protected"), transaction.atomic():
            act()


def test_a_candidate_with_events_cannot_be_removed(application):
    with pytest.raises(ProtectedError):
        application.candidate.delete()


def test_the_triggers_are_on(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'append_only%' AND tgenabled = 'O'")
        assert len(cursor.fetchall()) == 2 * len(TABLES)


# --- pictures of locked items ----------------------------------------------------------------------

COLUMNS = ", ".join(field.column for field in Photo._meta.concrete_fields if field.column != "id")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE materials_photo SET position = 9 WHERE id = %s",
        "UPDATE materials_photo SET superseded_at = now() WHERE id = %s",
        "DELETE FROM materials_photo WHERE id = %s",
        f"INSERT INTO materials_photo (id, {COLUMNS}) SELECT gen_random_uuid(), "
        + COLUMNS.replace("position", "9")
        + " FROM materials_photo WHERE id = %s",
    ],
)
def test_a_locked_item_cannot_get_or_lose_a_picture(application, sql):
    photo = Photo.objects.filter(item__application=application, item__category__code="EDU").get()
    item = Item.objects.get(pk=photo.item_id)
    assert item.locked

    refused(sql, photo.pk, because="locked")

    Item.objects.filter(pk=item.pk).update(locked=False)
    with connection.cursor() as cursor:
        cursor.execute(sql, [photo.pk])
        assert cursor.rowcount == 1


def test_a_picture_cannot_be_moved_out_of_or_into_a_locked_item(application):
    locked = Photo.objects.filter(item__application=application, item__category__code="EDU").get()
    other = factories.draft()
    free = factories.make_photo(other, "EDU")

    sql = "UPDATE materials_photo SET item_id = %s, position = 9 WHERE id = %s"
    refused(sql, free.item_id, locked.pk, because="locked")
    refused(sql, locked.item_id, free.pk, because="locked")


# --- what was published ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["passed", "rejected"])
def test_a_published_outcome_is_frozen(status):
    application = factories.decided(status)
    factories.publish(application.session)

    for change in (
        "status = 'returned'",
        "stage = CASE stage WHEN 'site' THEN 'region' ELSE 'site' END",
        "corrections_until = now()",
    ):
        refused(f"UPDATE materials_application SET {change} WHERE id = %s", application.pk, because="published")
