"""The calendar file of the deadline: which one, for whom, and that a second one moves the first."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from icalendar import Calendar, Event

from candidates.enums import DraftsAtClose
from candidates.services.events import Actor
from materials.models import Application
from materials.services.extension import extend_deadline
from tests import factories

pytestmark = pytest.mark.django_db

ADDRESS = "/materials/deadline.ics"


def event_of(answer) -> Event:
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    return event


@pytest.fixture
def returned(client: Client) -> Application:
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    return application


def test_a_draft_is_due_when_the_window_closes(client, draft):
    answer = client.get(ADDRESS)
    event = event_of(answer)
    assert event.start == draft.session.closes_at.replace(microsecond=0)
    assert event["DTSTART"].to_ical().endswith(b"Z")
    assert event["SUMMARY"] == "截止：提交考试报名材料"
    assert "http://testserver/materials/" in event["DESCRIPTION"]
    assert event["URL"] == "http://testserver/materials/"
    assert answer["Content-Disposition"] == 'attachment; filename="deadline.ics"'
    assert answer["Cache-Control"] == "private, no-store"


def test_a_correction_is_due_when_corrections_are(client, returned):
    event = event_of(client.get(ADDRESS))
    assert event.start == returned.session.corrections_until.replace(microsecond=0)
    assert event["SUMMARY"] == "截止：重新提交考试报名材料"


def test_an_extension_moves_the_same_event(client, returned):
    before = event_of(client.get(ADDRESS))
    until = (returned.session.corrections_until + timedelta(days=3)).replace(microsecond=0)
    actor = Actor(factories.region_staff(returned.session.region))
    extend_deadline(actor, returned.pk, version=returned.version, until=until, reason="ill")
    after = event_of(client.get(ADDRESS))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.start == until


def test_it_is_one_event_from_draft_to_correction(client, draft):
    before = event_of(client.get(ADDRESS))
    factories.submit(draft)
    factories.review(draft, "return", ask=["EDU"])
    after = event_of(client.get(ADDRESS))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.start > before.start


def test_alarms_a_day_and_two_hours_before(client, draft):
    event = event_of(client.get(ADDRESS))
    alarms = event.walk("VALARM")
    assert [alarm["TRIGGER"].dt for alarm in alarms] == [-timedelta(days=1), -timedelta(hours=2)]
    assert {alarm["ACTION"] for alarm in alarms} == {"DISPLAY"}
    assert all(alarm["DESCRIPTION"] for alarm in alarms)


def test_nothing_in_it_says_who(client, draft):
    candidate = draft.candidate
    content = client.get(ADDRESS).content.replace(b"\r\n ", b"").decode()
    assert candidate.name not in content
    assert candidate.registration_number not in content
    assert candidate.site.name_zh not in content


def test_as_the_standard_wants_it(client, draft):
    """CRLF, lines of at most 75 bytes, and a stamp of now."""
    content = client.get(ADDRESS).content
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    stamp = event_of(client.get(ADDRESS))["DTSTAMP"].dt
    assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=5)


def test_in_english(client, draft):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    event = event_of(client.get(ADDRESS))
    assert event["SUMMARY"] == "Deadline: submit your exam materials"
    assert "Medical licensing exam 2026" in event["DESCRIPTION"]


def test_what_becomes_of_a_draft_is_said_as_the_session_has_it(client, draft):
    assert "草稿无效" in event_of(client.get(ADDRESS))["DESCRIPTION"]
    draft.session.drafts_at_close = DraftsAtClose.COUNT
    draft.session.save()
    description = event_of(client.get(ADDRESS))["DESCRIPTION"]
    assert "草稿无效" not in description
    assert "材料齐全的草稿才视为已提交" in description


def test_a_window_that_opens_later_has_its_deadline_already(client, draft):
    session = draft.session
    session.opens_at = session.closes_at - timedelta(hours=1)
    session.save()
    assert event_of(client.get(ADDRESS))


def test_there_is_none_where_nothing_is_to_be_done(client, draft):
    assert 'href="/materials/deadline.ics"' in client.get("/materials/").content.decode()
    assert 'href="/materials/deadline.ics"' in client.get("/registration/").content.decode()
    factories.submit(draft)
    assert client.get(ADDRESS).status_code == 404
    assert "deadline.ics" not in client.get("/materials/").content.decode()
    assert "deadline.ics" not in client.get("/registration/").content.decode()


def test_nor_when_it_is_past_or_published(client, draft):
    factories.close_window(draft.session)
    assert client.get(ADDRESS).status_code == 404
    factories.publish(draft.session)
    assert client.get(ADDRESS).status_code == 404


def test_nobody(client):
    assert client.get(ADDRESS).status_code == 302
