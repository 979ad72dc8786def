"""账号激活 (docs/contract.md, ``/activate/``)."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Delivery, Event, OneTimeCode
from candidates.rules import CODE_LIFETIME, CONSENT_VERSION
from candidates.services.messages import send_one
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "a-quiet-harbour-77"


@pytest.fixture
def candidate(client):
    """Not activated, signed in with the ID number."""
    candidate = factories.make_candidate(activated=False)
    client.post("/login/", {"username": candidate.registration_number, "password": candidate.plain_id})
    return candidate


def newest_code() -> str:
    newest = max((settings.OUTBOX_DIR / "sms").glob("*.txt"), key=lambda file: file.stat().st_mtime_ns)
    return re.search(r"\d{6}", newest.read_text(encoding="utf-8")).group()


def fields(code: str, **changed: str) -> dict[str, str]:
    return {"code": code, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "consent": "on"} | changed


def test_code_password_consent_then_the_materials(client, candidate):
    page = client.get("/activate/").content.decode()
    assert "138****0001" in page
    assert "13800000001" not in page
    assert CONSENT_VERSION in page
    answer = client.post("/activate/code/", follow=True)
    assert answer.redirect_chain == [("/activate/", 303)]
    assert "138****0001" in answer.content.decode()
    key = client.cookies["sessionid"].value
    answer = client.post("/activate/", fields(newest_code()))
    assert (answer.status_code, answer.url) == (303, "/materials/")
    assert client.cookies["sessionid"].value != key
    assert client.get("/materials/").status_code == 200
    candidate.refresh_from_db()
    assert candidate.activated_at is not None
    assert candidate.consent_version == CONSENT_VERSION
    assert Event.objects.filter(candidate=candidate, action=Action.ACTIVATED).count() == 1


def test_twice(client, candidate):
    client.post("/activate/code/")
    client.post("/activate/", fields(newest_code()))
    assert client.get("/activate/").url == "/materials/"
    assert client.post("/activate/", fields("123456")).status_code == 302
    assert client.post("/activate/code/").url == "/materials/"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"consent": ""}, "未经您同意"),
        ({"password2": "another-one-88"}, "两次输入的密码不一致"),
        ({"password1": "12345678", "password2": "12345678"}, "field-error"),
        ({"password1": "short", "password2": "short"}, "field-error"),
        ({"password1": "", "password2": ""}, "field-error"),
    ],
)
def test_refused_with_the_reason(client, candidate, changed, says):
    client.post("/activate/code/")
    answer = client.post("/activate/", fields(newest_code(), **changed))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.activated_at is None


def test_the_id_number_is_no_password(client, candidate):
    client.post("/activate/code/")
    number = candidate.plain_id
    answer = client.post("/activate/", fields(newest_code(), password1=number, password2=number))
    assert answer.status_code == 422


def test_wrong_codes_run_out(client, candidate):
    client.post("/activate/code/")
    right = newest_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        answer = client.post("/activate/", fields(wrong))
        assert (answer.status_code, 'data-error="code_wrong"' in answer.content.decode()) == (422, True)
    assert 'data-error="code_tries"' in client.post("/activate/", fields(right)).content.decode()


def test_an_old_code_is_void(client, candidate):
    client.post("/activate/code/")
    OneTimeCode.objects.update(sent_at=timezone.now() - timedelta(minutes=10, seconds=1))
    assert 'data-error="code_expired"' in client.post("/activate/", fields(newest_code())).content.decode()


def test_one_code_a_minute(client, candidate):
    client.post("/activate/code/")
    answer = client.post("/activate/code/")
    assert answer.status_code == 429
    assert 'data-error="code_too_soon"' in answer.content.decode()


def test_without_a_code_sent(client, candidate):
    assert 'data-error="code_missing"' in client.post("/activate/", fields("123456")).content.decode()


def test_not_signed_in(client):
    assert client.get("/activate/").status_code == 302
    assert client.post("/activate/code/").status_code == 302


@pytest.mark.parametrize(("many", "minutes"), [(5, 10), (10, 120)])
def test_not_more_codes_than_anybody_needs(client, candidate, many, minutes):
    for number in range(many):
        sent_at = timezone.now() - timedelta(minutes=minutes + number)
        OneTimeCode.objects.create(candidate=candidate, code_hash="", sent_at=sent_at)
    answer = client.post("/activate/code/")
    assert answer.status_code == 429
    assert 'data-error="code_too_many"' in answer.content.decode()
    assert "核对手机号码" in answer.content.decode()
    assert OneTimeCode.objects.count() == many
    # One of them has left the hour, or the day.
    oldest = OneTimeCode.objects.earliest("sent_at")
    oldest.sent_at -= timedelta(days=1)
    oldest.save()
    assert client.post("/activate/code/").status_code == 303


def test_a_void_code_is_given_up_instead_of_sent(candidate):
    delivery = Delivery.objects.create(
        candidate=candidate, session=candidate.session, channel="sms", address="13800000001", text="123456",
        created_at=timezone.now() - CODE_LIFETIME,
    )  # fmt: skip
    assert send_one(delivery.pk) is False
    delivery.refresh_from_db()
    assert (delivery.status, delivery.text, delivery.address) == ("failed", "", "")
    assert not (settings.OUTBOX_DIR / "sms").exists()
