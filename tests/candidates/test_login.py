"""The candidates' door (docs/contract.md, ``/login/`` and ``/logout/``)."""

import pytest
from django.test import Client

from candidates.enums import Action
from candidates.models import Event
from tests import factories

pytestmark = pytest.mark.django_db
WRONG = "报名号或密码不正确"


def sign_in(client: Client, username: str, password: str, **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def test_activated_candidate_signs_in_and_out(client):
    candidate = factories.make_candidate()
    answer = sign_in(client, candidate.registration_number, factories.PASSWORD)
    assert (answer.status_code, answer.url) == (303, "/registration/")
    assert client.get("/registration/").status_code == 200
    answer = client.post("/logout/")
    assert (answer.status_code, answer.url) == (303, "/")
    assert client.get("/registration/").status_code == 302
    actions = list(Event.objects.filter(candidate=candidate).order_by("pk").values_list("action", flat=True))
    assert actions == [Action.SIGNED_IN, Action.SIGNED_OUT]


def test_signing_out_needs_a_post(client):
    client.force_login(factories.make_candidate().user)
    assert client.get("/logout/").status_code == 405


def test_a_signed_in_candidate_is_not_asked_again(client):
    client.force_login(factories.make_candidate().user)
    assert client.get("/login/").url == "/registration/"


def test_the_session_gets_a_new_key(client):
    candidate = factories.make_candidate()
    client.get("/login/")
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client, candidate.registration_number, factories.PASSWORD)
    assert client.cookies["sessionid"].value != session.session_key


@pytest.mark.parametrize("path", ["/registration/", "/materials/", "/messages/", "/result/", "/materials/submit/"])
def test_not_activated_gets_nowhere_but_activation(client, path):
    candidate = factories.make_candidate(activated=False)
    answer = sign_in(client, candidate.registration_number, candidate.plain_id.lower())
    assert (answer.status_code, answer.url) == (303, "/activate/")
    assert client.get(path).url == "/activate/"


def test_once_activated_the_id_number_no_longer_works(client):
    candidate = factories.make_candidate()
    answer = sign_in(client, candidate.registration_number, candidate.plain_id)
    assert answer.status_code == 422
    assert WRONG in answer.content.decode()


@pytest.mark.parametrize("username", ["TJ00000000", "known"])
def test_unknown_and_known_accounts_answer_alike(client, username):
    candidate = factories.make_candidate()
    name = candidate.registration_number if username == "known" else username
    answer = sign_in(client, name, "wrong")
    assert answer.status_code == 422
    assert WRONG in answer.content.decode()
    event = Event.objects.get(action=Action.SIGN_IN_FAILED)
    assert (event.actor, event.candidate, event.facts) == (None, None, {})


def test_staff_are_shown_their_own_door_and_not_signed_in(client):
    staff = factories.administrator()
    answer = sign_in(client, staff.username, factories.PASSWORD)
    assert (answer.status_code, answer.url) == (303, "/admin/login/")
    assert "_auth_user_id" not in client.session
    assert WRONG in sign_in(client, staff.username, "wrong").content.decode()


def test_a_deactivated_account_cannot_sign_in_and_its_session_ends(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    candidate.user.is_active = False
    candidate.user.save()
    assert client.get("/registration/").status_code == 302
    assert sign_in(client, candidate.registration_number, factories.PASSWORD).status_code == 422


def test_too_many_failures_hold_back_this_address_only(client):
    candidate = factories.make_candidate()
    for _ in range(10):
        answer = sign_in(client, candidate.registration_number, "wrong")
    assert answer.status_code == 429
    assert "尝试次数过多" in answer.content.decode()
    assert sign_in(client, candidate.registration_number, factories.PASSWORD).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(elsewhere, candidate.registration_number, factories.PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [("/messages/", "/messages/"), ("https://evil.example/", "/registration/"), ("//evil.example", "/registration/")],
)
def test_leads_on_to_where_they_wanted_but_never_elsewhere(client, wanted, goes_to):
    candidate = factories.make_candidate()
    assert client.get("/messages/").url == "/login/?next=/messages/"
    assert sign_in(client, candidate.registration_number, factories.PASSWORD, next=wanted).url == goes_to


@pytest.mark.parametrize(
    ("username", "password", "status"),
    [("", "", 422), ("a\0b", "x", 400), ("<script>", "x", 422), ("a" * 10_000, "x", 422), ("𠮷", "𠮷", 422)],
)
def test_odd_input_is_refused(client, username, password, status):
    assert sign_in(client, username, password).status_code == status


def test_a_form_without_its_token_is_refused_with_a_page():
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client, "TJ1", "x")
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_staff_have_no_candidates_pages(client):
    client.force_login(factories.administrator())
    for path in ("/registration/", "/materials/", "/messages/", "/result/", "/activate/", "/materials/receipt/1/"):
        assert client.get(path).status_code == 404, path
