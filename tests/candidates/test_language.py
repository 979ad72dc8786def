"""The language: the installation's until the switch is pressed, then the chosen one, for good."""

import re
from datetime import UTC, datetime

import pytest

from candidates.models import Delivery, Event, ExamSession, Region
from tests import factories

from .by_sms import ask, newest_code, type_code

pytestmark = pytest.mark.django_db


def test_starts_in_chinese_whatever_the_browser_says(client):
    answer = client.get("/", headers={"accept-language": "en-GB,en"})
    assert answer["Content-Language"] == "zh-hans"
    assert 'lang="zh-Hans"' in answer.content.decode()
    assert "考试报名材料审核平台" in answer.content.decode()


def test_the_switch_stays(client):
    answer = client.post("/i18n/setlang/", {"language": "en", "next": "/login/"})
    assert (answer.status_code, answer.url) == (303, "/login/")
    assert int(answer.cookies["django_language"]["max-age"]) > 300 * 24 * 3600
    page = client.get("/login/")
    assert 'lang="en"' in page.content.decode()
    assert "Candidates: sign in" in page.content.decode()
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/login/"})
    assert "考生登录" in client.get("/login/").content.decode()


def test_a_language_that_is_not_there_changes_nothing(client):
    client.cookies["django_language"] = "fr"
    assert client.get("/")["Content-Language"] == "zh-hans"


def test_leads_nowhere_else(client):
    assert client.post("/i18n/setlang/", {"language": "en", "next": "https://evil.example/"}).url == "/"


def test_a_link_cannot_switch(client):
    assert client.get("/i18n/setlang/?language=en").status_code == 405


def test_after_a_refusal_the_switch_leads_to_a_page(client):
    """Delete, reply and others answer POST only; the switch on their pages must not lead there."""
    application = factories.submitted()
    photo = application.items.get(category__code="EDU").photos.get()
    client.force_login(application.candidate.user)
    answer = client.post(f"/materials/EDU/photos/{photo.pk}/delete/")
    assert answer.status_code == 409
    assert '<input type="hidden" name="next" value="/materials/">' in answer.content.decode()


def test_dates_are_written_as_people_write_them(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    assert "年" in client.get("/registration/").content.decode().split("<time", 1)[1].split("</time>")[0]


# --- it stays ----------------------------------------------------------------------------------------


def switch(client, language):
    return client.post("/i18n/setlang/", {"language": language, "next": "/"})


def language_of(client, path):
    answer = client.get(path)
    html = answer.content.decode()
    assert answer["Content-Language"] in ("en", "zh-hans")
    assert "Cookie" in answer["Vary"]
    lang = re.search(r'<html lang="([\w-]+)"', html)[1].lower()
    assert lang == answer["Content-Language"]
    return lang


def test_a_candidates_choice_outlives_signing_in_and_out(client):
    candidate = factories.make_candidate()
    switch(client, "en")
    assert language_of(client, "/login/") == "en"
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    assert {language_of(client, path) for path in ("/registration/", "/materials/", "/timeline/")} == {"en"}
    client.post("/logout/")
    assert language_of(client, "/login/") == "en"


def test_so_does_that_of_staff(client):
    staff = factories.region_staff(factories.make_session().region)
    switch(client, "en")
    assert language_of(client, "/admin/login/") == "en"
    client.post("/admin/login/", {"username": staff.username, "password": factories.PASSWORD, "next": "/admin/"})
    assert language_of(client, "/admin/") == "en"
    switch(client, "zh-hans")
    assert language_of(client, "/admin/") == "zh-hans"
    client.post("/admin/logout/")
    assert language_of(client, "/admin/login/") == "zh-hans"


@pytest.mark.parametrize(("language", "words"), [("en", "Your materials"), ("zh-hans", "您的报名材料")])
def test_what_is_sent_follows_a_signed_in_candidates_switch(client, language, words):
    candidate = factories.make_candidate(language="zh-hans" if language == "en" else "en")
    client.force_login(candidate.user)
    switch(client, language)
    application = candidate.application
    factories.submit(application)
    assert words in Delivery.objects.get(channel="sms").text


def test_switching_is_an_event_and_no_change_of_the_registration(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    version, events = candidate.version, Event.objects.count()
    switch(client, "en")
    switch(client, "en")
    switch(client, "fr")
    candidate.refresh_from_db()
    assert (candidate.language, candidate.version) == ("en", version)
    (event,) = Event.objects.order_by("pk")[events:]
    assert (event.action, event.candidate, event.facts) == ("language_changed", candidate, {"language": ["", "en"]})


@pytest.mark.parametrize(("before", "chosen"), [("zh-hans", "en"), ("", "en"), ("en", "zh-hans")])
def test_what_is_sent_follows_the_page_that_one_signed_in_from(client, before, chosen):
    candidate = factories.make_candidate(language=before)
    switch(client, chosen)
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    candidate.refresh_from_db()
    assert candidate.language == chosen
    event = Event.objects.get(action="language_changed")
    assert (event.actor, event.candidate, event.facts) == (candidate.user, candidate, {"language": [before, chosen]})


@pytest.mark.parametrize("before", ["", "zh-hans"])
def test_signing_in_from_a_page_in_their_language_changes_nothing(client, before):
    candidate = factories.make_candidate(language=before)
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    candidate.refresh_from_db()
    assert candidate.language == before
    assert not Event.objects.filter(action="language_changed").exists()


def test_so_it_does_from_the_page_that_took_a_code_by_sms(client):
    candidate = factories.make_candidate(language="zh-hans")
    switch(client, "en")
    ask(client, candidate.registration_number)
    type_code(client, newest_code())
    candidate.refresh_from_db()
    assert candidate.language == "en"


def test_somebody_who_is_not_signed_in_changes_nobodys(client):
    candidate = factories.make_candidate(language="zh-hans")
    switch(client, "en")
    candidate.refresh_from_db()
    assert candidate.language == "zh-hans"


def test_a_code_is_in_the_language_of_the_page_that_waits_for_it(client):
    candidate = factories.make_candidate(activated=False)
    switch(client, "en")
    client.force_login(candidate.user)
    client.post("/activate/code/")
    assert "Activation code" in Delivery.objects.get().text


@pytest.mark.parametrize("path", ["/", "/nothing-here/", "/admin/login/", "/login/"])
def test_every_page_says_its_language_even_one_that_is_not_there(client, path):
    assert language_of(client, path) == "zh-hans"
    switch(client, "en")
    assert language_of(client, path) == "en"


# --- the time zone of staff -----------------------------------------------------------------------------


def test_staff_see_the_times_of_their_region(client):
    session = factories.make_session()
    Region.objects.filter(pk=session.region_id).update(time_zone="Asia/Urumqi")
    ExamSession.objects.filter(pk=session.pk).update(opens_at=datetime(2026, 11, 1, 4, tzinfo=UTC))
    seen = {}
    for role, user in (("staff", factories.region_staff(session.region)), ("admin", factories.administrator())):
        client.force_login(user, backend="candidates.backends.AccountBackend")
        seen[role] = client.get("/admin/candidates/examsession/").content.decode()
    assert "2026年11月1日（周日）10:00" in seen["staff"]
    # An administrator has no region: the session's own holds in its list.
    assert "2026年11月1日（周日）10:00" in seen["admin"]
