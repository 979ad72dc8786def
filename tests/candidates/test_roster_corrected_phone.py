"""A roster loaded after staff corrected a phone number: the correction stays, and that is said."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from candidates.models import Candidate, Event
from candidates.services.events import Actor
from candidates.services.phone import change_phone
from materials.models import RosterLoad
from materials.services.roster_loads import load_next
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.candidates.test_roster import counts, csv, load, row

pytestmark = pytest.mark.django_db
OLD, NEW = "13800000001", "13955556666"


@pytest.fixture
def session():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    load(session, row(1, phone=OLD), row(2))
    return session


@pytest.fixture
def corrected(session):
    candidate = Candidate.objects.get(registration_number="TJ27000001")
    actor = Actor(factories.region_staff(session.region))
    change_phone(actor, candidate.pk, version=1, phone=NEW, checked="in_person", reason="原号码已停用")
    return candidate


def test_a_corrected_number_stays_and_that_is_said(session, corrected):
    for options in ({"dry_run": True}, {}):
        report = load(session, row(1, phone=OLD), row(2), **options)
        assert counts(report) == (0, 0, 2, 0)
        assert report.phones_kept == ["TJ27000001"]
    corrected.refresh_from_db()
    assert corrected.phone == NEW


def test_the_rest_of_the_row_is_taken(session, corrected):
    report = load(session, row(1, phone="13711112222", name="新名"), row(2, phone="13711113333"))
    assert counts(report) == (0, 2, 0, 0)
    assert report.phones_kept == ["TJ27000001"]
    corrected.refresh_from_db()
    assert (corrected.phone, corrected.name) == (NEW, "新名")
    assert Candidate.objects.get(registration_number="TJ27000002").phone == "13711113333"
    event = Event.objects.filter(candidate=corrected, action="registration_changed").get()
    assert event.facts == {"fields": ["name"]}
    assert Event.objects.filter(action="roster_loaded").first().facts["phones_kept"] == 1


def test_a_roster_that_says_the_same_says_nothing(session, corrected):
    assert load(session, row(1, phone=NEW), row(2)).phones_kept == []


def test_the_page_and_the_command_name_them(session, corrected, tmp_path, capsys):
    client = signed_in(factories.region_staff(session.region))
    data = csv(row(1, phone=OLD), row(2))
    page = client.post(
        reverse("staff_roster", args=[session.code]), {"file": SimpleUploadedFile("r.csv", data), "act": "check"}
    ).content.decode()
    assert "保留更正后的号码：TJ27000001" in page
    answer = client.post(
        reverse("staff_roster", args=[session.code]),
        {"file": SimpleUploadedFile("r.csv", csv(row(1, phone=OLD, name="新名"), row(2))), "act": "load"},
        follow=True,
    )
    assert "保留更正后的号码：TJ27000001" in answer.content.decode()
    (tmp_path / "r.csv").write_bytes(data)
    call_command("load_roster", str(tmp_path / "r.csv"), session=session.code, dry_run=True)
    assert "TJ27000001" in capsys.readouterr().out


def test_a_long_roster_names_them_too(session, corrected, monkeypatch):
    monkeypatch.setattr("materials.services.roster_loads.AT_ONCE_BYTES", 10)
    client = signed_in(factories.region_staff(session.region))
    address = reverse("staff_roster", args=[session.code])
    client.post(address, {"file": SimpleUploadedFile("r.csv", csv(row(1, phone=OLD), row(2))), "act": "load"})
    load_next()
    assert RosterLoad.objects.get().phones_kept == ["TJ27000001"]
    assert "保留更正后的号码：TJ27000001" in client.get(address).content.decode()
