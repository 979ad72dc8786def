"""The written reply to a request (docs/product.md, rule 7)."""

import pytest

from tests import factories

from .pages import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(client):
    application = factories.returned(codes=["EDU"], note="公章看不清")
    client.force_login(application.candidate.user)
    return application


def reply(client, code, text):
    return client.post(f"/materials/{code}/reply/", {"reply": text})


def test_is_kept_and_shown(client, returned):
    answer = reply(client, "EDU", "学校已撤销，\r\n无法补办 <b>")
    assert (answer.status_code, answer.url) == (303, "/materials/#item-EDU")
    assert returned.items.get(category__code="EDU").reply == "学校已撤销，\n无法补办 <b>"
    page = client.get("/materials/").content.decode()
    assert "无法补办 &lt;b&gt;" in page


def test_lets_an_unchanged_item_be_submitted(client, returned):
    assert client.post("/materials/submit/").status_code == 422
    reply(client, "EDU", "无法补办")
    assert client.post("/materials/submit/").status_code == 303


def test_too_long_is_refused_and_kept_in_the_field(client, returned):
    text = "长" * 10_000
    answer = reply(client, "EDU", text)
    assert (answer.status_code, errors(answer)) == (422, ["too_long"])
    assert text in answer.content.decode()
    assert returned.items.get(category__code="EDU").reply == ""


def test_locked_items_take_none_and_the_text_is_not_lost(client, returned):
    answer = reply(client, "ID", "x")
    assert (answer.status_code, errors(answer)) == (409, ["locked"])


def test_nul(client, returned):
    assert reply(client, "EDU", "a\0b").status_code == 400


def test_a_draft_has_nothing_to_reply_to(client, draft):
    answer = reply(client, "EDU", "x")
    assert (answer.status_code, errors(answer)) == (409, ["no_request"])


def test_not_yours(client, returned):
    assert reply(client, "NOPE", "x").status_code == 404
    client.logout()
    assert reply(client, "EDU", "x").status_code == 302
