"""``/messages/``: what was told, newest first and by day, what is new, and how it stops being new."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.enums import MessageKind
from candidates.models import Message
from candidates.services.messages import tell
from candidates.views.notices import PER_PAGE
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate(client):
    candidate = factories.make_candidate()
    client.force_login(candidate.user)
    return candidate


def told(candidate, kind=MessageKind.PUBLISHED, *, ago: timedelta = timedelta(0), **facts) -> Message:
    message = tell(candidate, kind, **facts)
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - ago)
    return message


def page(client, path="/messages/") -> str:
    return client.get(path).content.decode()


def shown(html: str) -> list[tuple[int, bool]]:
    """Key and whether it is new, in order."""
    found = re.findall(r'data-message="(\d+)"\s+data-unread="(\w+)"', html)
    return [(int(key), unread == "true") for key, unread in found]


def count(client, path="/registration/") -> int:
    """What the menu says on any page; without a number when nothing is new."""
    found = re.search(r'<span class="count">(\d+)</span><span class="unseen">条未读', page(client, path))
    return int(found[1]) if found else 0


def mark(client, *keys):
    return client.post("/messages/read/", {"message": keys})


def test_new_ones_are_counted_on_every_page_and_marked_on_theirs(client, candidate):
    old, new = told(candidate, ago=timedelta(days=1)), told(candidate)
    mark(client, old.pk)
    assert {count(client, path) for path in ("/registration/", "/materials/", "/messages/", "/result/")} == {1}
    assert shown(page(client)) == [(new.pk, True), (old.pk, False)]


def test_looking_writes_nothing_and_the_button_does(client, candidate):
    message = told(candidate)
    assert shown(page(client)) == shown(page(client)) == [(message.pk, True)]
    answer = mark(client, message.pk)
    assert (answer.status_code, answer.url) == (303, "/messages/")
    assert shown(page(client)) == [(message.pk, False)]
    assert count(client) == 0
    assert "data-read" not in page(client)


def test_the_page_itself_is_answered_without_a_page(client, candidate):
    message = told(candidate)
    answer = client.post("/messages/read/", {"message": [message.pk]}, headers={"Prefer": "return=minimal"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert count(client) == 0
    client.logout()
    answer = client.post("/messages/read/", {"message": [message.pk]}, headers={"Prefer": "return=minimal"})
    assert answer.status_code == 302


def test_the_button_sends_what_the_page_shows_as_new(client, candidate):
    keys = [told(candidate).pk for _ in range(PER_PAGE + 3)]
    html = page(client)
    sent = re.findall(r'name="message" value="(\d+)"', html)
    assert [int(key) for key in sent] == keys[:2:-1] == [key for key, _new in shown(html)]
    mark(client, *sent)
    assert count(client) == 3
    assert [new for _key, new in shown(page(client, "/messages/?page=2"))] == [True] * 3


def test_what_came_after_the_page_was_made_stays_new(client, candidate):
    seen = told(candidate)
    later = told(candidate)
    mark(client, seen.pk)
    assert Message.objects.get(read_at=None) == later


def test_reading_again_keeps_the_first_time(client, candidate):
    message = told(candidate)
    mark(client, message.pk)
    first = Message.objects.get(pk=message.pk).read_at
    mark(client, message.pk)
    assert Message.objects.get(pk=message.pk).read_at == first


def test_somebody_elses_stay_new(client, candidate):
    theirs = told(factories.make_candidate())
    assert mark(client, theirs.pk).status_code == 303
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("key", ["", "x", "-1", "١", "9" * 30, "1e3"])
def test_keys_that_are_none(client, candidate, key):
    told(candidate)
    assert mark(client, key).status_code == 303
    assert count(client) == 1


def test_by_day_with_the_time_at_each(client, candidate, monkeypatch):
    noon = timezone.localtime().replace(hour=12)  # no midnight comes between telling and looking
    monkeypatch.setattr(timezone, "now", lambda: noon)
    client.force_login(candidate.user)  # in the hour after midnight the first sign-in is twelve hours old at noon
    for days in (0, 1, 8):
        told(candidate, ago=timedelta(days=days))
    html = page(client)
    headings = re.findall(r'<h2 class="day"[^>]*>([^<]+)</h2>', html)
    assert [heading[:2] for heading in headings] == ["今天", "昨天", "20"]
    assert len(re.findall(r'<time datetime="[^"]+">\d\d:\d\d</time>', html)) == 3


@pytest.mark.parametrize(
    ("kind", "facts", "way"),
    [
        ("submitted", {"receipt": "R", "number": 2}, "/materials/receipt/2/"),
        ("counted", {"receipt": "R", "number": 1}, "/materials/receipt/1/"),
        ("returned", {"items": ["ID"], "until": "2036-11-30T10:00:00+00:00"}, "/materials/"),
        ("unlocked", {"items": ["ID"], "until": "2036-11-30T10:00:00+00:00"}, "/materials/"),
        ("extended", {"until": "2036-11-30T10:00:00+00:00"}, "/materials/"),
        ("reminder", {"status": "draft", "until": "2036-11-30T10:00:00+00:00", "days": 3}, "/materials/"),
        ("published", {}, "/result/"),
        ("withdrawn", {}, None),
        ("circular", dict.fromkeys(("title_zh", "title_en", "text_zh", "text_en"), "…"), None),
    ],
)
def test_each_leads_to_where_it_is_done(client, candidate, kind, facts, way):
    told(candidate, MessageKind(kind), **facts)
    (item,) = re.findall(r"<li[^>]*data-message.*?</li>", page(client), re.DOTALL)
    assert re.findall(r'href="([^"]+)"', item) == ([way] if way else [])
    if "until" in facts:
        assert '<time datetime="2036-11-30T18:00:00+08:00">2036年11月30日（周日）18:00</time>' in item


def test_pages(client, candidate):
    keys = [told(candidate).pk for _ in range(PER_PAGE * 2 + 1)][::-1]
    assert [key for key, _new in shown(page(client))] == keys[:PER_PAGE]
    assert "?page=2" in page(client)
    assert [key for key, _new in shown(page(client, "/messages/?page=3"))] == keys[-1:]
    for nonsense in ("0", "x", "99999999999999999999", "-1"):
        assert len(shown(page(client, f"/messages/?page={nonsense}"))) in (1, PER_PAGE)


def test_one_page_has_no_pages(client, candidate):
    told(candidate)
    assert "?page=" not in page(client)


def test_nothing_yet(client, candidate):
    assert "暂无通知" in page(client)
    assert count(client) == 0


def test_queries_do_not_grow(client, candidate):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/messages/")
        return len(captured)

    told(candidate)
    at_one = queries()
    for _ in range(30):
        told(candidate)
    assert queries() == at_one <= 6
