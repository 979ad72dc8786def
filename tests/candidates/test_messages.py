"""The outbox: written with the change, sent after it, at least once (docs/quality.md, 33)."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from candidates import gateways
from candidates.enums import MessageKind
from candidates.models import Delivery, Message
from candidates.services.events import OPERATOR
from candidates.services.messages import (
    GIVE_UP_AFTER,
    call_off,
    send_one,
    send_waiting,
    tell,
    tell_session,
    try_again,
)
from tests import factories
from tests.concurrency import at_once


@pytest.fixture
def outbox(tmp_path, settings) -> Path:
    settings.OUTBOX_DIR = tmp_path
    return tmp_path


@pytest.fixture
def candidate():
    return factories.make_candidate(email="someone@example.com")


def tell_submitted(candidate):
    return tell(candidate, MessageKind.SUBMITTED, receipt="TJ-1", number=1)


@pytest.mark.django_db(transaction=True)
def test_a_message_leaves_by_sms_and_mail_when_the_change_commits(candidate, outbox):
    with transaction.atomic():
        tell_submitted(candidate)
        assert not list(outbox.rglob("*.txt"))

    (sms,) = (outbox / "sms").glob("13800000001-*.txt")
    (mail,) = (outbox / "mail").glob("someone@example.com-*.txt")
    assert sms.read_text().startswith("【考区")
    assert mail.read_text().startswith("Subject: ")
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_sends_nothing(candidate, outbox):
    with transaction.atomic():
        tell_submitted(candidate)
        transaction.set_rollback(True)

    assert not Delivery.objects.exists()
    assert not list(outbox.rglob("*.txt"))


@pytest.mark.django_db
def test_no_address_no_delivery(outbox):
    candidate = factories.make_candidate(email="")

    tell_submitted(candidate)

    assert [delivery.channel for delivery in Delivery.objects.all()] == ["sms"]


@pytest.mark.django_db
def test_what_was_sent_is_emptied_of_address_and_words(candidate, outbox):
    tell_submitted(candidate)

    assert send_waiting() == (2, 0)

    assert set(Delivery.objects.values_list("address", "text")) == {("", "")}


@pytest.mark.django_db
def test_a_gateway_that_is_down_loses_nothing_and_is_tried_again(candidate, outbox, monkeypatch):
    tell_submitted(candidate)
    with monkeypatch.context() as broken:
        broken.setattr(gateways, "send", fail)
        assert send_waiting() == (0, 2)
        assert send_waiting() == (0, 0)

    waiting = Delivery.objects.filter(status="waiting", attempts=1, error="down")
    assert waiting.count() == 2
    assert all(delivery.next_attempt_at > timezone.now() for delivery in waiting)
    Delivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert send_waiting() == (2, 0)
    assert send_waiting() == (0, 0)


def fail(_delivery, _timeout):
    raise gateways.GatewayError("down")


@pytest.mark.django_db
def test_after_the_last_try_it_is_marked_as_failed(candidate, outbox, monkeypatch):
    tell_submitted(candidate)
    Delivery.objects.update(attempts=GIVE_UP_AFTER - 1)
    monkeypatch.setattr(gateways, "send", fail)

    send_waiting()

    assert set(Delivery.objects.values_list("status", flat=True)) == {"failed"}


@pytest.mark.django_db(transaction=True)
def test_many_senders_at_once_send_each_message_once(outbox):
    session = factories.make_session()
    for _ in range(12):
        factories.make_candidate(session)
    tell_session(session, MessageKind.PUBLISHED, "1")

    results = at_once(*(partial(send_waiting) for _ in range(4)))

    assert sum(sent for sent, _failed in results) == 12
    assert len(list((outbox / "sms").iterdir())) == 12


@pytest.mark.django_db(transaction=True)
def test_a_message_to_many_waits_for_the_command(outbox):
    session = factories.make_session()

    for _ in range(3):
        factories.make_candidate(session)
    tell_session(session, MessageKind.PUBLISHED, "1")

    assert Delivery.objects.filter(status="waiting").count() == 3
    assert send_one() is True


@pytest.mark.django_db
def test_the_words_are_in_the_candidates_language(outbox):
    texts = {}
    for language in ("zh-hans", "en"):
        candidate = factories.make_candidate(language=language)
        tell(candidate, MessageKind.PUBLISHED)
        texts[language] = Delivery.objects.get(candidate=candidate).text

    assert "Sign in" in texts["en"]
    assert "登录" in texts["zh-hans"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", MessageKind.values)
def test_no_message_names_a_person(kind, outbox):
    candidate = factories.make_candidate(name="绝无仅有的名字")
    facts = {"receipt": "R-1", "number": 1, "items": ["ID"], "until": "2026-11-22T12:00:00+08:00", "status": "draft"}
    facts |= dict.fromkeys(("title_zh", "title_en", "text_zh", "text_en"), "…")

    tell(candidate, MessageKind(kind), **facts)

    delivery = Delivery.objects.get(candidate=candidate)
    for personal in (candidate.name, candidate.id_number, candidate.phone):
        assert personal not in delivery.text + delivery.subject


def test_the_file_name_of_a_message_stays_in_its_folder(outbox):
    delivery = Delivery(channel="mail", address="../../etc/passwd", subject="s", text="t")

    gateways.send(delivery)

    (written,) = (p for p in Path(settings.OUTBOX_DIR).rglob("*.txt"))
    assert written.parent == outbox / "mail"


# --- a whole session -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_session_is_told_as_each_of_its_candidates_would_be(outbox):
    session = factories.make_session()
    candidates = [
        factories.make_candidate(session, language="en", email="someone@example.com"),
        factories.make_candidate(session, language="zh-hans", email=""),
        factories.make_candidate(session, language=""),
        factories.make_candidate(session, phone=""),
    ]
    other = factories.make_candidate()
    facts = ("candidate", "channel", "address", "subject", "text", "status", "attempts", "error")

    def written() -> list[tuple]:
        rows = [tuple(getattr(row, name) for name in facts) for row in Delivery.objects.select_related("candidate")]
        Delivery.objects.all().delete()
        return sorted(rows, key=lambda row: (row[0].pk, row[1]))

    for candidate in candidates:
        tell(candidate, MessageKind.WITHDRAWN)
    one_by_one = written()
    tell_session(session, MessageKind.WITHDRAWN, "1")

    assert written() == one_by_one
    assert Message.objects.filter(once_key="withdrawn: 1").count() == 4
    assert not Message.objects.filter(candidate=other).exists()


@pytest.mark.django_db
def test_a_session_is_told_the_same_thing_once(outbox):
    session = factories.make_candidate().session
    tell_session(session, MessageKind.PUBLISHED, "1")

    with pytest.raises(IntegrityError), transaction.atomic():
        tell_session(session, MessageKind.PUBLISHED, "1")

    tell_session(session, MessageKind.WITHDRAWN, "1")
    tell_session(session, MessageKind.PUBLISHED, "2")
    assert Message.objects.count() == 3


@pytest.mark.django_db
def test_a_session_costs_the_same_queries_whatever_its_size(outbox, django_assert_num_queries):
    session = factories.make_candidate().session
    with django_assert_num_queries(2):
        tell_session(session, MessageKind.PUBLISHED, "1")
    for _ in range(2):
        factories.make_candidate(session)
    with django_assert_num_queries(2):
        tell_session(session, MessageKind.PUBLISHED, "2")


@pytest.mark.django_db
def test_what_is_called_off_leaves_no_more_and_what_left_stays(outbox):
    session = factories.make_session()
    for _ in range(3):
        factories.make_candidate(session, email="")
    tell_session(session, MessageKind.PUBLISHED, "1")
    assert send_one() is True

    call_off(session, MessageKind.PUBLISHED, "1", "the results were withdrawn")

    assert send_waiting() == (0, 0)
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["called_off", "called_off", "sent"]
    called_off = Delivery.objects.filter(status="called_off")
    assert {(row.text, row.address, row.error) for row in called_off} == {("", "", "the results were withdrawn")}
    assert Message.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_sender_that_meets_a_withdrawal_sends_each_message_once_or_not_at_all(outbox):
    session = factories.make_session()
    for _ in range(12):
        factories.make_candidate(session, email="")
    tell_session(session, MessageKind.PUBLISHED, "1")

    first, second, called_off = at_once(
        send_waiting, send_waiting, lambda: call_off(session, MessageKind.PUBLISHED, "1", "withdrawn")
    )

    sent = Delivery.objects.filter(status="sent").count()
    assert first[0] + second[0] == sent == len(list((outbox / "sms").glob("*")))
    assert called_off == Delivery.objects.filter(status="called_off", error="withdrawn").count() == 12 - sent


@pytest.mark.django_db
def test_what_was_called_off_is_not_tried_again(outbox):
    session = factories.make_session()
    factories.make_candidate(session, email="")
    tell_session(session, MessageKind.PUBLISHED, "1")
    call_off(session, MessageKind.PUBLISHED, "1", "the results were withdrawn")

    assert try_again(OPERATOR, session) == 0
    assert send_waiting() == (0, 0)


@pytest.mark.django_db
def test_what_had_failed_before_it_was_called_off_is_not_tried_again_either(outbox):
    session = factories.make_session()
    factories.make_candidate(session, email="")
    tell_session(session, MessageKind.PUBLISHED, "1")
    Delivery.objects.update(status="failed", error="no such number")
    call_off(session, MessageKind.PUBLISHED, "1", "the results were withdrawn")

    assert try_again(OPERATOR, session) == 0
    assert Delivery.objects.get().status == "called_off"
