"""A signed-in candidate's new password (docs/contract.md, ``/password/``)."""

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from candidates.enums import Action
from candidates.models import Event, Message, User
from tests import factories
from tests.candidates.by_sms import NEW_PASSWORD, ask, error_of, newest_code, type_code
from tests.candidates.test_forgotten_password import OTHERS_KNOW_IT, PASSPORT

pytestmark = pytest.mark.django_db
ADDRESS = "/password/"


@pytest.fixture
def candidate():
    return factories.make_candidate()


def signed_in(candidate) -> Client:
    client = Client()
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    return client


def fields(**changed: str) -> dict[str, str]:
    return {"old_password": factories.PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD} | changed


def test_old_and_new_then_signed_out_everywhere_else(candidate):
    here, elsewhere = signed_in(candidate), signed_in(candidate)
    assert ADDRESS in here.get("/registration/").content.decode()
    page = here.get(ADDRESS).content.decode()
    for part in ('autocomplete="current-password"', 'autocomplete="new-password"', 'autocomplete="username"'):
        assert part in page
    key = here.session.session_key

    answer = here.post(ADDRESS, fields())

    assert (answer.status_code, answer.url) == (303, "/registration/")
    assert here.session.session_key != key
    assert here.get("/registration/").status_code == 200
    assert elsewhere.get("/registration/").status_code == 302
    candidate.user.refresh_from_db()
    assert candidate.user.check_password(NEW_PASSWORD)
    event = Event.objects.get(action=Action.PASSWORD_CHANGED)
    assert (event.actor, event.candidate, event.facts) == (candidate.user, candidate, {"how": "old_password"})
    assert Message.objects.get(candidate=candidate).kind == "password_changed"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"old_password": "wrong"}, "当前密码不正确"),
        ({"old_password": ""}, "field-error"),
        ({"password2": "another-one-88"}, "两次输入的密码不一致"),
        ({"password1": "12345678", "password2": "12345678"}, "field-error"),
    ],
)
def test_refused_with_the_reason(candidate, changed, says):
    answer = signed_in(candidate).post(ADDRESS, fields(**changed))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    candidate.user.refresh_from_db()
    assert candidate.user.check_password(factories.PASSWORD)


def test_the_id_number_is_no_password():
    candidate = factories.make_candidate(id_number=PASSPORT)
    number = candidate.plain_id
    answer = signed_in(candidate).post(ADDRESS, fields(password1=number, password2=number))
    assert answer.status_code == 422
    assert OTHERS_KNOW_IT in answer.content.decode()


def test_guessing_at_the_old_one_is_held_back(candidate):
    client = signed_in(candidate)
    for _ in range(10):
        answer = client.post(ADDRESS, fields(old_password="wrong"))
    assert answer.status_code == 429
    assert client.post(ADDRESS, fields()).status_code == 429
    assert Event.objects.filter(action=Action.SIGN_IN_FAILED).count() >= 10


def test_codes_sent_before_are_void(candidate):
    stranger = Client()
    ask(stranger, candidate.registration_number)
    code = newest_code()
    signed_in(candidate).post(ADDRESS, fields())
    assert error_of(type_code(stranger, code)) == "code_missing"


def test_one_that_was_set_by_sms_meanwhile_stays(candidate, monkeypatch):
    client = signed_in(candidate)

    def then_reset(*given, **named):
        judged = authenticate(*given, **named)
        user = User.objects.get(pk=candidate.user.pk)
        user.set_password("set-by-sms-2026")
        user.save()
        return judged

    monkeypatch.setattr("candidates.views.password.authenticate", then_reset)
    answer = client.post(ADDRESS, fields())

    assert answer.status_code == 422
    assert "当前密码不正确" in answer.content.decode()
    candidate.user.refresh_from_db()
    assert candidate.user.check_password("set-by-sms-2026")
    assert not Event.objects.filter(action=Action.PASSWORD_CHANGED).exists()
