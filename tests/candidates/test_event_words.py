"""The list of events says in words what was recorded."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from candidates import dates
from candidates.enums import Action
from candidates.event_words import words_of
from candidates.models import Event
from candidates.services.events import Actor, record
from tests import factories
from tests.candidates.staff_pages import change, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def client(session):
    return signed_in(factories.region_lead(session.region))


def newest() -> str:
    return words_of(Event.objects.order_by("-pk")[0].facts)


def test_a_changed_session_is_told_by_its_labels_and_times(session, client):
    opens = timezone.localtime(session.opens_at)
    change(client, session, opens_at="2026-01-02T03:04:05", two_persons="on", stages="site")

    words = newest()

    assert words.startswith(f"考试批次 {session.code} · ")
    assert f"上传开始时间: {dates.moment(opens)} → 2026年1月2日（周五）03:04" in words
    assert "双人公布: 否 → 是" in words
    assert "审核阶段: 考点初审、考区复审 → 仅考点" in words


def test_a_new_account_is_told_by_its_name(session, client):
    fields = {"username": "new-reviewer", "role": "region_reviewer", "region": session.region_id, "is_active": "on"}
    passwords = {"password1": "a-good-one-2026", "password2": "a-good-one-2026"}
    client.post(reverse("admin:candidates_user_add"), fields | passwords)
    assert newest() == "账号 new-reviewer · 新建"


def test_a_changed_registration_names_its_facts(session):
    assert words_of({"fields": ["phone", "site"]}) == "变更内容: 手机号, 考点"


def test_what_was_extended_is_told_in_local_time():
    facts = {"until": ["2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"], "reason": "住院"}
    assert words_of(facts) == "至: 2026年1月1日（周四）08:00 → 2026年1月2日（周五）08:00 · 原因: 住院"


@pytest.mark.parametrize(
    ("facts", "zh", "en"),
    [
        (
            {"phone": ["138****0001", "139****6666"], "checked": "in_person"},
            "手机号: 138****0001 → 139****6666 · 身份核实方式: 当面核对身份证件原件",
            "phone: 138****0001 → 139****6666 · identity checked: In person, identity document seen",
        ),
        ({"how": "code"}, "方式: 短信验证码", "how: with a code by SMS"),
        ({"how": "reset"}, "方式: 重设密码的验证码", "how: with a code for a new password"),
        ({"purpose": "sign_in"}, "验证码用途: 登录", "code for: Sign-in"),
        ({"consent_version": ["1", "2"]}, "已同意的隐私告知版本: 1 → 2", "privacy notice agreed to: 1 → 2"),
        ({"consent_version": ["", "2"]}, "已同意的隐私告知版本: – → 2", "privacy notice agreed to: – → 2"),
        ({"number": 2, "ask_again": True}, "序号: 2 · 要求重新同意: 是", "number: 2 · asked to agree again: Yes"),
        ({"phones_kept": 3}, "保留的手机号数: 3", "phone numbers kept: 3"),
        ({"codes": ["ID", "EDU"]}, "材料类别: ID, EDU", "categories: ID, EDU"),
        ({"categories": 21}, "材料类别: 21", "categories: 21"),
    ],
)
def test_facts_of_people_have_words_in_both_languages(facts, zh, en):
    assert words_of(facts) == zh
    with override("en"):
        assert words_of(facts) == en


@pytest.mark.parametrize("typed", ["2026-11-30T18:00:00", "2026-02-30T18:00:00+08:00", "2026-11-30T18:00:00+08:00"])
def test_what_was_typed_in_the_shape_of_an_instant_stays_as_it_was_typed(session, client, typed):
    assert words_of({"reason": typed}) == f"原因: {typed}"
    assert words_of({"note": [typed]}) == f"说明: {typed}"
    assert words_of({"until": ["2026-11-30T18:00:00", "2026-02-30T18:00:00+08:00"]})
    change(client, session, contact=typed)
    assert f"联系方式: 022-1111111 → {typed}" in newest()
    assert client.get(reverse("admin:candidates_event_changelist")).status_code == 200


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"record": "gone", "key": "7", "new": False, "changes": {"x": [1, 2]}},
        {"record": "user", "key": "7", "new": False, "changes": {"password": []}},
        {"anything": [], "else": {"a": 1}, "none": None},
        {"fields": {"ID": {"min_photos": [1]}, "EDU": 3}, "verdict": ["x"], "photo": 7, "was": None},
    ],
)
def test_whatever_was_recorded_has_words(facts):
    assert isinstance(words_of(facts), str)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"item": "EDU", "was": "pending", "verdict": "change_requested", "reason": "BLUR", "stage": "site"},
            "材料项: EDU · 原为: 待审核 · 审核意见: 需要修改 · 原因: BLUR · 审核环节: 考点",
        ),
        ({"was": "passed", "status": "returned", "reason": ""}, "原为: 审核通过 · 状态: 退回修改"),
        ({"photo": "84c0fb1d-5efc-4fcb", "sha256": "ab" * 32}, "图片: 84c0fb1d… · SHA-256: abababab…"),
        ({"how": "id_number"}, "方式: 证件号码"),
        ({"phone": ["138****0001", "139****0002"]}, "手机号: 138****0001 → 139****0002"),
        ({"codes": ["ID"], "fields": {"ID": {"min_photos": [2, 1]}}}, "材料类别: ID · 变更内容: ID min_photos: 2 → 1"),
        ({"command": "set_windows", "account": "root@host"}, "命令: set_windows · 账号: root@host"),
        ({"photos": 5, "at_close": True}, "图片: 5 · 截止时视为已提交: 是"),
    ],
)
def test_codes_are_told_as_people_say_them(facts, words):
    assert words_of(facts) == words


def test_the_events_page_says_all_of_it(session, client):
    event = record(Action.PHOTO_ADDED, Actor(None), session=session, photo="84c0fb1d-5efc", sha256="ab" * 32)
    html = client.get(reverse("admin:candidates_event_change", args=[event.pk])).content.decode()
    assert "SHA-256: abababab…" in html
    assert "ab" * 32 in html


def test_the_list_says_so(session, client):
    change(client, session, contact="022-9999")
    html = client.get(reverse("admin:candidates_event_changelist")).content.decode()
    assert "联系方式: 022-1111111 → 022-9999" in html
    assert "changes:" not in html
