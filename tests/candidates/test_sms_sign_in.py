"""Signing in with a code by SMS (docs/contract.md, ``/login/sms/``)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.enums import Action, CodePurpose
from candidates.models import Delivery, Event, OneTimeCode
from candidates.refusals import Refusal
from candidates.services.codes import hash_of
from candidates.services.door_codes import use_sign_in_code
from candidates.services.events import Actor
from tests import factories
from tests.candidates.by_sms import RESET, SIGN_IN, ask, error_of, let_pass, newest_code, texts, type_code, wrong
from tests.candidates.test_as_typed import ODD

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate():
    return factories.make_candidate()


def test_number_code_signed_in(client, candidate):
    answer = ask(client, candidate.registration_number)
    assert (answer.status_code, answer.url) == (303, "/login/sms/code/")
    page = client.get(answer.url).content.decode()
    assert candidate.registration_number in page
    assert 'autocomplete="one-time-code"' in page
    key = client.session.session_key

    answer = type_code(client, newest_code())

    assert (answer.status_code, answer.url) == (303, "/registration/")
    assert client.get("/registration/").status_code == 200
    assert client.session.session_key != key
    sent, signed_in = Event.objects.filter(candidate=candidate).order_by("pk")
    assert (sent.action, sent.actor, sent.facts) == (Action.CODE_SENT, None, {"purpose": "sign_in"})
    assert (signed_in.action, signed_in.actor, signed_in.facts) == (Action.SIGNED_IN, candidate.user, {"how": "code"})


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_number_and_code_as_keyboards_bring_them(client, candidate, odd):
    ask(client, odd(candidate.registration_number))
    assert type_code(client, odd(newest_code())).status_code == 303


def test_a_code_works_once(client, candidate):
    ask(client, candidate.registration_number)
    code, session = newest_code(), dict(client.session.items())
    type_code(client, code)
    again = Client()
    stored = again.session
    stored.update({"codes": session["codes"]})
    stored.save()
    again.cookies["sessionid"] = stored.session_key
    assert error_of(type_code(again, code)) == "code_missing"


def test_leads_on_to_where_they_wanted(client, candidate):
    answer = ask(client, candidate.registration_number, next="/messages/")
    assert answer.url == "/login/sms/code/?next=%2Fmessages%2F"
    assert 'name="next" value="/messages/"' in client.get(answer.url).content.decode()
    assert type_code(client, newest_code(), next="/messages/").url == "/messages/"


# --- who asks learns nothing -----------------------------------------------------------------------


def strangers() -> dict[str, str]:
    """Numbers that get no code."""
    deactivated = factories.make_candidate()
    deactivated.user.is_active = False
    deactivated.user.save()
    return {
        "unknown": "TJ00000000",
        "not activated": factories.make_candidate(activated=False).registration_number,
        "deactivated": deactivated.registration_number,
        "staff": factories.administrator().username,
        "no number at all": "𠮷 <script>",
    }


def told(number: str) -> list[tuple[int, str, str]]:
    """Every answer on the way: asking, the page, five wrong codes and one more; the number itself left out."""
    client = Client()
    answers = [ask(client, number), client.get("/login/sms/code/"), ask(client, number)]
    answers += [type_code(client, "000000") for _ in range(6)]
    seen = []
    for answer in answers:
        page = answer.content.decode()
        shown = page.replace(number, "").replace(number.replace("<", "&lt;").replace(">", "&gt;"), "")
        shown = "\n".join(line for line in shown.splitlines() if "csrfmiddlewaretoken" not in line)
        seen.append((answer.status_code, answer.get("Location", ""), shown))
    return seen


def test_unknown_not_activated_and_known_numbers_answer_alike(candidate, monkeypatch):
    monkeypatch.setattr("candidates.services.codes.secrets.randbelow", lambda most: 123456)
    known = told(candidate.registration_number)
    assert [status for status, *_ in known] == [303, 200, 429, *[422] * 6]
    for name, number in strangers().items():
        assert told(number) == known, name
    assert len(texts()) == 1
    assert Event.objects.filter(action=Action.CODE_SENT).count() == 1


def test_the_page_shows_nothing_of_the_phone(client, candidate):
    ask(client, candidate.registration_number)
    page = re.sub("<[^>]*>", "", client.get("/login/sms/code/").content.decode()).replace("10分钟", "")
    assert set(re.findall("[0-9]+", page.replace(candidate.registration_number, ""))) <= {"5", "6"}


def test_an_unknown_number_takes_nearly_as_many_queries(candidate):
    def queries(number: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(Client(), number)
        return len(captured)

    # Finding, locking and reading the candidate, and the delivery; sending is not waited for, and both leave an event.
    assert queries(candidate.registration_number) - queries("TJ00000000") == 4


def test_an_id_number_is_asked_for_no_code_and_kept_nowhere(client, candidate):
    answer = ask(client, candidate.plain_id)
    assert answer.status_code == 422
    assert "这是证件号码" in answer.content.decode()
    assert not OneTimeCode.objects.exists()


def test_what_was_typed_is_kept_encrypted(client):
    ask(client, "E12345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM candidates_onetimecode")
        assert "E12345678" not in str(cursor.fetchall())


# --- wrong codes -----------------------------------------------------------------------------------


def test_wrong_codes_run_out_and_are_recorded(client, candidate):
    ask(client, candidate.registration_number)
    code = newest_code()
    for _ in range(5):
        assert error_of(type_code(client, wrong(code))) == "code_wrong"
    assert error_of(type_code(client, code)) == "code_tries"
    assert Event.objects.filter(action=Action.SIGN_IN_FAILED).count() == 5
    assert "_auth_user_id" not in client.session


def test_an_old_code_is_void(client, candidate):
    ask(client, candidate.registration_number)
    let_pass(minutes=10)
    assert error_of(type_code(client, newest_code())) == "code_expired"


@pytest.mark.parametrize("typed", ["12345", "abcdef", ""])
def test_what_cannot_be_a_code_costs_no_try(client, candidate, typed):
    ask(client, candidate.registration_number)
    assert type_code(client, typed).status_code == 422
    assert OneTimeCode.objects.get().tries == 0


def test_without_having_asked(client):
    assert client.get("/login/sms/code/").url == "/login/sms/"
    answer = type_code(client, "123456")
    assert (answer.status_code, error_of(answer)) == (422, "code_missing")


def test_a_code_opens_nothing_in_another_browser(client, candidate):
    ask(client, candidate.registration_number)
    assert error_of(type_code(Client(), newest_code())) == "code_missing"


def test_a_deactivated_account_is_not_signed_in_by_a_code_sent_before(client, candidate):
    ask(client, candidate.registration_number)
    candidate.user.is_active = False
    candidate.user.save()
    assert error_of(type_code(client, newest_code())) == "inactive"


# --- bound to its purpose --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "typed"), [("/login/sms/", "/password/forgotten/"), ("/password/forgotten/", "/login/sms/")]
)
def test_a_code_for_one_purpose_opens_no_other(client, candidate, asked, typed):
    ask(client, candidate.registration_number, asked)
    code = newest_code()
    let_pass(minutes=1)
    ask(client, candidate.registration_number, typed)
    if newest_code() != code:
        assert error_of(type_code(client, code, typed)) == "code_wrong"
    assert type_code(client, code, asked).status_code == 303


def test_the_services_hold_to_the_purpose_by_themselves(client, candidate):
    ask(client, candidate.registration_number, RESET)
    with pytest.raises(Refusal) as refused:
        use_sign_in_code(Actor(None), OneTimeCode.objects.get().pk, newest_code())
    assert refused.value.code == "code_missing"
    assert len({hash_of(candidate.pk, purpose, "123456") for purpose in CodePurpose}) == 3


def test_an_activation_code_signs_nobody_in(client):
    candidate = factories.make_candidate(activated=False)
    client.post("/login/", {"username": candidate.registration_number, "password": candidate.plain_id})
    client.post("/activate/code/")
    stranger = Client()
    ask(stranger, candidate.registration_number)
    assert error_of(type_code(stranger, newest_code())) == "code_wrong"


def test_a_code_for_something_else_does_not_stand_in_for_the_one_to_activate(client):
    candidate = factories.make_candidate(activated=False)
    client.post("/login/", {"username": candidate.registration_number, "password": candidate.plain_id})
    client.post("/activate/code/")
    code = newest_code()
    OneTimeCode.objects.create(candidate=candidate, purpose="sign_in", sent_at=timezone.now())
    fields = {"password1": "a-quiet-harbour-77", "password2": "a-quiet-harbour-77", "consent": "on"}
    assert client.post("/activate/", {"code": code, **fields}).status_code == 303


# --- what is sent ----------------------------------------------------------------------------------


def test_the_sms_says_what_it_is_for_and_nothing_of_whom(client, candidate):
    ask(client, candidate.registration_number)
    (text,) = texts()
    assert "登录验证码" in text
    assert len(text) <= 70  # one SMS
    for personal in (candidate.registration_number, candidate.name, candidate.phone, "@"):
        assert personal not in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_last_line_binds_the_code_to_a_public_host(client, candidate, settings, language):
    candidate.language = language
    candidate.save()
    settings.ALLOWED_HOSTS = ["portal.exam.example", ".exam.example", "*"]
    for host, named in (("portal.exam.example", True), ("evil.example", False), ("127.0.0.1", False)):
        client.post(SIGN_IN, {"username": candidate.registration_number}, headers={"host": host})
        code = newest_code()
        assert (texts()[0].splitlines()[-1] == f"@{host} #{code}") is named, host
        OneTimeCode.objects.all().delete()


def test_the_page_does_not_wait_for_the_gateway(
    client, candidate, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.SMS_BACKEND = "http"
    beside: list[int] = []
    monkeypatch.setattr("candidates.services.messages._send_beside", beside.append)
    monkeypatch.setattr("candidates.services.messages.send_one", lambda *given: pytest.fail("waited for"))
    with django_capture_on_commit_callbacks(execute=True):
        ask(client, candidate.registration_number)
    assert beside == [Delivery.objects.get().pk]


def test_the_answer_takes_the_same_time_whether_a_code_was_sent_or_not(client, candidate, settings, monkeypatch):
    settings.SMS_ANSWER_SECONDS = 1000.0
    waited: list[float] = []
    monkeypatch.setattr("candidates.views.by_sms.sleep", waited.append)
    for number in (candidate.registration_number, "TJ00000000"):
        ask(client, number)
    assert [900 < seconds < 1000 for seconds in waited] == [True, True]
