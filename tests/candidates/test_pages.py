"""Front page, registration, messages: what they show, to whom, and with which headers."""

import io

import pytest

from candidates.models import Site
from tests import factories

pytestmark = pytest.mark.django_db


def test_front_page_names_open_sessions(client):
    session = factories.make_session()
    page = client.get("/").content.decode()
    assert session.title_zh in page
    assert "/login/" in page
    factories.publish(session)
    assert session.title_zh not in client.get("/").content.decode()


def test_registration_is_masked(client):
    candidate = factories.make_candidate(flags=["repeat"])
    client.force_login(candidate.user)
    page = client.get("/registration/").content.decode()
    assert candidate.plain_id not in page
    assert candidate.phone not in page
    assert "110*************" in page
    assert "往年曾报考" in page
    assert 'href="/materials/"' in page


def test_body_carries_the_marks(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    marks = 'data-application-status="draft" data-stage="site" data-published="false"'
    for path in ("/registration/", "/materials/", "/materials/ID/", "/messages/", "/result/"):
        assert marks in client.get(path).content.decode(), path


def test_messages_are_told_in_the_readers_language(client):
    application = factories.returned()
    client.force_login(application.candidate.user)
    page = client.get("/messages/").content.decode()
    assert "需要补充修改" in page
    assert "提交成功" in page
    client.cookies["django_language"] = "en"
    assert "Correction needed" in client.get("/messages/").content.decode()


def test_somebody_elses_messages_are_not_shown(client):
    factories.returned()
    client.force_login(factories.make_candidate().user)
    assert "需要补充修改" not in client.get("/messages/").content.decode()


@pytest.mark.parametrize("path", ["/", "/login/", "/nothing-here", "/registration/", "/messages"])
def test_nothing_is_kept_by_a_cache(client, path):
    answer = client.get(path)
    assert answer["Cache-Control"] == "private, no-store"
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_nul_is_refused_wherever_it_comes(client):
    assert client.get("/?a=%00").status_code == 400
    assert client.get("/materials/%00/").status_code == 400
    assert client.post("/i18n/setlang/", {"next": "a\0b"}).status_code == 400
    client.cookies["sessionid"] = "\0" * 32
    assert client.get("/registration/").status_code in (302, 400)


def test_unknown_address(client):
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert "页面不存在" in answer.content.decode()


def test_names_are_shown_inert(client):
    candidate = factories.make_candidate(name="<script>alert(1)</script>‮")
    client.force_login(candidate.user)
    assert "<script>alert(1)" not in client.get("/registration/").content.decode()


def test_a_connection_that_breaks_is_no_fault_of_ours(client):
    class Broken(io.BytesIO):
        def read(self, *args):
            raise OSError("connection reset")

    environ = {"wsgi.input": Broken(), "CONTENT_LENGTH": "100", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert client.generic("POST", "/login/", b"", **environ).status_code == 400


def test_an_empty_repeated_password_is_asked_for_in_a_sentence(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    page = client.post("/password/", {"old_password": factories.PASSWORD, "password1": "", "password2": ""})
    assert "请再次输入新密码" in page.content.decode()
    assert "请填写再次输入" not in page.content.decode()


def test_the_words_of_a_limit_of_one_are_singular(client):
    application = factories.draft()
    application.session.categories.filter(code="OTHER").update(max_photos=1)
    factories.make_photo(application, "OTHER")
    client.force_login(application.candidate.user)
    client.cookies["django_language"] = "en"
    for path in ("/materials/", "/materials/OTHER/"):
        page = client.get(path).content.decode()
        assert "its 1 picture, more cannot be added" in page
        assert "its 1 pictures" not in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("022-1234 5678", '<a href="tel:02212345678">022-1234 5678</a>'),
        ("+86 (22) 12345678", '<a href="tel:+862212345678">+86 (22) 12345678</a>'),
        ("张老师 022-12345678", "张老师 022-12345678"),
        ("<b>110", "&lt;b&gt;110"),
        ("–", "–"),
    ],
)
def test_a_contact_that_is_a_number_can_be_called(client, contact, link):
    application = factories.draft()
    Site.objects.filter(pk=application.site_id).update(contact=contact)
    client.force_login(application.candidate.user)
    page = client.get("/registration/").content.decode()
    assert page.count(link) == 2  # among the facts and at the foot
    assert page.count("tel:") == (2 if "href" in link else 0)
