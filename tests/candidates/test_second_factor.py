"""The second factor of staff (docs/quality.md, 23): asked for everywhere, set up, given, used up, lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from candidates.enums import Action
from candidates.models import Authenticator, Event, RecoveryCodes, User
from candidates.services.second_factor import offered_authenticator
from tests import factories
from tests.second_factor import code_of, set_up, with_both, with_password
from tests.test_access import Cast, rows

pytestmark = pytest.mark.django_db
# What may answer: the way to it and out, the language, machines.
OPEN_BEFORE = {"second_factor", "logout", "set_language", "healthz", "readyz"}
PAGE, OWN = "/admin/second-factor/", "/admin/second-factor/own/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def staff() -> User:
    return factories.site_reviewer(factories.SiteFactory())


def actions() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


def give(client: Client, code: str, **more):
    return client.post(PAGE, {"code": code, **more})


# --- nothing answers without it ----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["site1", "region1", "staff1", "lead1", "admin"])
@pytest.mark.parametrize("is_set_up", [False, True])
def test_with_the_password_alone_every_address_leads_to_the_second_factor(role, is_set_up):
    cast = Cast()
    if is_set_up:
        set_up(cast.users[role])
    client = with_password(cast.users[role])
    for method, name, _statuses in rows():
        if name in OPEN_BEFORE:
            continue
        answer = getattr(client, method.lower())(cast.address(name), cast.data(name))
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, PAGE), f"{method} {name}"
    mine = Event.objects.filter(actor=cast.users[role])
    assert list(mine.values_list("action", flat=True)) == [Action.SIGNED_IN], "nothing was done or looked at"
    for address in ("/admin/", "/admin/login/", "/admin/candidates/candidate/", "/admin/nowhere/", "/admin/jsi18n/"):
        assert client.get(address).url.partition("?")[0] == PAGE


def test_somebody_new_sees_nothing_of_the_admin(staff):
    html = with_password(staff).get(PAGE).content.decode()
    assert "/admin/review/" not in html
    assert "/admin/candidates/" not in html
    assert "/admin/logout/" in html


def test_candidates_are_not_asked(client):
    candidate = factories.make_candidate()
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    assert client.get("/registration/").status_code == 200
    assert client.get(PAGE).url.startswith("/admin/login/")


def test_where_it_is_not_asked_for_there_is_no_such_page(settings, staff):
    settings.STAFF_SECOND_FACTOR = False
    client = with_password(staff)
    assert client.get("/admin/").status_code == 200
    assert [client.get(page).status_code for page in (PAGE, OWN)] == [404, 404]


# --- setting it up -------------------------------------------------------------------------------------


def test_set_up_at_the_first_sign_in(staff):
    client = with_password(staff)
    page = client.get(PAGE).content.decode()
    app = offered_authenticator(staff, client.session.session_key)
    assert "<svg" in page
    assert app.secret in re.sub(r"\s", "", page), "for those who cannot scan"
    assert client.get(PAGE).content.decode().count(app.secret[:4]) == page.count(app.secret[:4]), "the same again"
    assert not Authenticator.objects.exists(), "looking stores nothing"

    assert give(client, code_of(app, steps=5)).status_code == 422
    assert not Authenticator.objects.exists()
    answer = give(client, code_of(app))

    assert answer.status_code == 200
    codes = re.findall(r"<code>(\d{5} \d{5})</code>", answer.content.decode())
    assert len(set(codes)) == 10
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/admin/").status_code == 200
    assert client.get(PAGE).url == "/admin/", "not shown again"
    assert actions()[-1] == Action.SECOND_FACTOR_ENROLLED
    event = Event.objects.order_by("-pk")[0]
    assert (event.actor, event.region, event.site, event.facts["code"]) == (
        staff, staff.region, staff.site, staff.username,
    )  # fmt: skip


def test_neither_key_nor_recovery_codes_are_in_the_database(staff):
    app = set_up(staff, ["0123456789"])
    stored = Authenticator.objects.values().get()
    assert bytes.fromhex(stored["key"]) != app.bin_key
    assert app.bin_key.hex() not in str(stored)
    assert "0123456789" not in str(list(RecoveryCodes.objects.get().token_set.values()))


def test_another_sessions_offer_is_another_key(staff):
    one, other = with_password(staff), with_password(staff)
    keys = {offered_authenticator(staff, client.session.session_key).secret for client in (one, other)}
    assert len(keys) == 2


def test_who_set_it_up_elsewhere_meanwhile_gives_the_code_of_that(staff):
    here, there = with_password(staff), with_password(staff)
    app = offered_authenticator(staff, here.session.session_key)
    give(here, code_of(app))

    offered = offered_authenticator(staff, there.session.session_key)
    assert give(there, code_of(offered)).status_code == 422
    assert there.get("/admin/").url.startswith(PAGE)
    assert Authenticator.objects.count() == 1


# --- giving it -----------------------------------------------------------------------------------------


def test_a_code_at_each_sign_in_and_on_to_where_one_wanted(staff):
    app = set_up(staff)
    client = with_password(staff, next="/admin/candidates/candidate/?q=1")
    page = client.get("/admin/candidates/candidate/?q=1")
    assert page.url == f"{PAGE}?next=%2Fadmin%2Fcandidates%2Fcandidate%2F%3Fq%3D1"
    assert 'value="/admin/candidates/candidate/?q=1"' in client.get(page.url).content.decode()

    answer = give(client, code_of(app), next="/admin/candidates/candidate/?q=1")

    assert (answer.status_code, answer.url) == (303, "/admin/candidates/candidate/?q=1")
    assert client.get(answer.url).status_code == 200
    assert actions() == [Action.SIGNED_IN, Action.SECOND_FACTOR_GIVEN]
    client.post("/admin/logout/")
    assert with_password(staff, client).get("/admin/").url.startswith(PAGE)


@pytest.mark.parametrize("wanted", ["https://evil.example/admin/", "//evil.example", "/materials/"])
def test_on_to_nowhere_else(staff, wanted):
    app = set_up(staff)
    assert give(with_password(staff), code_of(app), next=wanted).url == "/admin/"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(staff, steps):
    assert give(with_password(staff), code_of(set_up(staff), steps=steps)).status_code == 303


@pytest.mark.parametrize("steps", [-3, 3])
def test_and_no_more(staff, steps):
    assert give(with_password(staff), code_of(set_up(staff), steps=steps)).status_code == 422


def test_a_clock_that_was_off_is_not_followed(staff, monkeypatch):
    app = set_up(staff)
    give(with_password(staff), code_of(app, steps=1))
    app.refresh_from_db()
    assert app.drift == 0


def test_a_used_code_opens_nothing_a_second_time(staff):
    app = set_up(staff)
    code = code_of(app)
    assert give(with_password(staff), code).status_code == 303
    other = with_password(staff)
    assert give(other, code).status_code == 422
    assert other.get("/admin/").status_code == 302


def test_a_wrong_code_is_said_recorded_and_held_back(staff):
    app = set_up(staff)
    client = with_password(staff)
    assert give(client, "000000" if code_of(app) != "000000" else "000001").status_code == 422
    assert actions()[-1] == Action.SECOND_FACTOR_FAILED
    answer = give(client, code_of(app))
    assert answer.status_code == 429, "the right one too, for a second"
    assert "秒" in answer.content.decode()
    assert client.get("/admin/").status_code == 302
    _later(app, seconds=2)
    assert give(client, code_of(app)).status_code == 303


def test_nobody_is_held_back_for_longer_than_nine_minutes(staff):
    app = set_up(staff)
    client = with_password(staff)
    for _n in range(15):
        _later(app, seconds=10_000)
        give(client, "000000" if code_of(app) != "000000" else "000001")
    assert give(client, code_of(app)).status_code == 429
    _later(app, seconds=513)
    assert give(client, code_of(app)).status_code == 303


def _later(app: Authenticator, seconds: int) -> None:
    at = timezone.now() - timedelta(seconds=seconds)
    Authenticator.objects.filter(pk=app.pk, throttling_failure_count__gt=0).update(throttling_failure_timestamp=at)


@pytest.mark.parametrize("typed", ["１２３ ４５６", "12345", "abcdef", "", "<script>", "1" * 11])
def test_what_is_no_code_costs_no_try(staff, typed):
    set_up(staff)
    client = with_password(staff)
    answer = give(client, typed)
    assert answer.status_code == 422
    assert (actions()[-1] == Action.SECOND_FACTOR_FAILED) == (typed == "１２３ ４５６"), "full width digits are digits"


def test_the_session_gets_a_new_key_and_the_form_a_new_token(staff):
    app = set_up(staff)
    client = with_password(staff)
    client.get(PAGE)
    session, token = (client.cookies[name].value for name in ("sessionid", "csrftoken"))
    give(client, code_of(app))
    assert client.cookies["sessionid"].value != session
    assert client.cookies["csrftoken"].value != token
    client.cookies["sessionid"] = session
    assert client.get("/admin/").url.startswith("/admin/login/"), "the old key opens nothing"


def test_a_form_without_its_token_is_refused(staff):
    set_up(staff)
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    assert give(client, "123456").status_code == 403


# --- recovery codes ------------------------------------------------------------------------------------


def test_a_recovery_code_opens_once(staff):
    set_up(staff)
    client = with_password(staff)
    answer = give(client, "01234-56789")
    assert (answer.status_code, answer.url) == (303, OWN)
    event = Event.objects.order_by("-pk")[0]
    assert (event.action, event.facts["left"]) == (Action.RECOVERY_CODE_USED, 1)
    assert client.get("/admin/").status_code == 200
    assert give(with_password(staff), "0123456789").status_code == 422
    _later_paper()
    assert give(with_password(staff), "98765 43210").status_code == 303


def _later_paper() -> None:
    RecoveryCodes.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(seconds=5))


def test_new_recovery_codes_for_a_code_make_the_old_ones_void(staff):
    app = set_up(staff)
    client = with_both(staff, app)
    assert client.post(OWN, {"act": "codes", "code": "000000"}).status_code in (422, 429)
    assert RecoveryCodes.objects.get().number_left == 2
    answer = client.post(OWN, {"act": "codes", "code": "0123456789"})
    codes = re.findall(r"<code>(\d{5} \d{5})</code>", answer.content.decode())
    assert (answer.status_code, len(codes)) == (200, 10)
    assert actions()[-1] == Action.RECOVERY_CODES_MADE
    assert give(with_password(staff), "9876543210").status_code == 422
    _later_paper()
    assert give(with_password(staff), codes[0]).status_code == 303


def test_another_phone_for_a_recovery_code(staff):
    set_up(staff)
    client = with_password(staff)
    give(client, "0123456789")
    answer = client.post(OWN, {"act": "app", "code": "9876543210"})
    assert (answer.status_code, answer.url) == (303, PAGE)
    assert actions()[-1] == Action.SECOND_FACTOR_REMOVED
    assert client.get("/admin/").url.startswith(PAGE)
    app = offered_authenticator(staff, client.session.session_key)
    assert give(client, code_of(app)).status_code == 200
    assert client.get("/admin/").status_code == 200


# --- keys --------------------------------------------------------------------------------------------


def test_an_app_and_codes_of_before_a_key_was_added_go_on(staff, settings):
    app = set_up(staff)
    code, key = code_of(app), app.secret
    settings.FIELD_KEYS = ["the newest of two keys", *settings.FIELD_KEYS]

    assert give(with_password(staff), "1".zfill(6)).status_code in (422, 429)
    Authenticator.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    RecoveryCodes.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert give(with_password(staff), code).status_code == 303
    assert give(with_password(staff), code).status_code == 422, "no code twice"
    Authenticator.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    RecoveryCodes.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert give(with_password(staff), "0123456789").status_code == 303

    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert Authenticator.objects.get().secret != key
