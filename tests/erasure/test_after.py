"""Every page about what is erased still opens, and says so; what cannot be any more is refused."""

from hashlib import sha256

import pytest
from django.urls import reverse

from candidates.models import Event
from candidates.refusals import Refusal
from candidates.services.events import Actor
from candidates.services.seals import seal_events, verify_chain
from materials.receipts.codes import check_code
from review.models import Decision
from review.services.circulars import send_circular
from review.services.erasure import purge_session
from review.services.publication import publish_results, withdraw_results
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in
from tests.erasure.person import NAME, a_person

pytestmark = pytest.mark.django_db
GONE = "个人信息已于"


@pytest.fixture
def person(client):
    one = a_person(client)
    factories.end_retention(one.session)
    return one


@pytest.fixture
def purged(person):
    purge_session(Actor(None), person.session)
    person.session.refresh_from_db()
    return person


@pytest.fixture
def browser(purged):
    return signed_in(factories.administrator())


PAGES = ["setup", "notice", "preview", "roster", "publish", "withdraw", "progress", "messages", "circular", "reviews",
         "disagreements", "export"]  # fmt: skip
LISTS = ["candidates_candidate", "candidates_event", "candidates_delivery", "materials_application", "review_decision",
         "review_publication", "candidates_examsession", "candidates_user"]  # fmt: skip


def test_the_chain_over_the_events_is_whole_before_and_after(person):
    seal_events()
    before = verify_chain()
    assert before.sealed
    assert Event.objects.exclude(ip_address=None).filter(candidate=person.candidate).exists()

    purge_session(Actor(None), person.session)

    assert verify_chain(bytes(before.newest.hash)).has_kept
    assert not Event.objects.exclude(ip_address=None).filter(candidate=person.candidate).exists()


def test_every_page_of_staff_opens_and_names_nobody(purged, browser):
    session, application = purged.session, purged.application
    addresses = [reverse(f"staff_{name}", args=[session.code]) for name in PAGES]
    addresses += [reverse(f"admin:{name}_changelist") for name in LISTS]
    records = (session, application, purged.candidate, Decision.objects.last())
    addresses += [change_address(record) for record in records]
    addresses += [reverse("review_screen", args=[application.pk]), reverse("staff_erasure", args=[purged.candidate.pk]),
                  reverse("staff_extension", args=[application.pk]), "/admin/", "/"]  # fmt: skip

    for address in addresses:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert [mark for mark in purged.plain if mark in page] == [], address


def test_they_say_that_it_is_gone(purged, browser):
    for name in ("publish", "withdraw", "export"):
        page = browser.get(reverse(f"staff_{name}", args=[purged.session.code])).content.decode()
        assert GONE in page, name
        assert "sha256sum" not in page
        assert name == "export" or '<form method="post"' not in page.partition('id="content"')[2]
    assert "已于" in browser.get(change_address(purged.session)).content.decode()
    assert "个人信息已清除" in browser.get("/admin/").content.decode()


def test_before_they_say_from_when_it_may_go(person):
    browser = signed_in(factories.region_staff(person.session.region))
    for address in (reverse("staff_publish", args=[person.session.code]), change_address(person.session)):
        assert "起可清除" in browser.get(address).content.decode(), address
    assert "可清除个人信息，自" in browser.get("/admin/").content.decode()


def test_the_export_says_pseudonyms_and_the_sum_is_another(purged, browser):
    answer = browser.get(reverse("export_results"), {"session": purged.session.code, "headers": "code"})

    content = b"".join(answer.streaming_content)
    [line] = content.decode().splitlines()[1:]
    assert line.startswith(f"ERASED-{purged.candidate.pk},,,")
    assert ",passed," in line
    assert NAME not in line
    assert sha256(content).hexdigest() != purged.session.publications.get().sha256


def test_the_receipt_of_before_proves_nothing_any_more(purged, client):
    number = f"{purged.plain[2]}-1"

    page = client.get("/receipts/check/", {"number": number, "code": check_code(number)}, follow=True)

    assert page.status_code == 200
    assert purged.session.title not in page.content.decode()


def test_nothing_in_it_changes_any_more(purged):
    session, staff = purged.session, Actor(factories.administrator())
    words = dict.fromkeys(["title_zh", "title_en", "text_zh", "text_en"], "好")
    for act in (
        lambda: withdraw_results(staff, session.code, "x"),
        lambda: publish_results(staff, session.code),
        lambda: send_circular(staff, session.code, session.pk, number=1, states=["passed"], sites=[], words=words),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "purged"
