"""The page to check before submitting: all that a reviewer will see, what is wrong, and what submitting does."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from candidates.enums import Stages
from materials.models import Photo
from tests import factories

from .pages import items

pytestmark = pytest.mark.django_db

PAGE = "/materials/submit/"


def section(page: str, title_id: str) -> str:
    """The part of the page whose title has this id."""
    found = re.search(rf'<section[^>]*aria-labelledby="{title_id}".*?</section>', page, re.DOTALL)
    assert found, title_id
    return found[0]


def test_all_that_a_reviewer_will_see(client):
    application = factories.draft(flags=["military"])
    candidate = application.candidate
    client.force_login(candidate.user)
    factories.fill(application)
    client.post("/materials/OTHER/not-applicable/", {"value": "on"})
    answer = client.get(PAGE)
    page = answer.content.decode()
    facts = section(page, "registration")
    for words in (candidate.name, candidate.registration_number, "临床", "执业医师", candidate.site.name, "现役军人"):
        assert words in facts
    assert f"{candidate.id_number[:3]}*************{candidate.id_number[-2:]}" in facts
    assert candidate.id_number not in page
    assert list(items(answer)) == ["ID", "EDU", "OTHER"]
    for photo in Photo.objects.all():
        assert f'src="/photos/{photo.pk}/"' in page
    assert "已标记为不适用" in page


def test_replies_are_on_it(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    client.post("/materials/EDU/reply/", {"reply": "原件<在>学校"})
    page = client.get(PAGE).content.decode()
    assert "原件&lt;在&gt;学校" in page
    assert "图片模糊，请重新拍摄。" in page


def test_warnings_are_summed_at_the_top_and_beside_the_picture(client, draft):
    factories.fill(draft)
    first, second, third = Photo.objects.order_by("item__category__position", "position")
    Photo.objects.filter(pk=first.pk).update(warnings=["blurred", "small"])
    Photo.objects.filter(pk=third.pk).update(similar_to=second.pk)
    page = client.get(PAGE).content.decode()
    summed = section(page, "warned")
    assert "2张图片有提示" in summed
    assert re.findall(r'href="#photo-([^"]+)"', summed) == [str(first.pk), str(third.pk)]
    for photo in (first, second, third):
        assert f'id="photo-{photo.pk}"' in page
    assert re.findall(r'data-warning="(\w+)"', page) == ["blurred", "small", "similar"]


def test_without_warnings_nothing_is_said_of_them(client, draft):
    factories.fill(draft)
    assert 'id="warned"' not in client.get(PAGE).content.decode()


def test_what_is_missing_is_summed_and_leads_to_the_items(client, draft):
    factories.make_photo(draft, "ID")
    page = client.get(PAGE).content.decode()
    missing = section(page, "missing")
    assert re.findall(r'href="#item-(\w+)"', missing) == ["ID", "EDU"]
    assert "至少2张，已有1张" in missing
    for code in ("ID", "EDU"):
        assert f'id="item-{code}"' in page
        assert f'href="/materials/{code}/#upload"' in page
    assert 'name="checked"' not in page


def test_one_button_says_that_it_locks_and_what_comes_next(client, draft):
    factories.fill(draft)
    page = client.get(PAGE).content.decode()
    end = section(page, "submit-title")
    assert "提交后全部内容将被锁定" in end
    assert "接下来由考点审核" in end
    assert f"{draft.session.corrections_until.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M}" in end
    assert page.count('type="submit"') - page.count('name="language"') - page.count('action="/logout/"') == 1
    assert 'href="/materials/"' in end


@pytest.mark.parametrize("stages", Stages)
def test_until_when_one_can_correct_is_an_end(client, draft, stages):
    """Midnight is 24:00 of the day before."""
    draft.session.stages, draft.session.corrections_until = stages, datetime(2036, 11, 30, 16, tzinfo=UTC)
    draft.session.save()
    factories.fill(draft)
    assert "2036年11月30日（周日）24:00" in section(client.get(PAGE).content.decode(), "submit-title")


def test_a_correction_goes_to_the_stage_that_asked(client):
    application = factories.submitted()
    factories.review(application, "pass")
    factories.review(application, "return", ask=["EDU"])
    factories.make_photo(application, "EDU")
    client.force_login(application.candidate.user)
    assert "接下来由考区审核" in section(client.get(PAGE).content.decode(), "submit-title")


def test_only_what_is_open_can_be_changed_from_here(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    end = client.get(PAGE).content.decode()
    assert 'href="/materials/EDU/"' in end
    assert 'href="/materials/ID/"' not in end


def test_as_many_queries_for_many_pictures_as_for_few(client, draft, django_assert_max_num_queries):
    factories.fill(draft)
    for _ in range(8):
        factories.make_photo(draft, "OTHER")
    with django_assert_max_num_queries(8):
        client.get(PAGE)
