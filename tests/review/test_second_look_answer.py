"""What a second reviewer answers, and when it counts."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from candidates.models import Event, ExamSession, Message, User
from candidates.services.events import Actor
from materials.models import Application, Item
from review.models import Decision, SecondLook
from review.rules import Answer
from review.services import second_looks
from tests import factories

from . import desk

NEXT = "/admin/review/second/next/"
TYPED = "第三行的姓名与证件不一致"
FINE = {"opinion-ID": "fine", "opinion-EDU": "fine", "opinion-OTHER": "fine"}
CHANGE = {**FINE, "opinion-EDU": "change", "reason-EDU": "NO_SEAL", "note-EDU": TYPED}


def address(look: SecondLook) -> str:
    return f"/admin/review/second/{look.pk}/"


def send(client: Client, look: SecondLook, fields: dict[str, str]):
    version = desk.now_of(look.application).version
    return client.post(address(look), {"version": version, **fields})


def take(user: User) -> SecondLook | None:
    return second_looks.claim_next(Actor(user))


# --- the answer ------------------------------------------------------------------------------------


def test_all_fine_agrees(application, look, second) -> None:
    client = desk.signed_in(second)
    client.get(NEXT)

    assert send(client, look, FINE)["Location"] == NEXT

    look.refresh_from_db()
    assert (look.reviewer, look.findings) == (second, [])
    assert look.answered_at is not None
    event = Event.objects.get(action="second_look_answered")
    assert (event.actor, event.facts) == (second, {"agrees": True, "items": []})


def test_what_would_have_been_asked_for_disagrees(application, look, second) -> None:
    response = send(desk.signed_in(second), look, CHANGE)

    assert response.status_code == 303
    look.refresh_from_db()
    assert look.findings == [{"item": "EDU", "reason": "NO_SEAL", "note": TYPED}]
    assert Event.objects.get(action="second_look_answered").facts == {"agrees": False, "items": ["EDU"]}


def test_the_answer_changes_nothing_and_is_told_to_nobody(application, look, second, at_region) -> None:
    before, items = desk.now_of(application), list(Item.objects.order_by("pk").values())

    desk.look_again(second, look, EDU=Answer("change", "BLUR", "x"))

    assert list(Item.objects.order_by("pk").values()) == items
    now = desk.now_of(application)
    assert (now.status, now.version, now.decided_at) == (before.status, before.version, before.decided_at)
    assert not Message.objects.filter(kind__in=["returned", "unlocked"]).exists()


def test_reviewers_find_it_in_no_history_and_staff_do(session, application, look, second, at_region) -> None:
    take(second)
    desk.look_again(second, look)
    events = f"/admin/candidates/event/?candidate__id__exact={application.candidate_id}"

    def rows(user: User) -> str:
        html = desk.signed_in(user).get(events).content.decode()
        return html.split('id="result_list"')[1].split("</table>")[0]

    for user in (at_region, second):
        assert "Review finished" in rows(user)
        assert "Second look" not in rows(user)
        assert "Second look" not in desk.page(desk.signed_in(user), application)
    assert "Second look claimed" in rows(factories.region_staff(session.region))
    assert "Second look answered" in rows(factories.administrator())


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"opinion-EDU": ""}, "Choose whether it is fine"),
        ({"opinion-EDU": "nonsense"}, "Choose whether it is fine"),
        ({"reason-EDU": ""}, "needs a reason"),
        ({"reason-EDU": "FALSE"}, "needs a reason"),
        ({"opinion-ID": "change", "reason-ID": "NO_SEAL"}, "needs a reason"),
        ({"opinion-EDU": "fine"}, "What is fine has no reason"),
        ({"note-EDU": "长" * 2001}, "2001 characters"),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_is_kept(look, second, fields, fault) -> None:
    sent = {**CHANGE, "note-ID": "", **fields}
    response = send(desk.signed_in(second), look, sent)

    assert response.status_code == 422
    html = response.content.decode()
    code = "ID" if "opinion-ID" in fields else "EDU"
    assert fault in html.split(f'data-item="{code}"')[1].split("</section>")[0]
    assert fault in html.split('role="alert"')[1].split("</div>")[0]
    note = re.search(r'<textarea id="note-EDU"[^>]*>\n([^<]*)</textarea>', html)
    assert note is not None
    assert note[1] == sent["note-EDU"]
    if sent["reason-EDU"] == "NO_SEAL":
        assert re.search(r'value="NO_SEAL"[^>]*selected', html)
    look.refresh_from_db()
    assert look.answered_at is None


def test_a_form_without_its_version(look, second) -> None:
    response = desk.signed_in(second).post(address(look), CHANGE)

    assert response.status_code == 422
    assert TYPED in response.content.decode()


def test_a_browsers_line_ends_count_once(look, second) -> None:
    assert send(desk.signed_in(second), look, CHANGE | {"note-EDU": "行\r\n" * 1000}).status_code == 303


def test_who_misses_a_picture_says_so(look, second) -> None:
    client = desk.signed_in(second)
    fields = FINE | {"opinion-OTHER": "change", "reason-OTHER": ""}
    html = send(client, look, fields).content.decode()
    assert '<details class="rv-folded">' not in html

    assert send(client, look, fields | {"reason-OTHER": "BLUR"}).status_code == 303
    look.refresh_from_db()
    assert look.findings == [{"item": "OTHER", "reason": "BLUR", "note": ""}]


def test_after_the_claim_lapsed_the_answer_counts_unless_another_has_it(session, look, second) -> None:
    third = factories.region_reviewer(session.region, name="周复看")
    take(second)
    SecondLook.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    take(third)

    response = send(desk.signed_in(second), look, CHANGE)
    assert response.status_code == 409
    assert "周复看 is at this second look" in response.content.decode()
    assert TYPED in response.content.decode()

    SecondLook.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert send(desk.signed_in(second), look, CHANGE).status_code == 303


def test_answering_twice_is_refused(look, second) -> None:
    client = desk.signed_in(second)
    send(client, look, FINE)

    response = send(client, look, CHANGE)

    assert response.status_code == 409
    html = response.content.decode()
    assert re.search(r"孙复看 answered this second look at \w{3}\.? \d+, \d{4}, \d\d:\d\d", html)
    assert TYPED in html
    look.refresh_from_db()
    assert look.findings == []


def test_an_answer_after_the_pass_was_taken_back(application, look, second, at_region) -> None:
    version = desk.now_of(application).version
    desk.unlock(at_region, application, "ID")

    response = desk.signed_in(second).post(address(look), {"version": version, **CHANGE})

    assert response.status_code == 409
    html = response.content.decode()
    assert re.search(r"Meanwhile: Item unlocked, by 赵复核, at \d\d:\d\d:\d\d", html)
    assert "No seal" in html
    assert TYPED in html
    assert 'name="opinion-EDU"' not in html
    look.refresh_from_db()
    assert (look.answered_at, look.findings) == (None, [])


def test_an_answer_to_an_application_that_changed(application, look, second, at_region) -> None:
    """A roster may change the candidate's facts; the sentence tells nothing of the review before."""
    version = desk.now_of(application).version
    Application.objects.update(version=version + 1)

    response = desk.signed_in(second).post(address(look), {"version": version, **CHANGE})

    assert response.status_code == 409
    html = response.content.decode()
    assert "was changed meanwhile" in html
    assert at_region.name not in html
    assert TYPED in html
    again = re.search(r'name="version" value="(\d+)"', html)
    assert again is not None
    assert desk.signed_in(second).post(address(look), {"version": again[1], **CHANGE}).status_code == 303


def test_text_for_an_item_that_is_gone_is_kept(look, second) -> None:
    html = send(desk.signed_in(second), look, CHANGE | {"opinion-EDU": "", "note-GONE": "这一项的话"}).content.decode()

    assert "这一项的话" in html


def test_nothing_waits_and_nothing_is_answered_once_published(session, look, second) -> None:
    factories.publish(session)

    assert take(second) is None
    response = send(desk.signed_in(second), look, CHANGE)
    assert response.status_code == 409
    assert TYPED in response.content.decode()


def test_what_was_typed_is_inert(look, second) -> None:
    response = send(desk.signed_in(second), look, CHANGE | {"note-EDU": "<script>x", "opinion-ID": ""})

    assert "&lt;script&gt;x" in response.content.decode()


# --- the database ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"answered_at": timezone.now()}, "claimed_by_somebody"),
        ({"expires_at": timezone.now()}, "claimed_by_somebody"),
        ({"findings": [{"item": "EDU"}]}, "found_when_answered"),
        ({"settlement": "x"}, "settled_with_a_note"),
        ({"settled_at": timezone.now()}, "settled_with_a_note"),
    ],
)
def test_the_database_keeps_a_look_coherent(look, change, constraint) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SecondLook.objects.update(**change)


def test_one_look_at_a_pass_stands(look) -> None:
    decision = Decision.objects.exclude(pk=look.decision_id).first()
    with pytest.raises(IntegrityError, match="one_stands"), transaction.atomic():
        SecondLook.objects.create(application=look.application, decision=decision)


def test_the_policy_is_from_0_to_100(session) -> None:
    with pytest.raises(IntegrityError, match="second_looks_in_range"), transaction.atomic():
        ExamSession.objects.update(second_look_percent=101)
