"""The language: the installation's until the switch is pressed, then the chosen one, for good."""

import pytest

from tests import factories

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
