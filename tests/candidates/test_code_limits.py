"""How many codes by SMS one may ask for, and for how long they count (candidates/services/door_codes.py)."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Event, OneTimeCode
from candidates.rules import CODES_PER_HOUR_AND_ADDRESS
from candidates.services.door_codes import delete_old_codes
from tests import factories
from tests.candidates.by_sms import ask, error_of, let_pass, newest_code, type_code, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate():
    return factories.make_candidate()


def test_one_a_minute(client, candidate):
    ask(client, candidate.registration_number)
    answer = ask(client, candidate.registration_number)
    assert (answer.status_code, error_of(answer)) == (429, "code_too_soon")
    assert 'name="code"' in answer.content.decode()
    let_pass(minutes=1)
    assert ask(client, candidate.registration_number).status_code == 303


@pytest.mark.parametrize(
    ("from_here", "from_elsewhere", "minutes"),
    [(3, 0, 5), (2, 3, 5), (5, 0, 61), (4, 6, 61)],
    ids=["3 an hour from here", "5 an hour", "5 a day from here", "10 a day"],
)
def test_not_more_than_anybody_needs(client, candidate, from_here, from_elsewhere, minutes):
    ask(client, candidate.registration_number)
    account = OneTimeCode.objects.get().account_hash
    OneTimeCode.objects.all().delete()
    for number in range(from_here + from_elsewhere):
        OneTimeCode.objects.create(
            candidate=candidate, purpose="reset", account_hash=account,
            ip_address="127.0.0.1" if number < from_here else "203.0.113.9",
            sent_at=timezone.now() - timedelta(minutes=minutes + number),
        )  # fmt: skip
    answer = ask(client, candidate.registration_number)
    assert (answer.status_code, error_of(answer)) == (429, "code_too_many")
    # One fewer, and it goes.
    OneTimeCode.objects.filter(ip_address="127.0.0.1").order_by("sent_at").first().delete()
    assert ask(client, candidate.registration_number).status_code == 303


def test_a_stranger_leaves_the_owner_codes_and_voids_none(client, candidate):
    number = candidate.registration_number
    ask(client, number)
    code = newest_code()
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(3):
        let_pass(minutes=1)
        assert ask(stranger, number).status_code == 303
        for _ in range(5):
            type_code(stranger, wrong(newest_code()))
    let_pass(minutes=1)
    assert error_of(ask(stranger, number)) == "code_too_many"
    assert type_code(client, code).status_code == 303
    assert ask(Client(), number).status_code == 303


def test_not_every_number_from_one_address(client, candidate):
    OneTimeCode.objects.bulk_create(
        OneTimeCode(account_hash=str(number), ip_address="127.0.0.1", sent_at=timezone.now() - timedelta(minutes=30))
        for number in range(CODES_PER_HOUR_AND_ADDRESS)
    )
    answer = ask(client, candidate.registration_number)
    assert (answer.status_code, error_of(answer)) == (429, "code_too_many")
    assert "换一个网络" in answer.content.decode()
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), candidate.registration_number).status_code == 303


def test_not_more_than_the_operator_pays_for(client, candidate, settings):
    settings.SMS_CODES_PER_HOUR = 2
    for number in range(2):
        assert ask(Client(REMOTE_ADDR=f"203.0.113.{number}"), f"TJ0000000{number}").status_code == 303
        assert ask(client, factories.make_candidate(candidate.session).registration_number).status_code == 303
    for number in (candidate.registration_number, "TJ00000009"):
        answer = ask(client, number)
        assert (answer.status_code, error_of(answer)) == (429, "code_too_many")
    assert (
        client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD}).status_code
        == 303
    )


def test_activation_codes_and_those_of_the_door_do_not_hold_each_other_back(client, candidate):
    for _ in range(10):
        OneTimeCode.objects.create(candidate=candidate, sent_at=timezone.now() - timedelta(seconds=5))
    assert ask(client, candidate.registration_number).status_code == 303


def test_what_no_limit_counts_any_more_goes_without_anybody_asking(client, candidate):
    old = [OneTimeCode(candidate=candidate, sent_at=timezone.now() - timedelta(hours=25)) for _ in range(30)]
    OneTimeCode.objects.bulk_create(old)
    ask(client, candidate.registration_number)
    assert delete_old_codes(dry_run=True) == 30
    output = StringIO()
    call_command("run_periodic", stdout=output)
    assert "30 old one-time codes deleted\n" in output.getvalue()
    assert OneTimeCode.objects.count() == 1
    assert delete_old_codes() == 0


def test_a_whole_ipv6_network_counts_as_one_address(candidate):
    number = candidate.registration_number
    answers = []
    for last in range(4):
        answers.append(error_of(ask(Client(REMOTE_ADDR=f"2001:db8:1:2::{last}"), number)))
        let_pass(minutes=1)
    assert answers == ["", "", "", "code_too_many"]
    assert ask(Client(REMOTE_ADDR="2001:db8:1:3::1"), number).status_code == 303
    # The event says exactly from where.
    assert Event.objects.filter(action=Action.CODE_SENT, ip_address="2001:db8:1:2::2").exists()


def test_not_every_number_from_one_ipv6_network():
    for number in range(CODES_PER_HOUR_AND_ADDRESS):
        ask(Client(REMOTE_ADDR=f"2001:db8::{number:x}"), f"TJ{number:08}")
    assert error_of(ask(Client(REMOTE_ADDR="2001:db8::ffff"), "TJ99999999")) == "code_too_many"
    assert ask(Client(REMOTE_ADDR="203.0.113.9"), "TJ99999999").status_code == 303
