"""``rotate_keys``: everything is brought to the newest key while the portal runs; then the older one can go."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from candidates.encryption import encrypt
from candidates.models import Candidate, Delivery, OneTimeCode
from candidates.selectors import with_id_number
from candidates.services import keys
from candidates.services.events import Actor
from candidates.services.keys import encrypted_columns, rotate_keys
from materials.models import RosterLoad
from materials.services.roster import load_roster
from tests import factories
from tests.candidates.by_sms import ask, newest_code, type_code
from tests.candidates.test_roster import csv, row
from tests.stored import stored

pytestmark = pytest.mark.django_db
OLD, BOTH, NEW = ["the older one"], ["the newer one", "the older one"], ["the newer one"]


@pytest.fixture
def person(settings):
    """Something in every encrypted column, by the older key."""
    settings.FIELD_KEYS = OLD
    candidate = factories.make_candidate(phone="13912345678", email="someone@example.com")
    code = OneTimeCode.objects.create(candidate=candidate, typed_number="TJ1", sent_at=candidate.session.opens_at)
    Delivery.objects.create(candidate=candidate, session=candidate.session, channel="sms", address="1", text="words")
    RosterLoad.objects.create(
        session=candidate.session, actor=factories.administrator(), language="en", dry_run=True, content="c", faults="f"
    )
    settings.FIELD_KEYS = BOTH
    assert code
    return candidate


def rotate(*options) -> list[str]:
    out = io.StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return out.getvalue().splitlines()


def read_all() -> list[tuple]:
    """Everything that is encrypted, read by the models."""
    return [
        tuple(Candidate.objects.values_list("id_number", "phone", "email").order_by("pk")),
        tuple(Delivery.objects.values_list("address", "text").order_by("pk")),
        tuple(OneTimeCode.objects.values_list("typed_number", flat=True).order_by("pk")),
        tuple(RosterLoad.objects.values_list("content", "faults").order_by("pk")),
    ]


def test_every_encrypted_column_is_known_and_something_is_in_it(person):
    columns = encrypted_columns()

    assert len(columns) == 8
    with connection.cursor() as cursor:
        for column in columns:
            cursor.execute(f"SELECT count(*) FROM {column.table} WHERE {column.name} <> ''")
            assert cursor.fetchone()[0] > 0, column


def test_afterwards_the_older_key_can_go(person, settings):
    before = read_all()

    assert rotate() == [f"{column}: 1" for column in encrypted_columns()] + [LAST]

    assert read_all() == before
    settings.FIELD_KEYS = NEW
    assert read_all() == before
    assert list(with_id_number(factories.administrator(), person.plain_id)) == [person]


LAST = "当各项均为0时，即可从FIELD_KEYS中移除旧密钥。"


def test_a_second_run_and_a_dry_one_write_nothing(person):
    before = stored()
    dry = rotate("--dry-run")
    assert stored() == before
    assert dry[1:] == rotate()

    before = stored()
    assert rotate() == [f"{column}: 0" for column in encrypted_columns()] + [LAST]
    assert stored() == before


def test_batch_by_batch(person, settings, monkeypatch):
    settings.FIELD_KEYS = OLD
    for _number in range(4):
        factories.make_candidate(person.session)
    settings.FIELD_KEYS = BOTH
    monkeypatch.setattr(keys, "BATCH", 2)

    assert rotate()[0] == "candidates_candidate.id_number: 5"

    settings.FIELD_KEYS = NEW
    assert len(read_all()[0]) == 5


@pytest.mark.parametrize("before_rotation", [True, False])
@pytest.mark.parametrize("key", [OLD, BOTH])
def test_meanwhile_people_are_found_by_either_hash(settings, before_rotation, key):
    """Sign-in by ID number, staff's search by it, and a roster that has the same people again."""
    settings.FIELD_KEYS = key
    candidate = factories.make_candidate(activated=False)
    settings.FIELD_KEYS = BOTH
    if not before_rotation:
        rotate()

    assert list(with_id_number(factories.administrator(), candidate.plain_id)) == [candidate]
    client = Client()
    data = {"username": candidate.registration_number, "password": candidate.plain_id}
    assert client.post("/login/", data).url == "/activate/"
    data["password"] = factories.id_number(999)
    assert Client().post("/login/", data).status_code == 422


def test_a_roster_of_the_same_people_changes_nothing_and_finds_who_is_there_twice(settings):
    settings.FIELD_KEYS = OLD
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    actor = Actor(None)
    load_roster(actor, session, io.BytesIO(csv(row(1), row(2))))
    settings.FIELD_KEYS = BOTH

    again = load_roster(actor, session, io.BytesIO(csv(row(1), row(2))))
    twice = load_roster(actor, session, io.BytesIO(csv(row(3, id_number=factories.id_number(1)))))

    assert (again.same, again.changed, again.new) == (2, 0, 0)
    assert [fault.column for fault in twice.faults] == ["id_number"]


def test_a_code_that_was_sent_before_the_key_was_added_still_opens(settings, client):
    settings.FIELD_KEYS = OLD
    candidate = factories.make_candidate()
    ask(client, candidate.registration_number)
    settings.FIELD_KEYS = BOTH

    response = type_code(client, newest_code())

    assert response.status_code in (302, 303)
    assert client.get("/materials/").status_code == 200


def test_what_somebody_writes_meanwhile_is_theirs(person, monkeypatch):
    """Between the reading and the writing of a batch: the newer value stays."""
    column = next(column for column in encrypted_columns() if column.name == "phone")
    read = keys._read

    def reading(*arguments):
        rows = read(*arguments)
        Candidate.objects.filter(pk=person.pk).update(phone="13700000000")
        return rows

    monkeypatch.setattr(keys, "_read", reading)
    assert rotate_keys(column) == 0

    assert Candidate.objects.get(pk=person.pk).phone == "13700000000"


def test_only_fields_of_this_kind_hold_tokens(person):
    """What is encrypted elsewhere than in such a field would stay with the older key."""
    assert encrypt("x").startswith("gAAAA")
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT to_jsonb(row)::text FROM {table} AS row WHERE row::text LIKE '%gAAAA%'")
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
            found |= {(table, name) for row in rows for name, value in row.items() if "gAAAA" in str(value)}

    assert found == {(column.table, column.name) for column in encrypted_columns()}
