"""In a correction it is told which pictures are still those of last time (docs/product.md, rule 7)."""

import re

import pytest

from materials.models import Photo
from tests import factories

from .pages import items
from .test_submit_page import section

pytestmark = pytest.mark.django_db(transaction=True)

CHECK = "/materials/submit/"


@pytest.fixture
def returned(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    return application


def rejected(application) -> Photo:
    return application.items.get(category__code="EDU").photos.get(superseded_at=None)


def named(application) -> Photo:
    """The one that the submission named, whatever was added beside it."""
    return application.items.get(category__code="EDU").photos.get(first_submission__isnull=False)


def turn(client, photo):
    return client.post(f"/materials/EDU/photos/{photo.pk}/turn/", {"turn": "left"})


def delete(client, photo):
    return client.post(f"/materials/EDU/photos/{photo.pk}/delete/")


def kept(client, path):
    return re.findall(r'data-kept="(\w+)"', client.get(path).content.decode())


def test_a_picture_added_beside_the_rejected_one(client, returned):
    old = rejected(returned)
    factories.make_photo(returned, "EDU")
    assert kept(client, "/materials/EDU/") == ["same"]
    assert "上次提交，未替换" in client.get("/materials/EDU/").content.decode()
    page = client.get(CHECK).content.decode()
    assert kept(client, CHECK) == ["same"]
    told = section(page, "kept")
    assert "有1张图片仍是上次被要求修改的图片" in told
    assert f'href="#photo-{old.pk}"' in told
    assert page.index('id="kept"') < page.index('id="submit"')
    # It may be right so: another picture of the item may have been meant.
    assert client.post(CHECK).status_code == 303


def test_the_rejected_picture_turned(client, returned):
    assert turn(client, rejected(returned)).status_code == 303
    for path in ("/materials/EDU/", CHECK):
        assert kept(client, path) == ["turned"]
        assert "与上次提交的是同一张，只旋转了方向" in client.get(path).content.decode()
    assert 'id="kept"' in client.get(CHECK).content.decode()
    assert "只旋转了方向" in client.get("/materials/").content.decode()
    assert client.post(CHECK).status_code == 303


def test_replaced_nothing_is_said(client, returned):
    factories.make_photo(returned, "EDU")
    delete(client, named(returned))
    for path in ("/materials/EDU/", CHECK):
        assert kept(client, path) == []
    assert 'id="kept"' not in client.get(CHECK).content.decode()


def test_with_a_reply_the_old_picture_is_marked_but_not_asked_about(client, returned):
    client.post("/materials/EDU/reply/", {"reply": "无法补办"})
    assert kept(client, CHECK) == ["same"]
    assert 'id="kept"' not in client.get(CHECK).content.decode()


def test_items_that_nobody_asked_to_change_are_not_marked(client, returned):
    assert kept(client, "/materials/ID/") == []


def test_turned_and_then_deleted_the_page_agrees_with_itself(client, returned):
    turn(client, rejected(returned))
    delete(client, rejected(returned))
    answer = client.get("/materials/")
    page = answer.content.decode()
    assert items(answer)["EDU"].photos == 0
    assert "已修改0项，共1项" in page
    assert page.count("/restore/") == 1
    assert "第1张图片已删除" in page
    asked = re.search(r'<ul class="asked-list".*?</ul>', page, re.DOTALL)[0]
    assert "还没有图片" in asked
    assert "已修改，未提交" not in page


def test_its_undo_brings_back_what_was_deleted(client, returned):
    turn(client, rejected(returned))
    turned = rejected(returned)
    delete(client, turned)
    client.post(f"/materials/EDU/photos/{turned.pk}/restore/")
    assert rejected(returned) == turned
    assert "/restore/" not in client.get("/materials/").content.decode()
