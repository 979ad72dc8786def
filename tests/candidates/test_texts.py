"""What leaves the portal: every kind of message, in both languages, over both channels."""

import re
from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from candidates.enums import Channel, CodePurpose, MessageKind
from candidates.models import Candidate, Delivery, ExamSession, Message, Region
from candidates.services.messages import tell, tell_session
from candidates.texts import code_sms, notice, sent_texts
from tests import factories

# The basic set of GSM 03.38: one character outside it, and an SMS has room for 70 instead of 160.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
HOST = "baoming.nmec.org.cn"  # docs/decisions.md: with a longer one, and the longest name, an SMS is two
UNTIL = "2026-12-30T16:00:00+00:00"  # the end of 30 December in Beijing, and as long as a date gets
FACTS = {
    "submitted": {"receipt": "TJ26000001-1", "number": 1},
    "counted": {"receipt": "TJ26000001-1", "number": 1},
    "returned": {"items": ["ID"] * 12, "until": UNTIL},
    "unlocked": {"items": ["ID"], "until": UNTIL},
    "extended": {"until": UNTIL},
    "extended to an earlier time": {"until": UNTIL, "is_earlier": True},
    "reminder": {"status": "draft", "until": UNTIL, "days": 3},
    "reminder where drafts count": {"status": "draft", "until": UNTIL, "days": 3, "drafts_at_close": "count"},
    "reminder of a correction": {"status": "returned", "until": UNTIL, "days": 1},
    "published": {},
    "withdrawn": {},
    "password_changed": {},
    "phone_changed": {},
    "circular": {"title_zh": "通知", "title_en": "Note", "text_zh": "请留意。", "text_en": "Take note."},
}
CASES = [(name, language) for name in FACTS for language in ("zh-hans", "en")]
TO_DO = {name for name, facts in FACTS.items() if "until" in facts}


def kind_of(name: str) -> MessageKind:
    return MessageKind(name.partition(" ")[0])


@pytest.fixture
def session() -> ExamSession:
    # No region's name is longer, written out.
    region = Region(code="XJ", name_zh="新疆维吾尔自治区", name_en="Xinjiang Uygur Autonomous Region")
    return ExamSession(region=region, title_zh="2026年医师资格考试", title_en="Medical licensing exam 2026")


def test_every_kind_is_here():
    assert {kind_of(name) for name in FACTS} == set(MessageKind)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_an_sms_is_one_segment_and_says_from_whom_what_and_by_when(session, name, language):
    with override(language):
        sms = sent_texts(kind_of(name), FACTS[name], session)[Channel.SMS]
    assert sms.subject == ""
    if language == "en":
        assert sms.text.startswith("Xinjiang Uygur Autonomous Region exam region: ")
        assert len(sms.text) <= 160
        assert set(sms.text) <= GSM
    else:
        assert sms.text.startswith("【新疆维吾尔自治区考区】")
        assert len(sms.text) <= 70
    if name in TO_DO:
        assert ("Wed 30 Dec, 24:00" if language == "en" else "12月30日（周三）24:00") in sms.text
        assert ("Sign in to the portal" if language == "en" else "登录审核平台") in sms.text
        assert re.search("Submit (again|for review)" if language == "en" else "“(重新提交|提交审核)”", sms.text)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_mail_says_from_whom_what_by_when_and_where(session, name, language):
    with override(language):
        mail = sent_texts(kind_of(name), FACTS[name], session)[Channel.MAIL]
    sender, title = "新疆维吾尔自治区考区", session.title_zh
    if language == "en":
        sender, title = "Xinjiang Uygur Autonomous Region exam region", session.title_en
    assert sender in mail.subject
    assert "\n" not in mail.subject
    assert mail.text.endswith(f"\n{sender}\n{title}")
    assert ("sign in to the Exam Materials Portal" if language == "en" else "登录考试报名材料审核平台") in mail.text
    if name in TO_DO:
        assert ("Wednesday 30 December 2026, 24:00" if language == "en" else "2026年12月30日（周三）24:00") in mail.text
        assert ("Beijing time" if language == "en" else "北京时间") in mail.text


@pytest.mark.parametrize(("name", "language"), CASES)
def test_no_text_has_a_link_a_number_of_a_person_or_markup(session, name, language):
    with override(language):
        sent = sent_texts(kind_of(name), FACTS[name], session)
    for subject, text in sent.values():
        assert not re.search(r"https?:|www\.|\.(com|cn|gov)\b|<|>|TJ26|\{|\}", subject + text)


@pytest.mark.parametrize(("name", "language"), CASES)
def test_a_language_is_spoken_throughout(session, name, language):
    with override(language):
        texts = [text for sent in sent_texts(kind_of(name), FACTS[name], session).values() for text in sent]
        texts += notice(Message(kind=kind_of(name), facts=FACTS[name]), "Asia/Shanghai", datetime.now(UTC))
    other = "[一-鿿]" if language == "en" else r"\b[A-Za-z]{2,}\b"
    plain = [re.sub(r"<time[^>]*>|</time>", "", text) for text in texts]
    assert [text for text in plain if re.search(other, text)] == []


def test_a_region_that_calls_itself_one_is_not_called_so_twice(session):
    session.region.name_zh = "天津考区"
    with override("zh-hans"):
        assert sent_texts(MessageKind.PUBLISHED, {}, session)[Channel.SMS].text.startswith("【天津考区】您的")


@pytest.mark.parametrize("purpose", CodePurpose)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_code_is_one_segment_and_found_by_the_phone(session, settings, language, purpose):
    settings.ALLOWED_HOSTS = [HOST]
    with override(language):
        text = code_sms("123456", session, purpose, HOST)
    assert text.endswith(f"\n@{HOST} #123456")
    assert re.search(r"\b123456\b", text.partition("\n")[0])
    assert len(text) <= 70 if language == "zh-hans" else len(text) <= 160 and set(text) <= GSM
    assert ("10分钟" if language == "zh-hans" else "10 minutes") in text


def test_in_the_portal_a_near_end_is_named_so_and_outside_never(session):
    facts = {"until": "2026-11-30T10:00:00+00:00"}
    now = datetime(2026, 11, 30, 1, tzinfo=UTC)
    with override("zh-hans"):
        assert "今天（11月30日）18:00</time>" in notice(Message(kind="extended", facts=facts), "Asia/Shanghai", now)[1]
        assert "今天" not in "".join(sent_texts("extended", facts, session)[Channel.MAIL])


def test_a_deadline_that_was_shortened_is_not_called_extended(session):
    texts = sent_texts("extended", FACTS["extended to an earlier time"], session)
    assert "延" not in "".join(words for sent in texts.values() for words in sent)


def test_what_staff_wrote_is_shown_inert_and_as_it_is():
    words = {"title_zh": "<b>{until}", "text_zh": "<script>{count}%(x)s", "title_en": "", "text_en": ""}
    title, text = notice(Message(kind="circular", facts=words), "Asia/Shanghai", datetime.now(UTC))
    assert (title, text) == ("&lt;b&gt;{until}", "&lt;script&gt;{count}%(x)s")


@pytest.mark.django_db
def test_a_name_as_long_as_it_may_be_does_not_stop_a_change():
    candidate = factories.make_candidate(email="someone@example.com", language="en")
    Region.objects.update(name_en="R" * 200)
    candidate = Candidate.objects.select_related("session__region").get(pk=candidate.pk)

    tell(candidate, MessageKind.PUBLISHED)
    tell_session(candidate.session, MessageKind.WITHDRAWN, "1")

    assert {len(delivery.subject) for delivery in Delivery.objects.filter(channel="mail")} == {200}
