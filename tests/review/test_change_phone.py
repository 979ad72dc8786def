"""A phone number corrected by staff: who may, what is recorded, who is told."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from candidates.enums import Action, DeliveryStatus, MessageKind
from candidates.models import Candidate, Delivery, Event, Message
from candidates.refusals import Refusal
from candidates.rules import may_change_phone
from candidates.services.events import Actor
from candidates.services.messages import send_sms_code, tell
from candidates.services.phone import change_phone
from tests import factories
from tests.candidates.by_sms import ask, error_of, newest_code, type_code
from tests.candidates.staff_pages import change_address, signed_in
from tests.concurrency import at_once, refusals

pytestmark = pytest.mark.django_db
OLD, NEW = "13800000001", "13955556666"


@pytest.fixture
def candidate():
    return factories.make_candidate(email="someone@example.com")


@pytest.fixture
def reviewer(candidate):
    return factories.site_reviewer(candidate.site, name="李考点")


@pytest.fixture
def browser(reviewer):
    return signed_in(reviewer)


def address(candidate) -> str:
    return reverse("staff_phone", args=[candidate.pk])


def fields(candidate, **changes):
    version = Candidate.objects.get(pk=candidate.pk).version
    return {"version": version, "phone": NEW, "checked": "in_person", "reason": "原号码已停用", **changes}


def test_changed_recorded_told(candidate, reviewer, browser):
    page = browser.get(change_address(candidate)).content.decode()
    assert address(candidate) in page
    page = browser.get(address(candidate)).content.decode()
    assert "138****0001" in page
    assert OLD not in page

    response = browser.post(address(candidate), fields(candidate, phone=" 139 5555 6666 "), follow=True)

    assert response.redirect_chain == [(change_address(candidate), 303)]
    assert "139****6666" in response.content.decode()
    fresh = Candidate.objects.get(pk=candidate.pk)
    assert (fresh.phone, fresh.version) == (NEW, candidate.version + 1)
    event = Event.objects.get(action=Action.PHONE_CHANGED)
    assert (event.actor, event.candidate, event.site) == (reviewer, candidate, candidate.site)
    assert event.facts == {"phone": ["138****0001", "139****6666"], "checked": "in_person", "reason": "原号码已停用"}
    message = Message.objects.get(candidate=candidate)
    assert message.kind == MessageKind.PHONE_CHANGED
    told = Delivery.objects.filter(message=message)
    assert sorted(delivery.address for delivery in told) == [OLD, NEW, "someone@example.com"]
    for delivery in told:
        assert "已更换您的报名手机号码" in delivery.text
        for personal in (candidate.name, candidate.registration_number, OLD, NEW, "0001", "6666"):
            assert personal not in delivery.text


def test_it_is_in_the_history_of_the_application():
    application = factories.submitted()
    reviewer = factories.site_reviewer(application.site, name="李考点")
    change_phone(Actor(reviewer), application.candidate_id, **fields(application.candidate))
    page = signed_in(reviewer).get(reverse("review_screen", args=[application.pk])).content.decode()
    assert re.search(r"李考点 · 手机号码已更换\s*· 1\d\d\*{4}\d{4} → 139\*{4}6666", page.split('id="history"')[1])


def test_codes_go_to_the_new_number_and_those_sent_before_are_void(candidate, client, browser):
    ask(client, candidate.registration_number)
    code = newest_code()
    browser.post(address(candidate), fields(candidate))
    assert error_of(type_code(client, code)) == "code_missing"
    fresh = Client(REMOTE_ADDR="203.0.113.9")
    Delivery.objects.all().delete()
    candidate.codes.all().delete()
    ask(fresh, candidate.registration_number)
    assert Delivery.objects.get().address == NEW
    assert type_code(fresh, newest_code()).status_code == 303


def test_what_waits_goes_to_the_new_number_and_a_code_nowhere(candidate, browser):
    send_sms_code(Candidate.objects.get(pk=candidate.pk), "123456")
    tell(candidate, MessageKind.PUBLISHED)
    browser.post(address(candidate), fields(candidate))
    code = Delivery.objects.get(message=None)
    assert (code.status, code.text, code.address) == (DeliveryStatus.CALLED_OFF, "", "")
    waiting = Delivery.objects.filter(about="published").order_by("channel")
    assert [delivery.address for delivery in waiting] == ["someone@example.com", NEW]


def test_after_publication_too(candidate, browser):
    factories.publish(candidate.session)
    assert browser.post(address(candidate), fields(candidate)).status_code == 303


@pytest.mark.parametrize(
    ("make", "status"),
    [
        ("site_reviewer", 303),
        ("region_staff", 303),
        ("region_lead", 303),
        ("administrator", 303),
        ("region_reviewer", 403),
    ],
)
def test_whoever_meets_candidates_may(candidate, make, status):
    place = {"site_reviewer": [candidate.site], "administrator": []}.get(make, [candidate.session.region])
    client = signed_in(getattr(factories, make)(*place))
    page = client.get(change_address(candidate)).content.decode()
    assert (address(candidate) in page) is (status == 303)
    assert client.post(address(candidate), fields(candidate)).status_code == status


def test_out_of_scope_it_does_not_exist(candidate):
    sister = factories.SiteFactory(region=candidate.session.region)
    for user in (factories.site_reviewer(sister), factories.region_staff(factories.RegionFactory())):
        assert signed_in(user).post(address(candidate), fields(candidate)).status_code == 404
        with pytest.raises(Candidate.DoesNotExist):
            change_phone(Actor(user), candidate.pk, **fields(candidate))


def test_the_rule_knows_the_site_by_itself(candidate):
    sister = factories.SiteFactory(region=candidate.session.region)
    assert may_change_phone(factories.site_reviewer(candidate.site), candidate)
    assert not may_change_phone(factories.site_reviewer(sister), candidate)


def test_the_rule_holds_in_the_service_too(candidate):
    user = factories.region_reviewer(candidate.session.region)
    with pytest.raises(Refusal) as refused:
        change_phone(Actor(user), candidate.pk, **fields(candidate))
    assert (refused.value.code, refused.value.status) == ("role", 403)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"phone": "12"}, "6至15位"),
        ({"phone": ""}, "6至15位"),
        ({"phone": OLD}, "现在登记的号码"),
        ({"checked": ""}, "核实考生身份的方式"),
        ({"checked": "by_heart"}, "by_heart"),
        ({"reason": "  "}, "请填写原因"),
        ({"reason": "换" * 501}, "最多 500"),
        ({"reason": f"换成 {NEW}"}, "请勿填写手机号"),
    ],
)
def test_refused_with_what_to_do_and_what_was_typed_is_kept(candidate, browser, changes, says):
    typed = fields(candidate, **changes)
    response = browser.post(address(candidate), typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert says in page
    assert typed["reason"].strip() in page
    assert typed["phone"] in page
    assert Candidate.objects.get(pk=candidate.pk).phone == OLD
    assert not Event.objects.filter(action=Action.PHONE_CHANGED).exists()


def test_a_form_without_its_version_is_refused(candidate, browser):
    response = browser.post(address(candidate), fields(candidate, version=""))
    assert response.status_code == 422
    assert "缺少版本号" in response.content.decode()


def test_a_stale_form_says_what_happened_and_keeps_what_was_typed(candidate, browser):
    stale = fields(candidate)
    other = factories.region_staff(candidate.session.region, name="孙考务")
    signed_in(other).post(address(candidate), fields(candidate, phone="13700000000"))

    response = browser.post(address(candidate), stale)

    assert response.status_code == 409
    page = response.content.decode()
    for part in ("孙考务", "手机号码已更换", "137****0000", NEW, "原号码已停用"):
        assert part in page
    assert Candidate.objects.get(pk=candidate.pk).phone == "13700000000"
    assert browser.post(address(candidate), fields(candidate)).status_code == 303


@pytest.mark.django_db(transaction=True)
def test_two_at_once_one_wins():
    candidate = factories.make_candidate()
    typed = fields(candidate)
    actor = Actor(factories.administrator())
    numbers = ("13700000000", "13600000000")
    acts = [lambda phone=phone: change_phone(actor, candidate.pk, **typed | {"phone": phone}) for phone in numbers]
    assert refusals(at_once(*acts)) == ["stale"]
    assert Event.objects.filter(action=Action.PHONE_CHANGED).count() == 1
