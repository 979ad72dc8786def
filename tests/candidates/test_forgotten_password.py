"""A forgotten password, set anew with a code by SMS (docs/contract.md, ``/password/forgotten/``)."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from candidates.enums import Action
from candidates.models import Delivery, Event, Message
from tests import factories
from tests.candidates.by_sms import (
    NEW_PASSWORD,
    RESET,
    SIGN_IN,
    ask,
    error_of,
    let_pass,
    newest_code,
    texts,
    type_code,
    wrong,
)

pytestmark = pytest.mark.django_db
PASSPORT = "EF45612378"  # not of digits alone, which are refused as they are
OTHERS_KNOW_IT = "别人也可能知道它"


@pytest.fixture
def candidate():
    return factories.make_candidate(email="someone@example.com")


def sign_in(client: Client, candidate, password: str) -> int:
    return client.post("/login/", {"username": candidate.registration_number, "password": password}).status_code


def test_number_code_new_password_signed_in(client, candidate):
    elsewhere = Client()
    sign_in(elsewhere, candidate, factories.PASSWORD)
    answer = ask(client, candidate.registration_number, RESET)
    assert (answer.status_code, answer.url) == (303, "/password/forgotten/code/")
    page = client.get(answer.url).content.decode()
    for part in (
        "至少8个字符",
        'autocomplete="new-password"',
        'autocomplete="one-time-code"',
        candidate.registration_number,
    ):
        assert part in page
    assert "重设密码验证码" in texts()[0]
    key = client.session.session_key

    answer = type_code(client, newest_code(), RESET)

    assert (answer.status_code, answer.url) == (303, "/registration/")
    assert "新密码已设置" in client.get("/registration/").content.decode()
    assert client.session.session_key != key
    assert elsewhere.get("/registration/").status_code == 302
    assert sign_in(Client(), candidate, factories.PASSWORD) == 422
    assert sign_in(Client(), candidate, NEW_PASSWORD) == 303
    changed, came_in = Event.objects.filter(actor=candidate.user).exclude(facts__how="password").order_by("pk")
    assert (changed.action, changed.candidate, changed.facts) == (Action.PASSWORD_CHANGED, candidate, {"how": "code"})
    assert (came_in.action, came_in.facts) == (Action.SIGNED_IN, {"how": "reset"})
    message = Message.objects.get(candidate=candidate)
    assert message.kind == "password_changed"
    assert {delivery.channel for delivery in Delivery.objects.filter(message=message)} == {"sms", "mail"}
    assert "如非本人操作" in client.get("/messages/").content.decode()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"password2": "another-one-88"}, "两次输入的密码不一致"),
        ({"password1": "12345678", "password2": "12345678"}, "field-error"),
        ({"password1": "short", "password2": "short"}, "field-error"),
        ({"password1": "", "password2": ""}, "field-error"),
    ],
)
def test_a_password_that_is_refused_costs_neither_code_nor_try(client, candidate, changed, says):
    ask(client, candidate.registration_number, RESET)
    for _ in range(6):
        answer = type_code(client, newest_code(), RESET, **changed)
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert type_code(client, newest_code(), RESET).status_code == 303


def test_the_registration_number_is_no_password(client, candidate):
    ask(client, candidate.registration_number, RESET)
    number = candidate.registration_number
    answer = type_code(client, newest_code(), RESET, password1=number, password2=number)
    assert answer.status_code == 422


def test_the_id_number_is_no_password_and_nobody_can_try_out_whose_it_is(client):
    candidate = factories.make_candidate(id_number=PASSPORT)
    ask(client, candidate.registration_number, RESET)
    own = {"password1": candidate.plain_id, "password2": candidate.plain_id}
    answer = type_code(client, wrong(newest_code()), RESET, **own)
    assert error_of(answer) == "code_wrong"
    assert OTHERS_KNOW_IT not in answer.content.decode()

    answer = type_code(client, newest_code(), RESET, **own)

    assert (answer.status_code, error_of(answer)) == (422, "password")
    assert OTHERS_KNOW_IT in answer.content.decode()
    candidate.user.refresh_from_db()
    assert candidate.user.check_password(factories.PASSWORD)
    assert type_code(client, newest_code(), RESET).status_code == 303


def test_wrong_codes_run_out(client, candidate):
    ask(client, candidate.registration_number, RESET)
    code = newest_code()
    for _ in range(5):
        assert error_of(type_code(client, wrong(code), RESET)) == "code_wrong"
    assert error_of(type_code(client, code, RESET)) == "code_tries"
    candidate.user.refresh_from_db()
    assert candidate.user.check_password(factories.PASSWORD)


def test_a_code_that_was_sent_before_opens_nothing_after_it(client, candidate):
    elsewhere = Client()
    ask(elsewhere, candidate.registration_number, SIGN_IN)
    code = newest_code()
    let_pass(minutes=1)
    ask(client, candidate.registration_number, RESET)
    type_code(client, newest_code(), RESET)
    assert error_of(type_code(elsewhere, code, SIGN_IN)) == "code_missing"


def test_whoever_was_held_back_for_wrong_passwords_comes_in_this_way(client, candidate):
    for _ in range(10):
        answer = client.post("/login/", {"username": candidate.registration_number, "password": "wrong"})
    assert answer.status_code == 429
    assert f'href="{RESET}"' in answer.content.decode()
    ask(client, candidate.registration_number, RESET)
    assert type_code(client, newest_code(), RESET).status_code == 303
    assert not AccessAttempt.objects.exists()
    assert sign_in(client, candidate, NEW_PASSWORD) == 303


def test_not_activated_gets_no_code(client):
    candidate = factories.make_candidate(activated=False)
    ask(client, candidate.registration_number, RESET)
    assert texts() == []
    assert error_of(type_code(client, "123456", RESET)) == "code_wrong"
