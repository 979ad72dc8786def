"""Rosters too long for a request: the page keeps them, ``load_rosters`` loads them, the page shows how far it is."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from materials.models import RosterLoad
from materials.services import roster_loads
from materials.services.roster_loads import load_next, take_in_roster
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.candidates.test_roster import csv, row
from tests.concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_is_long")]


@pytest.fixture
def session():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    return session


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


@pytest.fixture
def everything_is_long(monkeypatch):
    monkeypatch.setattr(roster_loads, "AT_ONCE_BYTES", 100)


def queue(session, *rows, dry_run=False):
    user = factories.region_staff(session.region)
    assert take_in_roster(Actor(user, "10.0.0.1"), user, session, io.BytesIO(csv(*rows)), dry_run=dry_run) is None
    return RosterLoad.objects.get(session=session)


def open_page(staff, session):
    return signed_in(staff).get(reverse("staff_roster", args=[session.code]))


# --- on the page -----------------------------------------------------------------------------------


def test_a_long_roster_is_kept_then_loaded_and_the_page_says_so(session, staff):
    file = SimpleUploadedFile("roster.csv", csv(row(1), row(2)))
    response = signed_in(staff).post(reverse("staff_roster", args=[session.code]), {"act": "load", "file": file})

    assert response.status_code == 303
    assert not Candidate.objects.exists()
    assert 'data-roster-percent="0"' in open_page(staff, session).content.decode()

    call_command("load_rosters", stdout=io.StringIO())

    assert Candidate.objects.count() == 2
    event = Event.objects.get(action="roster_loaded")
    assert (event.actor, event.ip_address, event.facts["new"]) == (staff, "127.0.0.1", 2)
    shown = open_page(staff, session)
    assert "data-roster-percent" not in shown.content.decode()
    assert (shown.context["last"].new, shown.context["last"].percent) == (2, 100)


@pytest.mark.parametrize("act", ["check", "faults"])
def test_a_long_roster_is_checked_and_its_faults_can_be_had(session, staff, act):
    browser = signed_in(staff)
    file = SimpleUploadedFile("roster.csv", csv(row(1), row(2, site="XX", id_number="110101199001010016")))
    browser.post(reverse("staff_roster", args=[session.code]), {"act": act, "file": file})

    load_next()

    assert not Candidate.objects.exists()
    shown = open_page(staff, session)
    assert (shown.context["last"].new, shown.context["last"].refused) == (1, 1)
    assert 'href="?faults"' in shown.content.decode()
    faults = browser.get(reverse("staff_roster", args=[session.code]), {"faults": ""})
    assert faults["Content-Type"] == "text/csv; charset=utf-8"
    lines = faults.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "行,列,值,问题"
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["3\t", "id_number", "110*************16"], ["3\t", "site", "XX"],
    ]  # fmt: skip


def test_the_page_of_another_session_shows_nothing_of_it(session, staff):
    queue(session, row(1))
    other = factories.make_session(region=session.region)

    assert open_page(staff, other).context["last"] is None
    assert open_page(factories.region_staff(factories.RegionFactory()), session).status_code == 404


def test_the_page_says_when_nobody_takes_it_up(session, staff):
    queue(session, row(1))
    assert not open_page(staff, session).context["is_left_waiting"]

    RosterLoad.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    assert "load_rosters" in open_page(staff, session).content.decode()


# --- keeping ---------------------------------------------------------------------------------------


def test_what_is_kept_is_encrypted_and_gone_at_the_end(session):
    load = queue(session, row(1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM materials_rosterload")
        [content] = cursor.fetchone()
    assert content.startswith("gAAAA")  # Fernet's

    load_next()

    load.refresh_from_db()
    assert load.content == ""


def test_one_at_a_time_and_the_next_takes_the_place_of_the_last(session):
    queue(session, row(1, site="XX"))
    with pytest.raises(Refusal):
        queue(session, row(2))
    load_next()

    queue(session, row(2))
    load_next()

    load = RosterLoad.objects.get()
    assert (load.new, load.refused, load.faults) == (1, 0, "")


def test_a_short_roster_does_not_wait_for_a_long_one_on_its_way(session, staff, monkeypatch):
    queue(session, row(1))
    monkeypatch.setattr(roster_loads, "AT_ONCE_BYTES", 10_000)

    file = SimpleUploadedFile("roster.csv", csv(row(2)))
    response = signed_in(staff).post(reverse("staff_roster", args=[session.code]), {"act": "load", "file": file})

    assert response.status_code == 409
    assert response.context["refusal"]
    assert 'name="act"' not in response.content.decode()
    load_next()
    assert Candidate.objects.count() == 1


def test_a_published_session_keeps_no_roster(session):
    factories.publish(session)
    with pytest.raises(Refusal):
        queue(session, row(1))
    assert not RosterLoad.objects.exists()


# --- loading ---------------------------------------------------------------------------------------


def test_a_session_published_meanwhile_refuses_it_with_the_sentence(session):
    queue(session, row(1))
    factories.publish(session)

    load_next()

    load = RosterLoad.objects.get()
    assert load.refusal
    assert load.ended_at
    assert Candidate.objects.count() == 1  # who was published


def test_a_load_that_breaks_is_not_tried_for_ever(session, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(roster_loads, "load_roster", broken)
    queue(session, row(1))

    assert load_next()
    assert load_next() is None

    assert RosterLoad.objects.get().refusal


def test_a_load_that_the_database_interrupts_is_taken_up_again(session, monkeypatch):
    def away(*_arguments, **_options):
        raise OperationalError

    queue(session, row(1))
    with monkeypatch.context() as patch:
        patch.setattr(roster_loads, "load_roster", away)
        with pytest.raises(OperationalError):
            load_next()

    assert load_next()
    assert Candidate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_loaders_load_it_once():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    queue(session, *map(row, range(1, 30)))

    done = at_once(*[load_next] * 3)

    assert sorted(load is None for load in done) == [False, True, True]
    assert Event.objects.filter(action="roster_loaded").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_progress_is_seen_before_the_end(monkeypatch):
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    load = queue(session, row(1))
    seen = []

    def half(*_arguments, progress, **_options):
        progress(50)
        [percent] = at_once(lambda: RosterLoad.objects.get(pk=load.pk).percent)
        seen.append(percent)
        raise Refusal("roster", "…")

    monkeypatch.setattr(roster_loads, "load_roster", half)

    load_next()

    assert seen == [50]
