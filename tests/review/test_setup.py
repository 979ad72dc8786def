"""Setting a session up: what it still needs, and its pages as candidates will see them."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import Candidate
from candidates.services.events import Actor
from candidates.services.notices import add_notice
from materials.models import Application, Category
from tests import factories
from tests.candidates.staff_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session(codes=None, contact="")


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


def rows(client, session) -> dict[str, tuple[bool, str]]:
    """By the name of a step: whether it is in order, and what it says."""
    html = client.get(f"/admin/sessions/{session.code}/setup/").content.decode()
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL):
        if "<td" not in row:
            continue
        cells = [
            " ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0]] = (cells[1] == "已就绪", cells[2])
    return found


def test_ends_at_midnight_are_of_the_day_before(session, staff):
    session.closes_at = datetime(2036, 11, 30, 16, tzinfo=UTC)
    session.corrections_until = datetime(2036, 12, 9, 16, tzinfo=UTC)
    session.save()
    page = signed_in(staff).get(f"/admin/sessions/{session.code}/setup/").content.decode()
    assert "2036年11月30日（周日）24:00</time>" in page
    assert "2036年12月9日（周二）24:00</time>" in page


def test_an_empty_session_says_what_it_needs_and_a_full_one_that_it_is_in_order(session, staff):
    site = session.region.sites.get()
    site.contact = ""
    site.save()
    client = signed_in(staff)
    empty = rows(client, session)
    assert not empty["考点与联系方式"][0]
    assert not empty["审核人员"][0]
    assert not empty["名册"][0]
    assert empty["隐私告知"] == (True, "平台默认文本。")

    site.contact = "022-1"
    site.save()
    factories.site_reviewer(site)
    factories.region_reviewer(session.region)
    factories.make_candidate(session)
    add_notice(Actor(staff), session.code, number=0, text_zh="一", text_en="one", ask_again=False)
    full = rows(client, session)
    assert {name: is_done for name, (is_done, _words) in full.items() if not is_done and name != "原因"} == {}
    assert full["名册"][1].startswith("1 名考生。")
    assert "第 1 版" in full["隐私告知"][1]


def test_the_same_number_of_queries_for_one_site_and_for_three(session, staff):
    client = signed_in(staff)
    client.get(f"/admin/sessions/{session.code}/setup/")
    with CaptureQueriesContext(connection) as one:
        client.get(f"/admin/sessions/{session.code}/setup/")
    for _number in range(2):
        factories.make_candidate(session, site=factories.SiteFactory(region=session.region))
    with CaptureQueriesContext(connection) as three:
        client.get(f"/admin/sessions/{session.code}/setup/")
    assert len(three) == len(one)


def preview(session, rest="materials/", facts="physician-clinical-open"):
    return f"/admin/sessions/{session.code}/preview/{facts}/{rest}"


def items(html: str) -> set[str]:
    return set(re.findall(r'data-item="(\w+)"', html))


def test_the_form_leads_to_the_pages_of_such_a_candidate(session, staff):
    answer = signed_in(staff).get(
        f"/admin/sessions/{session.code}/preview/",
        {"level": "assistant", "track": "tcm", "moment": "closed", "flags": ["military", "repeat"]},
    )
    assert answer.url == preview(session, facts="assistant-tcm-closed-military-repeat")


def test_the_materials_are_those_of_the_facts(session, staff):
    client = signed_in(staff)
    plain = client.get(preview(session)).content.decode()
    military = client.get(preview(session, facts="physician-clinical-open-military")).content.decode()

    assert items(military) - items(plain) == {"MIL"}
    assert 'data-application-status="draft"' in plain


def test_links_lead_to_other_pages_of_the_preview(session, staff):
    client = signed_in(staff)
    html = client.get(preview(session)).content.decode()
    assert f'href="{preview(session, "materials/EDU/")}#upload"' in html
    assert 'href="/materials/' not in html
    assert 'href="/static/' in html

    category = client.get(preview(session, "materials/EDU/"))
    assert category.status_code == 200
    assert 'data-item="EDU"' in category.content.decode()
    for page in ("registration/", "notice/", "activate/"):
        assert client.get(preview(session, page)).status_code == 200, page
    # The prefix is gone again.
    assert "/preview/" not in client.get(f"/admin/sessions/{session.code}/progress/").content.decode()


def test_another_moment(session, staff):
    client = signed_in(staff)
    said = {
        moment: client.get(preview(session, facts=f"physician-clinical-{moment}")).content.decode()
        for moment in ("before", "open", "closed", "submitted")
    }
    assert "上传尚未开放" in said["before"] or "尚未开始" in said["before"]
    assert "未提交（已截止）" in said["closed"]
    assert 'data-application-status="submitted"' in said["submitted"]


def test_nothing_is_stored(session, staff):
    client = signed_in(staff)
    before = (Candidate.objects.count(), Application.objects.count())
    answer = client.post(preview(session, "materials/EDU/"), {"photo": "x"})
    assert (answer.status_code, answer.url) == (303, preview(session))
    assert "这是预览" in client.get(answer.url).content.decode()
    assert (Candidate.objects.count(), Application.objects.count()) == before


def test_the_language_can_be_switched(session, staff):
    client = signed_in(staff)
    client.post(preview(session, "i18n/setlang/"), {"language": "en", "next": preview(session)})
    assert "Identity document" in client.get(preview(session)).content.decode()


@pytest.mark.parametrize("rest", ["materials/receipt/1/", "messages/", "nowhere/", "materials/NONE/"])
def test_what_a_sample_has_not_leads_back_or_is_not_there(session, staff, rest):
    answer = signed_in(staff).get(preview(session, rest))
    assert answer.status_code == 404 if "NONE" in rest else answer.url == preview(session)


def test_facts_that_do_not_exist_lead_to_those_that_do(session, staff):
    answer = signed_in(staff).get(preview(session, facts="emperor-magic-open"), follow=True)
    assert answer.redirect_chain[-1][0] == preview(session)


def test_a_session_without_sites_can_be_looked_at(staff):
    session = factories.make_session()
    session.region.sites.all().delete()
    client = signed_in(factories.region_staff(session.region))
    assert client.get(preview(session)).status_code == 200
    assert Category.objects.filter(session=session).exists()
