"""What became of a session's messages: counted, listed where they failed, tried again."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Delivery, Event
from candidates.selectors import outcomes_of
from candidates.services.events import Actor
from candidates.services.messages import GIVE_UP_AFTER, send_sms_code, send_waiting, tell
from candidates.services.phone import change_phone
from materials.services.reminders import send_reminders
from tests import factories

from . import desk


@pytest.fixture
def client(session):
    return desk.signed_in(factories.region_staff(session.region))


@pytest.fixture
def candidate(session) -> Candidate:
    return factories.make_candidate(session, phone="13800000009", email="someone@example.com")


def address(session) -> str:
    return reverse("staff_messages", args=[session.code])


def fail(candidate, **about) -> Delivery:
    """A message whose SMS was given up."""
    tell(candidate, "published")
    sms = Delivery.objects.filter(candidate=candidate, channel="sms").latest("pk")
    failed = {"status": "failed", "attempts": GIVE_UP_AFTER, "error": "no such number", "address": "13800000000"}
    Delivery.objects.filter(pk=sms.pk).update(**failed | about)
    return Delivery.objects.get(pk=sms.pk)


def test_outcomes_by_kind(session, candidate) -> None:
    fail(candidate, error="older")
    fail(candidate)
    send_sms_code(candidate, "123456")
    tell(factories.make_candidate(), "published")

    outcomes = outcomes_of(session)

    assert outcomes["published"].numbers == {"failed": 2, "waiting": 2}
    assert outcomes["published"].error == "no such number"
    assert outcomes[""].numbers == {"waiting": 1}


def test_every_number_leads_to_its_list(session, candidate, client) -> None:
    fail(candidate)
    send_waiting()
    html = client.get(address(session)).content.decode()
    numbers = re.findall(r'<a href="(/admin/candidates/delivery/\?[^"]+)">\s*(\d+)', html)

    assert {number for _link, number in numbers} == {"0", "1"}
    for link, number in numbers:
        assert client.get(unescape(link)).context["cl"].result_count == int(number), link


def test_failures_are_listed_with_the_candidate(session, candidate, client) -> None:
    fail(candidate)

    html = client.get(address(session)).content.decode()

    assert "no such number" in html
    assert reverse("admin:candidates_candidate_change", args=[candidate.pk]) in html
    assert "13800000009" not in html


def test_tried_again_at_the_address_of_now(session, candidate, client) -> None:
    failed, other = fail(candidate), fail(candidate)

    response = client.post(address(session), {"delivery": failed.pk})

    assert response.status_code == 303
    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.address) == ("waiting", 0, "13800000009")
    assert failed.next_attempt_at <= timezone.now()
    other.refresh_from_db()
    assert other.status == "failed"
    event = Event.objects.get(action="delivery_retried")
    assert (event.candidate, event.facts) == (candidate, {"number": 1})
    client.post(address(session), {"delivery": failed.pk})
    assert Event.objects.filter(action="delivery_retried").count() == 1


def test_all_are_tried_again(session, candidate, client) -> None:
    fail(candidate)
    fail(factories.make_candidate(session))
    elsewhere = fail(factories.make_candidate())

    client.post(address(session))

    assert list(Delivery.objects.filter(status="failed")) == [elsewhere]
    assert Event.objects.get(action="delivery_retried").facts == {"number": 2}


def test_what_cannot_be_tried_again(session, candidate, client) -> None:
    elsewhere = fail(factories.make_candidate())
    send_sms_code(candidate, "123456")
    code = Delivery.objects.get(candidate=candidate)
    Delivery.objects.filter(pk=code.pk).update(status="failed", error="the code is void", text="")
    mail = fail(candidate, channel="mail")
    Candidate.objects.filter(pk=candidate.pk).update(email="")

    for delivery in (elsewhere, code, mail):
        page = client.post(address(session), {"delivery": delivery.pk}, follow=True).content.decode()
        assert "Nothing to try again" in page
    assert client.post(address(session), {"delivery": "x"}).status_code == 404
    assert Delivery.objects.filter(status="failed").count() == 3


def test_who_was_reminded_when(session, client) -> None:
    session.closes_at = timezone.now() + timezone.timedelta(days=2)
    session.save()
    for _ in range(2):
        factories.draft(session)
    send_reminders()

    html = client.get(address(session)).content.decode()

    cells = re.findall(r'<td class="staff-number">\s*(\d+)\s*</td>', html.split('id="reminders"')[1])
    assert cells == ["3", "2"]


def queries(client, session) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(address(session)).status_code == 200
    return len(context)


def test_the_same_number_of_queries(session, candidate, client) -> None:
    fail(candidate)
    at_one = queries(client, session)
    for _ in range(2):
        fail(factories.make_candidate(session))

    assert queries(client, session) == at_one
    assert at_one <= 12


def test_that_a_number_was_changed_is_told_again_to_the_number_it_was_told_to(session, candidate, client) -> None:
    change_phone(
        Actor(factories.region_staff(session.region)), candidate.pk, version=candidate.version,
        phone="13955556666", checked="in_person", reason="换号",
    )  # fmt: skip
    told = Delivery.objects.filter(about="phone_changed")
    told.update(status="failed", error="no such number")
    Candidate.objects.filter(pk=candidate.pk).update(email="new@example.com")

    client.post(address(session))

    assert sorted((one.address, one.status) for one in told.all()) == [
        ("13800000009", "waiting"), ("13955556666", "waiting"), ("new@example.com", "waiting"),
    ]  # fmt: skip
