"""A message to a list of candidates: previewed, confirmed once, written to each once."""

import re
from functools import partial
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import Delivery, Event, Message
from candidates.refusals import Refusal
from candidates.rules import has_personal_number
from candidates.services.events import Actor
from review.models import Circular
from review.progress import in_states
from review.services import circulars
from review.services.circulars import send_circular, write_circulars
from tests import factories
from tests.concurrency import at_once

from . import desk

WORDS = {
    "title_zh": "请尽快激活",
    "title_en": "Activate soon",
    "text_zh": "请登录并激活。",
    "text_en": "Please sign in.",
}


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


@pytest.fixture
def client(staff) -> Client:
    return desk.signed_in(staff)


def address(session) -> str:
    return reverse("staff_circular", args=[session.code])


def send(staff, session, key=None, **fields) -> Circular:
    given = {"number": 1, "states": ["not_activated"], "sites": [], "words": WORDS} | fields
    return send_circular(Actor(staff), session.code, key or uuid4(), **given)


def preview(client, session, **fields) -> dict[str, str]:
    """The hidden fields of the form that confirms."""
    response = client.post(address(session), {"states": ["not_activated"], **WORDS, **fields})
    assert response.status_code in (200, 409), response.content.decode()
    names = ("key", "number")
    html = response.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]+)"', html)[1] for name in names}


# --- the way of staff ------------------------------------------------------------------------------


def test_previewed_confirmed_and_written(session, client, staff) -> None:
    told = [factories.draft(session, activated=False, email="a@example.com").candidate for _ in range(3)]
    told[0].language = "en"
    told[0].save()
    factories.draft(session)
    page = client.post(address(session), {"states": ["not_activated"], **WORDS}).content.decode()
    assert "Send to 3 candidates" in page
    assert "请登录并激活。" in page
    assert not Circular.objects.exists()

    fields = preview(client, session)
    response = client.post(address(session), {"states": ["not_activated"], **WORDS, **fields})

    assert response.status_code == 303
    assert response.url == reverse("staff_messages", args=[session.code])
    assert not Message.objects.filter(kind="circular").exists()
    call_command("send_messages")
    assert set(Message.objects.filter(kind="circular").values_list("candidate", flat=True)) == {c.pk for c in told}
    assert Delivery.objects.filter(about=Circular.objects.get().once_key, status="sent").count() == 6
    assert write_circulars() == 0
    event = Event.objects.get(action="circular_sent")
    assert (event.actor, event.facts["number"], event.facts["states"]) == (staff, 3, ["not_activated"])


def test_pressing_twice_sends_once(session, client) -> None:
    factories.draft(session, activated=False)
    fields = preview(client, session)
    for _ in range(2):
        client.post(address(session), {"states": ["not_activated"], **WORDS, **fields})
    write_circulars()

    assert Message.objects.filter(kind="circular").count() == 1
    assert Event.objects.filter(action="circular_sent").count() == 1


def test_a_list_that_changed_is_confirmed_again(session, client) -> None:
    factories.draft(session, activated=False)
    fields = preview(client, session)
    factories.draft(session, activated=False)

    again = client.post(address(session), {"states": ["not_activated"], **WORDS, **fields})

    assert again.status_code == 409
    assert "1 were on the list in the preview, now there are 2" in again.content.decode()
    assert "Send to 2 candidates" in again.content.decode()
    assert not Circular.objects.exists()
    fields = preview(client, session)
    assert client.post(address(session), {"states": ["not_activated"], **WORDS, **fields}).status_code == 303


def test_the_list_is_the_one_of_the_confirmation(session, staff) -> None:
    before = factories.draft(session, activated=False).candidate
    send(staff, session)
    factories.draft(session, activated=False)

    write_circulars()

    assert Message.objects.get(kind="circular").candidate == before


def test_the_candidate_reads_it(session, staff) -> None:
    candidate = factories.returned(session).candidate
    send(staff, session, states=["returned"], words=WORDS | {"text_en": "<b>One</b>\nTwo"})
    write_circulars()

    html = desk.signed_in(candidate.user).get(reverse("messages")).content.decode()

    assert "Activate soon" in html
    assert "&lt;b&gt;One&lt;/b&gt;<br>Two" in html


# --- who -------------------------------------------------------------------------------------------


def test_states_and_sites(session) -> None:
    other = factories.SiteFactory(region=session.region)
    new, draft = factories.draft(session, activated=False), factories.draft(session, site=other)
    factories.submitted(session)
    factories.draft(factories.make_session(region=session.region), activated=False)

    def found(states, sites=()):
        return set(in_states(session, states, sites))

    assert found(["not_activated"]) == {new}
    assert found(["not_activated", "draft"]) == {new, draft}
    assert found(["not_activated", "draft"], [other.code]) == {draft}
    assert found([]) == set()


def write_to_these(client, session, **query) -> str:
    listed = client.get(reverse("admin:materials_application_changelist"), query)
    return next((where for where, _label in listed.context["tools"] if where.startswith(address(session))), "")


def test_from_a_list_to_a_message_to_just_these(session, client) -> None:
    site = session.region.sites.get()
    factories.submitted(session)

    where = write_to_these(client, session, session__id__exact=session.pk, site__id__exact=site.pk, progress="at_site")

    form = client.get(where).context["form"]
    assert (form["states"].value(), form["sites"].value()) == (["at_site"], [site.code])


@pytest.mark.parametrize("more", [{"q": "TJ"}, {"waiting": "24"}, {"progress": ""}, {"session__id__exact": "0"}])
def test_a_list_that_cannot_be_chosen_offers_no_message(session, client, more) -> None:
    query = {"session__id__exact": session.pk, "progress": "draft"}
    assert write_to_these(client, session, **query)
    assert write_to_these(client, session, **query | more) == ""


def test_what_was_sent_can_be_read_again_and_to_whom(session, client, staff) -> None:
    factories.draft(session, activated=False)
    send(staff, session)
    html = client.get(reverse("staff_messages", args=[session.code])).content.decode()
    assert WORDS["text_zh"] in html
    assert "<p>Not activated</p>" in html


def test_nobody_on_the_list(session, client, staff) -> None:
    response = client.post(address(session), {"states": ["rejected"], **WORDS})

    assert response.status_code == 422
    assert "There is nobody on this list" in response.content.decode()
    with pytest.raises(Refusal) as refused:
        send(staff, session, number=0)
    assert refused.value.code == "nobody"


def test_only_the_regions_staff(session, application) -> None:
    for user in (factories.region_reviewer(session.region), factories.region_staff(factories.RegionFactory())):
        with pytest.raises(Refusal) as refused:
            send(user, session, states=["at_site"])
        assert refused.value.status == 403


# --- the words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("请于2026-11-22 18:00至2026-11-23 12:00前提交，地点：305室", False),
        ("By 22 Nov 2026, 18:00, at the latest; 200 KB each", False),
        ("2026年11月22日18时30分", False),
        ("11010119900101123X", True),
        ("110101 1990 0101 1237", True),
        ("１３８００００１２３４", True),
        ("138-0000-1234", True),
        ("138 0000 1234", True),
        ("1380\u200b0001\u200b234", True),
        ("022-1234567", True),
        ("0311 8765 4321", True),
        ("TJ26000001", True),
    ],
)
def test_no_personal_numbers(text, personal) -> None:
    assert has_personal_number(text) is personal


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text_en": ""}, "in Chinese and in English"),
        ({"title_zh": "  "}, "in Chinese and in English"),
        ({"title_en": "x" * 61}, "Too long"),
        ({"text_zh": "字" * 501}, "Too long"),
        ({"text_zh": "请致电13800001234"}, "telephone number"),
        ({"title_en": "Call 022-12345678"}, "telephone number"),
    ],
)
def test_words_that_may_not_go_out(session, client, staff, change, sentence) -> None:
    factories.draft(session, activated=False)

    response = client.post(address(session), {"states": ["not_activated"], **WORDS, **change})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    with pytest.raises(Refusal):
        send(staff, session, words=WORDS | change)
    assert not Circular.objects.exists()


def test_line_ends_count_once(session, client) -> None:
    factories.draft(session, activated=False)

    assert preview(client, session, text_en="\r\n".join(["x"] * 250))


def test_a_state_that_does_not_exist(session, client) -> None:
    assert client.post(address(session), {"states": ["all"], **WORDS}).status_code == 422
    assert client.post(address(session), WORDS).status_code == 422


# --- many ------------------------------------------------------------------------------------------


def test_written_in_batches_with_the_same_queries_for_one_and_for_three(session, staff, monkeypatch) -> None:
    monkeypatch.setattr(circulars, "BATCH", 2)
    for _ in range(5):
        factories.draft(session, activated=False)
    with CaptureQueriesContext(connection) as at_five:
        send(staff, session, number=5)
    assert len(at_five) <= 8

    assert circulars._write_batch() == 2
    assert Circular.objects.get().written == 2
    assert write_circulars() == 3
    assert Message.objects.filter(kind="circular").values("candidate").distinct().count() == 5


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_many_presses_at_once(monkeypatch) -> None:
    monkeypatch.setattr(circulars, "BATCH", 2)
    session = factories.make_session()
    staff, key = factories.region_staff(session.region), uuid4()
    for _ in range(7):
        factories.draft(session, activated=False)

    at_once(*(partial(send, staff, session, key, number=7) for _ in range(4)))
    told = at_once(*(write_circulars for _ in range(4)))

    assert sum(told) == 7
    assert Message.objects.filter(kind="circular").count() == 7
