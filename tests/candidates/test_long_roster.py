"""Rosters that are longer than a batch: read twice, written batch by batch, and still all or nothing."""

from io import BytesIO

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from candidates import roster as reading
from candidates.models import Candidate, User
from candidates.refusals import Refusal
from candidates.services.events import OPERATOR
from materials.models import Application
from materials.services import roster
from materials.services.roster import load_roster
from tests import factories
from tests.candidates.test_roster import RARE, counts, csv, load, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    return session


@pytest.fixture
def short_batches(monkeypatch):
    monkeypatch.setattr(roster, "BATCH", 2)
    monkeypatch.setattr(reading, "CHUNK", 7)


@pytest.mark.usefixtures("short_batches")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_loaded_batch_by_batch(session, encoding):
    load(session, row(1), row(4))
    data = csv(row(1), *(row(number, name=f"{RARE}{number}") for number in range(2, 8))).decode().encode(encoding)

    assert counts(load_roster(OPERATOR, session, BytesIO(data))) == (5, 1, 1, 0)

    assert list(Candidate.objects.order_by("registration_number").values_list("name", flat=True)) == [
        "考生1", *(f"{RARE}{number}" for number in range(2, 8)),
    ]  # fmt: skip
    assert Application.objects.count() == 7


@pytest.mark.usefixtures("short_batches")
def test_a_fault_in_the_last_batch_keeps_the_first_from_being_written(session):
    load(session, row(7))
    before = Candidate.objects.get()

    report = load(session, *map(row, range(1, 6)), row(6, site="XX"), row(2, phone="13911112222"))

    assert [(fault.line, fault.column) for fault in report.faults] == [
        (7, "site"), (8, "registration_number"), (8, "id_number"),
    ]  # fmt: skip
    assert Candidate.objects.get() == before


@pytest.mark.usefixtures("short_batches")
def test_what_goes_wrong_while_writing_takes_back_the_batches_before(session, monkeypatch):
    def write(session, rows, sites):
        if any(one.registration_number == "TJ27000005" for one in rows):
            raise IntegrityError
        return create(session, rows, sites)

    create = roster.create_candidates
    monkeypatch.setattr(roster, "create_candidates", write)

    with pytest.raises(Refusal):
        load(session, *map(row, range(1, 6)))

    assert not User.objects.exists()


@pytest.mark.usefixtures("short_batches")
def test_a_number_taken_between_checking_and_writing_is_refused(session, monkeypatch):
    def create(session, rows, sites):
        if not User.objects.exists():
            factories.StaffFactory(username="TJ27000005")
        return create_candidates(session, rows, sites)

    create_candidates = roster.create_candidates
    monkeypatch.setattr(roster, "create_candidates", create)

    with pytest.raises(Refusal) as refused:
        load(session, *map(row, range(1, 6)))

    assert refused.value.code == "roster"
    assert not Candidate.objects.exists()


@pytest.mark.usefixtures("short_batches")
@pytest.mark.parametrize("dry_run", [True, False])
def test_progress_goes_up_to_all_of_it(session, dry_run):
    told: list[int] = []

    load(session, *map(row, range(1, 8)), dry_run=dry_run, progress=told.append)

    assert told == sorted(told)
    assert len(told) == (4 if dry_run else 8)
    assert told[-1] == 100


def test_a_batch_asks_the_database_as_often_for_one_row_as_for_many(session):
    queries = []
    for rows in ([row(1)], [row(number) for number in range(2, 9)]):
        with CaptureQueriesContext(connection) as captured:
            load(session, *rows)
        queries.append(len(captured))

    assert queries[0] == queries[1]
