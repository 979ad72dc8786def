"""How long a browser stays signed in, and what ends that at once (docs/quality.md, 21 and 23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from candidates import web_sessions
from candidates.enums import Role
from candidates.models import User
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.test_access import Cast

pytestmark = pytest.mark.django_db
BEAT = "review_beat"


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def after(monkeypatch):
    """Let time pass for the sessions: ``after(minutes=31)`` from now on, in sum."""

    def pass_by(**by: int) -> None:
        passed = timedelta(**by)
        now, clock = timezone.now, web_sessions.time.time
        monkeypatch.setattr(timezone, "now", lambda: now() + passed)
        monkeypatch.setattr(web_sessions.time, "time", lambda: clock() + passed.total_seconds())

    return pass_by


def is_in(client: Client, path: str = "/admin/") -> bool:
    return client.get(path).status_code == 200


def test_staff_are_out_after_half_an_hour(cast, after):
    client = cast.client("site1")
    after(minutes=31)
    answer = client.get("/admin/")
    assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/admin/")


def test_whoever_acts_stays_in(cast, after):
    client = cast.client("site1")
    for _n in range(4):
        after(minutes=20)
        assert is_in(client)
    after(minutes=31)
    assert not is_in(client)


def test_the_time_is_kept_where_a_copied_cookie_cannot_change_it(cast, after):
    client = cast.client("site1")
    left = Session.objects.get().expire_date - timezone.now()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    after(minutes=10)
    client.get("/admin/")
    assert client.cookies["sessionid"]["max-age"] == 30 * 60


def test_it_is_not_written_at_every_request(cast, after):
    client = cast.client("site1")
    before = Session.objects.get().expire_date
    client.get("/admin/")
    assert Session.objects.get().expire_date == before
    after(minutes=2)
    client.get("/admin/")
    assert Session.objects.get().expire_date > before


@pytest.mark.parametrize(
    ("method", "name", "data"),
    [
        ("POST", BEAT, {}),
        ("POST", "review_ahead", {}),
        ("POST", "review_leave", {}),
        ("GET", "photo", {}),
        ("GET", "thumb", {}),
        ("GET", "staff_roster", {"by-itself": ""}),
        ("GET", "readyz", {}),
    ],
)
def test_what_an_open_page_asks_by_itself_keeps_nobody_in(cast, after, method, name, data):
    client = cast.client("admin" if name == "staff_roster" else "site1")
    for _n in range(3):
        after(minutes=10)
        getattr(client, method.lower())(cast.address(name), data)
    after(minutes=1)
    assert not is_in(client)


def test_a_beat_that_says_somebody_typed_does(cast, after):
    client = cast.client("site1")
    client.post(cast.address("review_claim"))
    for _n in range(4):
        after(minutes=14)
        assert client.post(cast.address(BEAT), {"acted": "yes"}).status_code in (200, 409)
    assert is_in(client)


def test_candidates_stay_for_a_day_of_work(cast, after):
    client = cast.client("owner")
    after(hours=11)
    assert is_in(client, "/materials/")
    after(hours=11)
    assert is_in(client, "/materials/")
    after(hours=13)
    assert not is_in(client, "/materials/")


def test_sessions_from_before_are_timed_from_their_next_page(cast, after):
    client = cast.client("site1")
    session = client.session
    del session[web_sessions.ACTED_AT], session["_session_expiry"]
    session.save()
    assert is_in(client)
    after(minutes=31)
    assert not is_in(client)


# --- out on the next request ---------------------------------------------------------------------------

EVERYWHERE = [
    ("GET", "review_screen"), ("POST", "review_verdict"), ("POST", BEAT), ("POST", "review_ahead"), ("GET", "photo"),
    ("GET", "thumb"), ("GET", "own_password"), ("GET", "export_session"), ("GET", "staff_progress"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), EVERYWHERE)
def test_a_deactivated_account_is_out_everywhere(cast, method, name):
    for role in ("site1", "lead1", "admin"):
        client = cast.client(role)
        User.objects.filter(pk=cast.users[role].pk).update(is_active=False)
        answer = getattr(client, method.lower())(cast.address(name), cast.data(name))
        assert (answer.status_code, "/login/" in answer.url) == (302, True), role
        assert client.get("/admin/").url.startswith("/admin/login/")


@pytest.mark.parametrize("name", ["registration", "materials", "category", "submit", "receipt", "photo", "messages"])
def test_a_deactivated_candidate_too(cast, name):
    client = cast.client("owner")
    User.objects.filter(pk=cast.users["owner"].pk).update(is_active=False)
    assert client.get(cast.address(name)).url.startswith("/login/")


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("staff_progress", 200, 403),
        ("export_results", 200, 403),
        ("staff_publish", 200, 403),
        ("review_screen", 200, 404),
    ],
)
def test_a_role_taken_away_bites_on_the_next_request(cast, name, before, now):
    client = cast.client("lead1")
    assert client.get(cast.address(name), cast.data(name)).status_code == before
    other = factories.SiteFactory(region=cast.session.region)
    User.objects.filter(pk=cast.users["lead1"].pk).update(role=Role.SITE_REVIEWER, site=other)
    assert client.get(cast.address(name), cast.data(name)).status_code == now
    assert client.get("/admin/candidates/user/").status_code == 403


def test_a_new_password_ends_the_sessions_elsewhere_photos_included(cast):
    reviewer = cast.users["site1"]
    elsewhere, admin = cast.client("site1"), cast.client("admin")
    assert is_in(elsewhere, cast.address("photo"))
    new: dict[str, Any] = {"password1": "quite-new-2026", "password2": "quite-new-2026"}
    admin.post(f"/admin/candidates/user/{reviewer.pk}/password/", new)
    assert not is_in(elsewhere, cast.address("photo"))
    assert not is_in(elsewhere)


def test_the_key_of_a_staff_session_changes_at_the_sign_in():
    reviewer = factories.site_reviewer(factories.SiteFactory())
    client = Client()
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key
    client.post("/admin/login/", {"username": reviewer.username, "password": factories.PASSWORD})
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()
    assert signed_in(reviewer).get("/admin/").status_code == 200


def test_a_deactivated_account_gets_in_by_neither_door():
    staff = factories.site_reviewer(factories.SiteFactory(), is_active=False)
    candidate = factories.make_candidate()
    User.objects.filter(pk=candidate.user_id).update(is_active=False)
    for door, name, status in (
        ("/admin/login/", staff.username, 200),
        ("/login/", staff.username, 422),
        ("/login/", candidate.registration_number, 422),
        ("/admin/login/", candidate.registration_number, 200),
    ):
        client = Client()
        assert client.post(door, {"username": name, "password": factories.PASSWORD}).status_code == status
        assert "_auth_user_id" not in client.session


def test_what_has_ended_is_not_kept(cast, capsys):
    assert is_in(cast.client("site1"))
    ended = Session.objects.get()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert is_in(cast.client("staff1"))

    call_command("run_periodic", "--dry-run")
    assert "1 ended web sessions deleted" in capsys.readouterr().out
    assert Session.objects.filter(pk=ended.pk).exists()

    call_command("run_periodic")
    assert "1 ended web sessions deleted" in capsys.readouterr().out
    assert Session.objects.exclude(pk=ended.pk).get()
    assert not Session.objects.filter(pk=ended.pk).exists()
