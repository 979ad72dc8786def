"""Versions of the privacy notice, and who agreed to which."""

import re

import pytest
from django.conf import settings

from candidates.enums import Action
from candidates.models import Event, PrivacyNotice
from candidates.notice import own_notice
from candidates.refusals import Refusal, Stale
from candidates.rules import CONSENT_VERSION
from candidates.services.events import Actor
from candidates.services.notices import add_notice
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.materials.pages import file, upload

pytestmark = pytest.mark.django_db
TEXTS = {"text_zh": "用途\n只用于审核。\n\n<script>不运行</script>", "text_en": "What for\nOnly the review.\n\nRights"}


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


def next_version(session, staff, number=0, *, ask_again=False, **texts):
    return add_notice(Actor(staff), session.code, number=number, ask_again=ask_again, **(TEXTS | texts))


def as_candidate(client, candidate):
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    return client


def address(session):
    return f"/admin/sessions/{session.code}/notice/"


def test_staff_start_from_the_text_that_holds_and_make_the_next_version(session, staff):
    client = signed_in(staff)
    page = client.get(address(session)).content.decode()
    assert "处理哪些信息" in page
    assert CONSENT_VERSION in page

    answer = client.post(address(session), {"version": "0", **TEXTS})

    assert (answer.status_code, answer.url) == (303, address(session))
    notice = PrivacyNotice.objects.get(session=session)
    assert (notice.number, notice.created_by, notice.text_en) == (1, staff, TEXTS["text_en"])
    event = Event.objects.get(action=Action.NOTICE_CHANGED)
    assert (event.actor, event.facts) == (staff, {"number": 1, "ask_again": False})


@pytest.mark.parametrize("name", ["天津", "天津考区"])
def test_the_portals_own_text_names_the_region_once_and_in_any_case(session, name):
    session.region.name_zh, session.region.name_en = name, ""
    own = own_notice(session, "")
    assert "，天津考区及您所在的考点" in own.zh
    assert "the exam region 天津 and your exam site" in own.en


def test_a_stale_form_keeps_what_was_typed(session, staff):
    next_version(session, staff)

    answer = signed_in(staff).post(address(session), {"version": "0", "text_zh": "我的", "text_en": "mine"})

    assert answer.status_code == 409
    html = answer.content.decode()
    assert "我的" in html
    assert 'name="version" value="1"' in html
    assert PrivacyNotice.objects.count() == 1


def test_refusals(session, staff):
    for texts in ({"text_en": " "}, {"text_zh": "长" * 10_001}):
        with pytest.raises(Refusal):
            next_version(session, staff, **texts)
    next_version(session, staff)
    with pytest.raises(Stale):
        next_version(session, staff, text_en="other")
    with pytest.raises(Refusal) as same:
        next_version(session, staff, 1)
    assert same.value.code == "same"
    stranger = factories.region_staff(factories.make_session().region)
    with pytest.raises(Refusal) as role:
        next_version(session, stranger, 1, text_en="other")
    assert role.value.code == "role"


def test_it_is_shown_as_text_with_its_headings(session, staff, client):
    next_version(session, staff)

    html = as_candidate(client, factories.make_candidate(session)).get("/notice/").content.decode()

    assert "<strong>用途</strong><br>只用于审核。" in html
    assert "&lt;script&gt;" in html


def newest_code() -> str:
    newest = max((settings.OUTBOX_DIR / "sms").glob("*.txt"), key=lambda file: file.stat().st_mtime_ns)
    return re.search(r"\d{6}", newest.read_text(encoding="utf-8")).group()


@pytest.mark.django_db(transaction=True)
def test_activation_records_the_version_that_was_read(client):
    session = factories.make_session()
    staff = factories.region_staff(session.region)
    candidate = factories.make_candidate(session, activated=False)
    as_candidate(client, candidate)
    page = client.get("/activate/").content.decode()
    assert f'name="notice" value="{CONSENT_VERSION}"' in page
    client.post("/activate/code/")
    next_version(session, staff)
    fields = {"code": newest_code(), "password1": "a-quiet-harbour-77", "password2": "a-quiet-harbour-77"}

    changed = client.post("/activate/", fields | {"consent": "on", "notice": CONSENT_VERSION})
    assert changed.status_code == 409
    assert "隐私告知刚刚更新" in changed.content.decode()

    assert client.post("/activate/", fields | {"consent": "on", "notice": "1"}).status_code == 303
    candidate.refresh_from_db()
    assert candidate.consent_version == "1"
    assert Event.objects.get(action=Action.ACTIVATED).facts["consent_version"] == "1"


def test_a_corrected_word_asks_nobody_again(session, staff, client):
    candidate = factories.make_candidate(session)
    next_version(session, staff)

    assert as_candidate(client, candidate).get("/materials/").status_code == 200


def test_who_is_asked_again_agrees_and_goes_on(session, staff, client):
    candidate = factories.make_candidate(session)
    next_version(session, staff, ask_again=True)
    as_candidate(client, candidate)

    assert client.get("/materials/").url == "/notice/"
    page = client.get("/notice/").content.decode()
    assert "隐私告知有更新" in page
    assert client.post("/notice/", {"notice": "1"}).status_code == 422
    assert client.post("/notice/", {"notice": "7", "consent": "on"}).status_code == 409

    assert client.post("/notice/", {"notice": "1", "consent": "on"}).url == "/materials/"
    candidate.refresh_from_db()
    assert candidate.consent_version == "1"
    assert Event.objects.get(action=Action.CONSENTED).facts == {"consent_version": [CONSENT_VERSION, "1"]}
    assert client.get("/materials/").status_code == 200
    client.post("/notice/", {"notice": "1", "consent": "on"})
    assert Event.objects.filter(action=Action.CONSENTED).count() == 1


def test_a_picture_on_its_way_is_not_lost_to_it(session, staff, client):
    candidate = factories.make_candidate(session)
    next_version(session, staff, ask_again=True)

    answer = upload(as_candidate(client, candidate), "EDU", file())

    assert answer.status_code == 303
    assert candidate.application.items.get(category__code="EDU").photos.count() == 1


@pytest.mark.parametrize("again", [False, True])
def test_who_only_knows_the_id_number_agrees_to_nothing_in_the_owners_name(session, staff, client, again):
    candidate = factories.make_candidate(session, activated=False)
    next_version(session, staff, ask_again=again)
    client.post("/login/", {"username": candidate.registration_number, "password": candidate.plain_id})

    answer = client.post("/notice/", {"notice": "1", "consent": "on"})

    assert answer.status_code == 409
    assert "请先激活账号" in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.consent_version == ""
    assert not Event.objects.filter(action=Action.CONSENTED).exists()
