"""``/result/`` (docs/product.md, rule 9)."""

import pytest

from candidates.services.events import OPERATOR
from candidates.services.sessions import save_record
from materials.enums import Status
from review.models import Decision
from review.services.publication import withdraw_results
from tests import factories

pytestmark = pytest.mark.django_db


def read(client, application):
    client.force_login(application.candidate.user)
    answer = client.get("/result/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("outcome", [Status.PASSED, Status.REJECTED])
def test_hidden_until_published(client, outcome):
    application = factories.decided(outcome, note="内部意见")
    page = read(client, application)
    assert "结果尚未公布" in page
    assert "内部意见" not in page
    assert "不符合报考条件" not in page
    assert 'data-application-status="submitted"' in page


def test_passed(client):
    application = factories.decided(Status.PASSED, note="材料齐全")
    factories.publish(application.session)
    page = read(client, application)
    assert "审核通过" in page
    assert "材料齐全" in page
    assert 'data-application-status="passed" data-stage="region" data-published="true"' in page


def test_rejected_with_reason_and_opinion(client):
    application = factories.decided(Status.REJECTED, note="学历<不符>")
    factories.publish(application.session)
    page = read(client, application)
    assert "审核不通过" in page
    assert "不符合报考条件。" in page
    assert "学历&lt;不符&gt;" in page


def test_a_reason_that_is_reworded_changes_nothing_that_was_decided(client):
    application = factories.decided(Status.REJECTED)
    factories.publish(application.session)
    reason = Decision.objects.get(application=application).reason
    reason.sentence_zh, reason.sentence_en = "全部更改", "All changed"
    save_record(OPERATOR, reason, reason.version)

    page = read(client, application)
    client.cookies["django_language"] = "en"
    english = read(client, application)

    assert "不符合报考条件。" in page
    assert "全部更改" not in page
    assert "Not eligible." in english
    assert "All changed" not in english


def test_a_draft_is_published_as_not_submitted(client):
    application = factories.draft()
    factories.publish(application.session)
    page = read(client, application)
    assert "未提交" in page
    assert "通过" not in page.split("<main")[1]


def test_a_return_past_its_deadline_is_published_as_not_corrected(client):
    application = factories.returned()
    factories.publish(application.session)
    page = read(client, application)
    assert "未按期补充" in page
    assert "审核意见" not in page


def test_after_the_last_deadline_no_time_is_named_that_has_passed(client):
    application = factories.decided(Status.PASSED)
    factories.close_window(application.session)
    page = read(client, application)
    assert "结果尚未公布" in page
    assert "不早于" not in page


def test_withdrawn(client):
    application = factories.decided(Status.PASSED, note="材料齐全")
    factories.publish(application.session)
    withdraw_results(OPERATOR, application.session.code, "名单有误")
    page = read(client, application)
    assert "结果已撤回" in page
    assert "不再有效" in page
    for word in ("结果尚未公布", "材料齐全", "名单有误"):
        assert word not in page


def test_nobody(client):
    assert client.get("/result/").status_code == 302
