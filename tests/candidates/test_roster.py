"""Loading a roster, by page and by command: all or nothing, every fault named at once."""

from io import BytesIO

import pytest
from django.urls import reverse

from candidates.encryption import keyed_hash
from candidates.models import Candidate, Event, User
from candidates.refusals import Refusal
from candidates.roster import COLUMNS, Row, read_roster
from candidates.services.events import OPERATOR
from materials.models import Application
from materials.services.roster import load_roster
from tests import factories
from tests.concurrency import at_once, refusals

pytestmark = pytest.mark.django_db
HEADER = ",".join(COLUMNS)
RARE = "䶮𬭚"


@pytest.fixture
def session():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    factories.SiteFactory(region=session.region, code="TJ02")
    return session


def row(number: int = 1, **fields: str) -> str:
    values = {
        "registration_number": f"TJ2700{number:04d}", "name": f"考生{number}", "id_number": factories.id_number(number),
        "phone": f"1380000{number:04d}", "email": "", "site": "TJ01", "track": "clinical", "level": "physician",
        "flags": "",
    } | fields  # fmt: skip
    return ",".join(values[column] for column in COLUMNS)


def csv(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows, ""]).encode()


def load(session, *rows, **options):
    return load_roster(OPERATOR, session, BytesIO(csv(*rows)), **options)


def counts(report):
    return (report.new, report.changed, report.same, report.refused)


def test_good_rows_become_candidates_with_accounts_and_drafts(session):
    report = load(session, row(1, flags="repeat|trial_route", email="a@example.com"), row(2, site="TJ02"))

    assert counts(report) == (2, 0, 0, 0)
    first, second = Candidate.objects.order_by("registration_number")
    assert (first.name, first.level, first.flags, first.email) == (
        "考生1", "physician", ["repeat", "trial_route"], "a@example.com",
    )  # fmt: skip
    assert first.id_number == factories.id_number(1)
    assert first.id_number_hash == keyed_hash(factories.id_number(1))
    assert (first.user.username, first.user.role, first.user.has_usable_password()) == (
        "TJ27000001",
        "candidate",
        False,
    )
    assert (second.application.status, second.application.stage, second.application.site) == (
        "draft", "site", second.site,
    )  # fmt: skip
    assert Event.objects.get(action="roster_loaded").facts == {"new": 2, "changed": 0, "same": 0}


def test_a_dry_run_writes_nothing(session):
    assert counts(load(session, row(1), dry_run=True)) == (1, 0, 0, 0)
    assert not Candidate.objects.exists()
    assert not User.objects.exists()
    assert not Event.objects.exists()


def test_the_same_file_twice_changes_nothing(session):
    rows = [row(1, flags="trial_route|repeat"), row(2)]
    load(session, *rows)
    before = list(Candidate.objects.order_by("pk").values())

    assert counts(load(session, *rows)) == (0, 0, 2, 0)

    assert list(Candidate.objects.order_by("pk").values()) == before
    assert Event.objects.filter(action="roster_loaded").count() == 1
    assert Application.objects.count() == 2


def test_a_changed_row_updates_the_registration_and_is_recorded(session):
    load(session, row(1), row(2))

    report = load(session, row(1, name="新名", phone="13911112222", flags="military", level="assistant"), row(2))

    assert counts(report) == (0, 1, 1, 0)
    candidate = Candidate.objects.get(registration_number="TJ27000001")
    assert (candidate.name, candidate.phone, candidate.flags, candidate.level) == (
        "新名", "13911112222", ["military"], "assistant",
    )  # fmt: skip
    event = Event.objects.get(action="registration_changed")
    assert event.candidate == candidate
    assert sorted(event.facts["fields"]) == ["flags", "level", "name", "phone"]
    assert "13911112222" not in str(event.facts)
    assert candidate.application.version == 2


def test_a_corrected_id_number_opens_activation_with_the_new_one(session, client):
    load(session, row(1))
    load(session, row(1, id_number=factories.id_number(77)))

    candidate = Candidate.objects.get()
    assert candidate.id_number == factories.id_number(77)
    address = reverse("login")
    assert client.post(address, {"username": "TJ27000001", "password": factories.id_number(1)}).status_code != 303
    assert client.post(address, {"username": "TJ27000001", "password": factories.id_number(77)}).status_code == 303


def test_a_candidate_who_moves_to_another_site_takes_the_application_along(session):
    load(session, row(1))

    load(session, row(1, site="TJ02"))

    application = Application.objects.get()
    assert application.site.code == application.candidate.site.code == "TJ02"


def test_a_change_that_ends_a_category_keeps_its_pictures(session):
    load(session, row(1))
    application = Application.objects.get()
    category = session.categories.get(code="EDU")
    category.levels = ["physician"]
    category.save()
    factories.make_photo(application, "EDU")

    load(session, row(1, level="assistant"))

    assert application.items.get(category__code="EDU").photos.count() == 1


# --- encodings and shapes --------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(session, encoding):
    data = "\n".join([HEADER, row(1, name=f"{RARE}王")]).encode(encoding)

    assert load_roster(OPERATOR, session, BytesIO(data)).new == 1
    assert Candidate.objects.get().name == f"{RARE}王"


def test_columns_may_come_in_any_order_and_cells_may_be_quoted(session):
    values = dict(zip(COLUMNS, row(1).split(","), strict=True)) | {"name": '"欧阳, 明"'}
    order = sorted(COLUMNS)
    data = "\n".join([",".join(order), ",".join(values[column] for column in order)]).encode()

    assert load_roster(OPERATOR, session, BytesIO(data)).new == 1
    assert Candidate.objects.get().name == "欧阳, 明"


def test_spaces_around_cells_and_empty_lines_do_not_matter(session):
    number = factories.id_number(1)
    data = csv("", row(1, id_number=f" {number[:6]} {number[6:].lower()} ", name=" 王 "), ",,,,,,,,")

    assert load_roster(OPERATOR, session, BytesIO(data)).new == 1
    assert Candidate.objects.get().name == "王"
    assert Candidate.objects.get().id_number == number


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        HEADER.encode(),
        b"name,id\n1,2\n",
        csv('"unclosed'),
        csv(row(1) + ",extra"),
        csv(header=HEADER.replace("email", "name")),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_a_reason(session, data):
    report = load_roster(OPERATOR, session, BytesIO(data))

    assert report.faults
    assert all(str(fault.reason) for fault in report.faults)
    assert not Candidate.objects.exists()


# --- faults ----------------------------------------------------------------------------------------


FAULTY = [
    ("registration_number", ""),
    ("registration_number", "TJ 1"),
    ("registration_number", "T" * 41),
    ("registration_number", "考号"),
    ("registration_number", "TJ27\0"),
    ("name", ""),
    ("name", "名" * 101),
    ("name", "王\0"),
    ("id_number", ""),
    ("id_number", "110101199001010010"),
    ("id_number", "110101199013010011"),
    ("id_number", "E12345678"),
    ("phone", ""),
    ("phone", "12"),
    ("phone", "电话"),
    ("email", "nobody"),
    ("site", "XX"),
    ("site", ""),
    ("track", "surgery"),
    ("level", "nurse"),
    ("flags", "rich|repeat"),
]


@pytest.mark.parametrize(("column", "value"), FAULTY)
def test_a_fault_is_named_with_line_column_and_value(session, column, value):
    report = load(session, row(1), row(2, **{column: value}))

    assert counts(report)[:2] == (1, 0)
    assert report.refused == 1
    fault = next(fault for fault in report.faults if fault.column == column)
    assert (fault.line, fault.value) == (3, value[:100])
    assert str(fault.reason)
    assert value[:20] in str(fault)
    assert not Candidate.objects.exists()


def test_every_fault_is_named_at_once_and_nothing_is_written(session):
    rows = [row(number, **{column: value}) for number, (column, value) in enumerate(FAULTY, start=1)]

    report = load(session, *rows, row(90))

    assert report.refused == len(FAULTY)
    assert [fault.line for fault in report.faults] == sorted(fault.line for fault in report.faults)
    assert {(fault.line, fault.column) for fault in report.faults} >= {
        (line, column) for line, (column, _value) in enumerate(FAULTY, start=2)
    }
    assert not User.objects.exists()


def test_a_travel_document_needs_its_flag(session):
    assert load(session, row(1, id_number="E12345678", flags="hmt_or_foreign")).new == 1
    assert load(session, row(2, id_number="E1", flags="hmt_or_foreign")).refused == 1


def test_a_number_or_a_person_twice_in_the_file(session):
    report = load(session, row(1), row(1, id_number=factories.id_number(5)), row(3, id_number=factories.id_number(1)))

    assert [(fault.line, fault.column) for fault in report.faults] == [(3, "registration_number"), (4, "id_number")]
    assert all("2" in str(fault.reason) for fault in report.faults)


def test_a_number_of_another_session_is_refused(session):
    other = factories.make_candidate(registration_number="TJ27000001")

    report = load(session, row(1))

    assert [fault.column for fault in report.faults] == ["registration_number"]
    other.refresh_from_db()
    assert other.session_id != session.pk


def test_the_name_of_a_staff_account_is_refused(session):
    factories.StaffFactory(username="TJ27000001")

    assert [fault.column for fault in load(session, row(1)).faults] == ["registration_number"]


def test_a_person_under_another_number_is_refused_in_the_session_but_not_in_another(session):
    load(session, row(1))
    factories.make_candidate(id_number=factories.id_number(2))

    report = load(session, row(9, id_number=factories.id_number(1)), row(2))

    assert [(fault.line, fault.column) for fault in report.faults] == [(2, "id_number")]


def test_a_published_session_takes_no_roster(session):
    load(session, row(1))
    factories.publish(session)

    with pytest.raises(Refusal) as refused:
        load(session, row(1, name="新名"))

    assert refused.value.code == "published"
    assert Candidate.objects.get().name == "考生1"


def test_reading_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert [type(line) for line in read_roster(BytesIO(csv(row(1))), {"TJ01"})] == [Row]


@pytest.mark.django_db(transaction=True)
def test_the_same_roster_loaded_twice_at_once_is_loaded_once():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    data = csv(*(row(number) for number in range(1, 30)))

    results = at_once(*(lambda: load_roster(OPERATOR, session, BytesIO(data)) for _ in range(3)))

    assert refusals(results) == []
    assert sorted(counts(report) for report in results) == [(0, 0, 29, 0), (0, 0, 29, 0), (29, 0, 0, 0)]
    assert Application.objects.count() == Candidate.objects.count() == 29
