"""提交审核 (docs/product.md, rules 4 and 7)."""

import pytest

from candidates.models import Message
from materials.models import Submission
from tests import factories

from .pages import errors, status

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


def test_checked_then_submitted_then_locked(client, draft):
    factories.fill(draft)
    page = client.get("/materials/submit/").content.decode()
    assert "提交后全部内容将被锁定" in page
    assert page.count("data-photo=") == 3
    answer = client.post("/materials/submit/")
    assert (answer.status_code, answer.url) == (303, "/materials/receipt/1/")
    assert status(client.get("/materials/")) == "submitted"


def test_what_is_missing_is_named_and_nothing_is_written(client, draft):
    factories.make_photo(draft, "ID")
    page = client.get("/materials/submit/").content.decode()
    assert "还不能提交" in page
    assert "确认提交审核并锁定" not in page
    answer = client.post("/materials/submit/")
    assert (answer.status_code, errors(answer)) == (422, ["missing"])
    assert "毕业证书" in answer.content.decode()
    assert not Submission.objects.exists()
    assert status(answer) == "draft"


def test_twice_is_one_submission_and_one_message(client, draft):
    factories.fill(draft)
    first = client.post("/materials/submit/")
    assert client.post("/materials/submit/").url == first.url
    assert Submission.objects.count() == Message.objects.count() == 1
    assert client.get("/materials/submit/").url == first.url


def test_closed(client, draft):
    factories.fill(draft)
    factories.close_window(draft.session)
    assert client.get("/materials/submit/").url == "/materials/"
    answer = client.post("/materials/submit/")
    assert (answer.status_code, errors(answer)) == (409, ["closed"])


def test_an_unchanged_resubmission_is_refused_with_the_item_named(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    answer = client.post("/materials/submit/")
    assert (answer.status_code, errors(answer)) == (422, ["unchanged"])
    assert "毕业证书" in answer.content.decode()


def test_a_changed_one_is_taken_and_numbered(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    factories.make_photo(application, "EDU")
    assert "确认重新提交并锁定" in client.get("/materials/submit/").content.decode()
    answer = client.post("/materials/submit/")
    assert (answer.status_code, answer.url) == (303, "/materials/receipt/2/")


def test_a_look_submits_nothing(client, draft):
    factories.fill(draft)
    client.get("/materials/submit/")
    assert not Submission.objects.exists()


def test_nobody(client):
    assert client.post("/materials/submit/").status_code == 302
