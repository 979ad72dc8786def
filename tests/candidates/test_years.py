"""Dates far from now: refused with a sentence wherever they are typed, and by the database."""

from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from candidates.models import ExamSession
from materials.models import Application
from tests import factories
from tests.candidates.staff_pages import change, signed_in
from tests.review.desk import now_of

pytestmark = pytest.mark.django_db
ABSURD = {
    "opens_at": ["0001-01-01T00:00:00", "1999-12-30T00:00:00"],
    "corrections_until": ["9999-12-31T23:59:59", "2101-06-01T00:00:00"],
}
CASES = [(name, value) for name, values in ABSURD.items() for value in values]
SENTENCE = "年份必须在 2000 至 2100 之间"


@pytest.mark.parametrize(("name", "value"), CASES)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_form_of_a_session_refuses_them(client, zone, name, value):
    session = factories.make_session(region=factories.RegionFactory(time_zone=zone))
    before = getattr(session, name)

    response = change(signed_in(factories.region_staff(session.region)), session, **{name: value})

    assert response.status_code == 200
    assert SENTENCE in response.content.decode()
    session.refresh_from_db()
    assert getattr(session, name) == before
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("option", "value"), [("opens", CASES[0][1]), ("corrections", CASES[2][1])])
@pytest.mark.parametrize("offset", ["", "+14:00", "-12:00"])
def test_the_command_refuses_them_in_one_line(option, value, offset):
    session = factories.make_session()
    before = ExamSession.objects.values().get()

    with pytest.raises(CommandError) as refused:
        call_command("set_windows", f"--{option}", value + offset, session=session.code)

    assert len(str(refused.value).splitlines()) == 1
    assert ExamSession.objects.values().get() == before


@pytest.mark.parametrize("until", ["0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59:59-12:00"])
def test_an_extension_refuses_them(until):
    application = factories.returned()
    browser = signed_in(factories.region_staff(application.session.region))
    address = reverse("staff_extension", args=[application.pk])

    response = browser.post(address, {"version": now_of(application).version, "until": until, "reason": "住院"})

    assert response.status_code == 422
    assert (SENTENCE in response.content.decode()) == until.startswith("9999")
    assert now_of(application).corrections_until is None


def test_the_whole_years_from_2000_to_2100_are_taken():
    session = factories.make_session(region=factories.RegionFactory(time_zone="America/New_York"))
    browser = signed_in(factories.region_staff(session.region))

    response = change(browser, session, opens_at="2000-01-01T00:00:00", corrections_until="2100-12-31T23:59:59")

    assert response.status_code == 303


@pytest.mark.parametrize("year", [1, 9999])
def test_the_database_refuses_them(year):
    absurd = datetime(year, 6, 1, tzinfo=UTC)
    application = factories.returned()
    everything = dict.fromkeys(("opens_at", "closes_at", "corrections_until"), absurd)

    for rows, fields in (
        (ExamSession.objects.all(), everything),
        (Application.objects.filter(pk=application.pk), {"corrections_until": absurd}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**fields)
