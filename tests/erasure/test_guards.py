"""What the database lets an erasure empty, and nothing else, whoever writes (docs/decisions.md)."""

import pytest
from django.db import IntegrityError, connection, transaction

from candidates.models import Candidate, Event, ExamSession
from candidates.services.events import Actor, record
from materials.models import Photo, Submission
from review.models import Decision
from review.services.erasure import purge_session
from tests import factories
from tests.erasure.person import a_person

pytestmark = pytest.mark.django_db
EMPTY = "name = '', id_number = '', phone = '', email = '', erased_at = now()"


@pytest.fixture
def person(client):
    return a_person(client)


@pytest.fixture
def purged(person):
    factories.end_retention(person.session)
    purge_session(Actor(None), person.session)
    return person


def run(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def refused(sql, *parameters, because="append-only"):
    with pytest.raises(IntegrityError, match=because):
        run(sql, *parameters)


def test_before_the_retention_ends_nobody_can_be_called_erased(person):
    refused(f"UPDATE candidates_candidate SET {EMPTY}", because="cannot be called erased")


def test_nor_without_their_data_being_gone(person):
    factories.end_retention(person.session)
    for field in ("name", "id_number", "phone", "email"):
        left = EMPTY.replace(f"{field} = ''", f"{field} = 'x'")
        refused(f"UPDATE candidates_candidate SET {left}", because="cannot be called erased")


def test_on_request_only_with_an_event_that_stays(person):
    record("erased", Actor(None), candidate=person.candidate, reason="申请")
    run(f"UPDATE candidates_candidate SET {EMPTY}")

    refused("DELETE FROM candidates_event WHERE action = 'erased'")
    refused("UPDATE candidates_event SET facts = '{}' WHERE action = 'erased'")
    refused("UPDATE candidates_event SET ip_address = NULL WHERE action = 'erased'")


def test_erased_is_for_good(purged):
    for change in ("erased_at = NULL", "name = '张三'", "phone = 'x'", "registration_number = 'TJ1'", "version = 9"):
        refused(f"UPDATE candidates_candidate SET {change}", because="stays so")
    refused("UPDATE candidates_examsession SET purged_at = NULL", because="for good")
    refused("UPDATE candidates_examsession SET purged_at = now()", because="for good")


def test_a_session_is_purged_when_everybody_in_it_is(person):
    factories.end_retention(person.session)

    refused("UPDATE candidates_examsession SET purged_at = now()", because="all its candidates")


WHAT_AN_ERASURE_DOES = [
    "UPDATE candidates_event SET facts = portal_facts_left(action, facts), ip_address = NULL "
    "WHERE candidate_id IS NOT NULL",
    "UPDATE candidates_event SET facts = portal_facts_left(action, facts) "
    "WHERE candidate_id IS NULL AND session_id IS NOT NULL",
    "UPDATE materials_submission SET manifest = portal_emptied(manifest, 'reply')",
    "UPDATE review_decision SET note = '', requests = portal_emptied(requests, 'note')",
]


@pytest.mark.parametrize("sql", WHAT_AN_ERASURE_DOES)
def test_of_whoever_is_not_erased_nothing_is_emptied(person, sql):
    refused(sql)


@pytest.mark.parametrize("sql", WHAT_AN_ERASURE_DOES)
def test_of_whoever_is_it_is_again_without_any_effect(purged, sql):
    before = [list(model.objects.order_by("pk").values()) for model in (Event, Submission, Decision)]

    run(sql)

    assert [list(model.objects.order_by("pk").values()) for model in (Event, Submission, Decision)] == before


OTHER_CHANGES = {
    "candidates_event": [
        "at = now()", "action = 'passed'", "actor_id = NULL", "candidate_id = NULL", "session_id = NULL",
        "facts = facts || '{\"x\": 1}'", "facts = '{}'", "site_id = NULL", "region_id = NULL",
        "ip_address = '10.0.0.1'",
    ],
    "materials_submission": [
        "manifest = '[]'", "manifest = manifest || '[]'::jsonb || '[{}]'::jsonb", "number = 9", "submitted_at = now()",
        "at_close = NOT at_close", "manifest = portal_emptied(manifest, 'photos')",
    ],
    "review_decision": [
        "outcome = 'reject'", "requests = '[{}]'", "note = 'x'", "sentence_zh = 'x'", "reason_id = NULL, note = 'x'",
        "reviewer_id = reviewer_id + 1", "decided_at = now()", "round = 9", "stage = 'site', round = 9",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("table", "change"), [(t, c) for t, changes in OTHER_CHANGES.items() for c in changes])
def test_an_erased_candidates_records_cannot_be_changed_otherwise(purged, table, change):
    refused(f"UPDATE {table} SET {change} WHERE id = (SELECT max(id) FROM {table} WHERE {OF_THEIRS[table]})")


OF_THEIRS = {"candidates_event": "facts ? 'checked'", "materials_submission": "true", "review_decision": "true"}


@pytest.mark.parametrize("table", OTHER_CHANGES)
def test_nor_removed_nor_truncated(purged, table):
    refused(f"DELETE FROM {table}")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refused(f"TRUNCATE {table} CASCADE")


def test_locked_pictures_of_others_stay(person):
    refused("DELETE FROM materials_photo WHERE id = %s", Photo.objects.first().pk, because="locked")


def test_with_the_words_nothing_else_may_change(person):
    """In one statement with what is allowed, once it is allowed."""
    record("erased", Actor(None), candidate=person.candidate, reason="申请")
    run(f"UPDATE candidates_candidate SET {EMPTY}")

    refused("UPDATE review_decision SET note = '', requests = portal_emptied(requests, 'note'), outcome = 'reject'")
    refused("UPDATE materials_submission SET manifest = portal_emptied(manifest, 'reply'), number = number + 1")
    refused("UPDATE candidates_event SET facts = portal_facts_left(action, facts), ip_address = NULL, at = now()")
    assert Candidate.objects.exclude(erased_at=None).count() == 1
    assert ExamSession.objects.filter(purged_at=None).count() == 1
