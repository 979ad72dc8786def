"""The materials page: marks, standing, what may be done, and how many queries it takes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from candidates.models import ExamSession
from materials.enums import Status
from tests import factories

from .pages import items, status

pytestmark = pytest.mark.django_db


def test_marks_of_an_empty_draft(client, draft):
    answer = client.get("/materials/")
    assert status(answer) == "draft"
    found = items(answer)
    assert list(found) == ["ID", "EDU", "OTHER"]
    assert (found["ID"].locked, found["ID"].verdict, found["ID"].photos) == (False, "pending", 0)
    assert (found["ID"].min, found["ID"].max, found["OTHER"].min, found["OTHER"].max) == (2, 2, 0, 10)
    page = answer.content.decode()
    assert "还有2项材料缺少图片" in page
    assert "提交审核" in page
    assert page.count("<h1") == 1


def test_only_what_applies_is_shown(client):
    application = factories.draft(factories.make_session(codes=None), flags=["military"])
    client.force_login(application.candidate.user)
    found = items(client.get("/materials/"))
    assert "MIL" in found
    assert not {"TCM", "IDHOLD", "ASP"} & set(found)


def test_submitted_is_locked_and_says_who_is_next(client, draft):
    factories.submit(draft)
    answer = client.get("/materials/")
    assert status(answer) == "submitted"
    assert all(item.locked for item in items(answer).values())
    assert "现由考点审核" in answer.content.decode()
    assert "/materials/receipt/1/" in answer.content.decode()


def test_a_return_opens_exactly_what_was_asked(client):
    application = factories.returned(codes=["EDU"], note="公章<看不清>")
    client.force_login(application.candidate.user)
    answer = client.get("/materials/")
    found = items(answer)
    assert status(answer) == "returned"
    assert (found["EDU"].locked, found["EDU"].verdict) == (False, "change_requested")
    assert (found["ID"].locked, found["ID"].verdict) == (True, "accepted")
    page = answer.content.decode()
    for words in ("还未重新提交", "图片模糊，请重新拍摄。", "公章&lt;看不清&gt;", 'href="#item-EDU"', "重新提交"):
        assert words in page


def test_verdicts_are_not_told_before_the_review_is_finished(client, draft):
    factories.submit(draft)
    draft.items.update(verdict="accepted")
    assert {item.verdict for item in items(client.get("/materials/")).values()} == {"pending"}


@pytest.mark.parametrize("outcome", [Status.PASSED, Status.REJECTED])
def test_an_outcome_is_hidden_until_published(client, outcome):
    application = factories.decided(outcome)
    client.force_login(application.candidate.user)
    before = client.get("/materials/")
    assert status(before) == "submitted"
    assert "通过" not in before.content.decode().split("<main")[1]
    factories.publish(application.session)
    after = client.get("/materials/")
    assert status(after) == outcome
    assert 'data-published="true"' in after.content.decode()


def test_a_draft_past_its_window(client, draft):
    factories.close_window(draft.session)
    page = client.get("/materials/").content.decode()
    assert "未提交（已截止）" in page
    assert 'href="/materials/submit/"' not in page


def test_before_the_window(client, draft):
    session = draft.session
    length = session.closes_at - session.opens_at
    ExamSession.objects.filter(pk=session.pk).update(opens_at=session.closes_at - length / 10)
    page = client.get("/materials/").content.decode()
    assert "尚未开始" in page
    assert "#upload" not in page


def test_an_own_extension_counts(client):
    application = factories.returned()
    factories.close_window(application.session)
    client.force_login(application.candidate.user)
    assert "未按期补充" in client.get("/materials/").content.decode()


def test_queries_do_not_grow(client, draft):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/materials/").status_code == 200
        return len(captured)

    factories.make_photo(draft, "ID")
    at_one = queries()
    for code in ("ID", "EDU", "EDU", "OTHER"):
        factories.make_photo(draft, code)
    assert queries() == at_one <= 8


def test_queries_of_a_returned_application(client, django_assert_max_num_queries):
    application = factories.returned(codes=["EDU", "ID"])
    client.force_login(application.candidate.user)
    with django_assert_max_num_queries(8):
        client.get("/materials/")
