"""报名信息, where every sign-in lands: it says where the materials stand, by when and what is next."""

import re
from datetime import UTC, datetime

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def banner(client, path="/registration/"):
    page = client.get(path).content.decode()
    return re.search(r'<div class="banner (?:state )?(?:act|wait|good|bad)">.*?</div>', page, re.DOTALL)[0]


def sentence(client, path):
    """What is said there, without the tags around dates."""
    found = re.search(r"</strong>.*?<p(?: class=\"state-says\")?>(.*?)</p>", banner(client, path), re.DOTALL)
    return found[1]


def sign_in(client, application):
    client.force_login(application.candidate.user)
    return application


def test_a_return_and_its_deadline_are_the_first_thing_said(client):
    session = factories.make_session(corrections_until=datetime(2036, 12, 8, 4, tzinfo=UTC))
    sign_in(client, factories.returned(session, codes=["EDU"]))
    said = banner(client)
    assert "需要补充修改" in said
    assert "2036年12月8日" in said
    assert 'href="/materials/EDU/#upload"' in said
    facts = client.get("/registration/").content.decode().split('<dl class="facts">')[1]
    assert "补充修改截止" in facts
    assert "上传截止" not in facts


def test_once_corrected_the_next_act_is_to_submit_again(client):
    application = sign_in(client, factories.returned(codes=["EDU"]))
    factories.make_photo(application, "EDU")
    assert 'href="/materials/submit/"' in banner(client)


def test_a_draft_says_what_is_missing(client, draft):
    assert "草稿，尚未提交" in banner(client)
    assert 'href="/materials/ID/#upload"' in banner(client)
    factories.fill(draft)
    assert 'href="/materials/submit/"' in banner(client)


def test_after_submitting_there_is_nothing_to_do_but_a_receipt(client, draft):
    factories.submit(draft)
    assert "已提交" in banner(client)
    assert 'href="/materials/receipt/1/"' in banner(client)
    assert "#upload" not in banner(client)


@pytest.mark.parametrize("status", ["passed", "rejected"])
def test_before_publication_an_outcome_is_not_told(client, status):
    application = sign_in(client, factories.decided(status))
    assert "已提交" in banner(client)
    factories.publish(application.session)
    assert {"passed": "审核通过", "rejected": "审核不通过"}[status] in banner(client)
    assert 'href="/result/"' in banner(client)


@pytest.mark.parametrize("make", [factories.draft, factories.submitted, factories.returned])
def test_says_the_same_as_the_materials_page(client, make):
    sign_in(client, make())
    assert sentence(client, "/registration/") == sentence(client, "/materials/")
