"""The materials page as a task list: what comes first, what is folded, the bar, and the time left."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils.translation import override

from candidates.models import ExamSession
from materials.standing import time_left
from tests import factories

from .pages import items

pytestmark = pytest.mark.django_db


def page(client) -> str:
    return client.get("/materials/").content.decode()


def folds(text: str) -> dict[str, tuple[bool, list[str]]]:
    """What is folded, by name: whether it is open, and the items in it."""
    found = re.findall(r'<details class="fold"\s+data-fold="(\w+)"\s*(open)?>(.*?)</ul>\s*</details>', text, re.DOTALL)
    return {name: (bool(is_open), re.findall(r'data-item="(\w+)"', inside)) for name, is_open, inside in found}


def bar(text: str) -> str:
    found = re.search(r"<aside.*?</aside>", text, re.DOTALL)
    return found[0] if found else ""


def test_a_draft_shows_what_is_missing_first_and_folds_the_rest(client, draft):
    factories.make_photo(draft, "ID")
    factories.make_photo(draft, "ID")
    text = page(client)
    assert list(items(client.get("/materials/"))) == ["EDU", "OTHER", "ID"]
    assert folds(text) == {"optional": (False, ["OTHER"]), "done": (False, ["ID"])}
    assert "必交材料已完成1项，共2项" in text
    assert "还未提交" in bar(text)
    assert "上传：毕业证书" in bar(text)
    assert 'href="/materials/EDU/#upload"' in bar(text)


def test_every_item_leads_to_its_example_folded_or_not(client, draft):
    factories.fill(draft)
    text = page(client)
    for code in ("ID", "EDU", "OTHER"):
        assert f'href="/materials/{code}/#example"' in text


def test_what_is_begun_and_what_is_marked_is_not_among_the_optional_ones(client):
    application = factories.draft(factories.make_session(codes=("ID", "EDUVER", "OTHER", "RETAKE")), flags=["repeat"])
    client.force_login(application.candidate.user)
    factories.make_photo(application, "OTHER")
    client.post("/materials/RETAKE/not-applicable/", {"value": "on"})
    assert {name: inside for name, (_, inside) in folds(page(client)).items()} == {
        "optional": ["EDUVER"],
        "done": ["RETAKE", "OTHER"],
    }


def test_a_complete_draft_leads_to_submitting(client, draft):
    factories.fill(draft)
    text = page(client)
    assert 'href="/materials/submit/"' in bar(text)
    assert "核对并提交" in bar(text)
    assert folds(text) == {"optional": (False, ["OTHER"]), "done": (False, ["ID", "EDU"])}


def test_a_refusal_in_a_fold_opens_it(client, draft):
    factories.fill(draft)
    answer = client.post("/materials/ID/not-applicable/", {"value": "on"})
    assert answer.status_code == 422
    assert folds(answer.content.decode()) == {"optional": (False, ["OTHER"]), "done": (True, ["ID", "EDU"])}


def test_after_a_return_the_bar_stays_until_it_is_submitted_again(client):
    application = factories.returned(codes=["EDU", "ID"])
    client.force_login(application.candidate.user)
    text = page(client)
    assert folds(text) == {"rest": (False, ["OTHER"])}
    assert "还未重新提交" in bar(text)
    assert "修改：身份证明" in bar(text)
    client.post("/materials/ID/reply/", {"reply": "原件如此"})
    text = page(client)
    assert list(items(client.get("/materials/")))[:2] == ["EDU", "ID"]
    assert "修改：毕业证书" in bar(text)
    assert "已修改1项，共2项" in text
    client.post("/materials/EDU/reply/", {"reply": "原件如此"})
    text = page(client)
    assert "还未重新提交" in bar(text)
    assert "核对并重新提交" in bar(text)
    assert client.post("/materials/submit/").status_code == 303
    text = page(client)
    assert bar(text) == ""
    assert "还未重新提交" not in text


def test_what_is_handed_in_is_open_and_what_was_left_out_folded(client, draft):
    factories.submit(draft)
    text = page(client)
    assert folds(text) == {"left_out": (False, ["OTHER"])}
    assert bar(text) == ""
    assert "还剩" not in text


def test_nothing_counts_down_when_nothing_can_be_done(client, draft):
    factories.close_window(draft.session)
    assert "data-ends" not in page(client)


def test_the_time_left_is_the_servers(client, draft):
    ends = datetime.now(UTC) + timedelta(days=2, hours=3, minutes=1)
    ExamSession.objects.filter(pk=draft.session_id).update(closes_at=ends)
    text = page(client)
    assert "2天3小时" in text
    assert f'data-ends="{ends.isoformat(timespec="seconds")}"' in text
    now = re.search(r'data-now="([^"]+)"', text)[1]
    assert abs(datetime.fromisoformat(now) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("left", "chinese", "english"),
    [
        ({"days": 1, "hours": 1, "minutes": 59}, "1天1小时", "1 day 1 hour"),
        ({"days": 5, "minutes": 30}, "5天", "5 days"),
        ({"hours": 23, "minutes": 59, "seconds": 59}, "23小时59分钟", "23 hours 59 minutes"),
        ({"hours": 2}, "2小时", "2 hours"),
        ({"minutes": 1}, "1分钟", "1 minute"),
        ({"seconds": 59}, "不到1分钟", "less than a minute"),
        ({"seconds": 0}, "", ""),
        ({"days": -1}, "", ""),
    ],
)
def test_how_the_time_left_is_said(left, chinese, english):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for language, expected in (("zh-hans", chinese), ("en", english)):
        with override(language):
            assert time_left(now + timedelta(**left), now) == expected


# --- after a return -------------------------------------------------------------------------------------


@pytest.fixture
def returned(client):
    application = factories.returned(codes=["EDU"], note="右下角看不清")
    client.force_login(application.candidate.user)
    return application


def thumbnails_before(text: str) -> list[str]:
    return re.findall(r'<li class="thumb before">\s*<img src="/photos/([^/]+)/thumb/"', text)


def test_the_reviewers_words_are_a_quotation_on_the_item(client, returned):
    for address in ("/materials/", "/materials/EDU/"):
        text = client.get(address).content.decode()
        assert "图片模糊，请重新拍摄。" in text
        assert '<blockquote class="words">右下角看不清</blockquote>' in text


def test_what_was_handed_in_stands_beside_the_place_for_the_new_one(client, returned):
    old = returned.items.get(category__code="EDU").photos.get()
    text = page(client)
    assert "上次提交，未替换" in text
    assert "上传新图片" in text
    assert thumbnails_before(text) == []
    client.post(f"/materials/EDU/photos/{old.pk}/delete/")
    new = factories.make_photo(returned, "EDU")
    answer = client.get("/materials/")
    assert thumbnails_before(answer.content.decode()) == [str(old.pk)]
    assert items(answer)["EDU"].uuids == [str(new.pk)]
    assert "上次提交，未替换" not in answer.content.decode()
    assert thumbnails_before(client.get("/materials/EDU/").content.decode()) == [str(old.pk)]
    client.post("/materials/submit/")
    assert thumbnails_before(page(client)) == []


def test_an_item_that_is_full_says_what_to_do_first(client):
    application = factories.returned(codes=["ID"])
    client.force_login(application.candidate.user)
    assert "请先删除旧图片，再在此上传新图片。" in page(client)


def test_what_was_replaced_in_an_earlier_round_is_not_shown(client, returned):
    old = returned.items.get(category__code="EDU").photos.get()
    client.post(f"/materials/EDU/photos/{old.pk}/delete/")
    factories.make_photo(returned, "EDU")
    client.post("/materials/submit/")
    returned.refresh_from_db()
    factories.review(returned, "return", ask=["EDU"])
    assert thumbnails_before(page(client)) == []


def test_all_corrected_is_still_not_submitted(client, returned):
    client.post("/materials/EDU/reply/", {"reply": "原件如此"})
    text = page(client)
    assert "<strong>还未重新提交</strong>" in text
    assert "还未重新提交" in bar(text)


# --- weight -----------------------------------------------------------------------------------------------


def weight(answer) -> int:
    """Bytes of a page and of the files of ours that it names, uncompressed; without pictures."""
    text = answer.content.decode()
    named = set(re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', text))
    assert {"portal/base.css", "portal.svg"} <= named
    found = [Path(finders.find(name)) for name in named]
    modules = {file for name in named if name == "materials.js" for file in Path(finders.find("materials")).iterdir()}
    return len(answer.content) + sum(file.stat().st_size for file in {*found, *modules})


def test_the_first_page_is_light(client, draft):
    client.logout()
    for address in ("/", "/login/"):
        assert weight(client.get(address)) < 60_000


def test_the_materials_page_leaves_most_of_its_weight_to_pictures(client):
    """docs/quality.md, 42: 250 KB with 15 thumbnails, each of about 11 KB."""
    application = factories.draft(factories.make_session(codes=None), flags=["repeat", "trial_route"])
    client.force_login(application.candidate.user)
    for code, count in (("ID", 2), ("EDU", 4), ("TRIAL", 4), ("ORG", 2), ("OTHER", 3)):
        for _ in range(count):
            factories.make_photo(application, code)
    answer = client.get("/materials/")
    assert sum(item.photos for item in items(answer).values()) == 15
    assert weight(answer) < 90_000


def test_after_submitting_what_was_optional_is_no_omission_and_a_mark_stays(client, draft):
    client.post("/materials/OTHER/not-applicable/", {"value": "on"})
    factories.submit(draft)
    page = client.get("/materials/").content.decode()
    assert re.search(r'id="item-OTHER".*?<span class="chip off">不适用</span>', page, re.DOTALL)
    assert "未提交的材料项" not in page


def test_optional_items_without_pictures_are_headed_as_such(client, draft):
    factories.submit(draft)
    assert "选交（未上传）" in client.get("/materials/").content.decode()
