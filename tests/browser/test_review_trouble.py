"""The review screen when something goes wrong, or comes in between: nothing is lost, and it is said."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from candidates.services.events import Actor
from materials.models import Item
from review.models import Decision
from review.services.claims import take_over
from tests import factories
from tests.review import desk

from .reviewing import GLANCE, item, verdicts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_stale_work_is_refused_and_the_note_kept(open_desk, reviewer, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-EDU").fill("the lower edge is cut")
    page.locator("#reason-verdict-EDU").select_option("BLUR")
    desk.judge(reviewer, queue[0], "ID")  # on another of their screens
    page.locator("#form-verdict-EDU [value=change_requested]").click()

    expect(page.locator(".rv-items > .rv-alert")).to_contain_text("Meanwhile: Verdict given, by 王审核")
    assert page.locator("#note-verdict-EDU").input_value() == "the lower edge is cut"
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    page.locator("#form-verdict-EDU [value=change_requested]").click()
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "change_requested")
    assert Item.objects.get(application=queue[0], category__code="EDU").note == "the lower edge is cut"


def test_what_was_typed_elsewhere_stays(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-finish").fill("all in order but the diploma")
    page.locator("#reason-verdict-EDU").select_option("NO_SEAL")
    page.locator("#form-verdict-ID [value=accepted]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    assert page.locator("#note-finish").input_value() == "all in order but the diploma"
    assert page.locator("#reason-verdict-EDU").input_value() == "NO_SEAL"


def test_what_a_refusal_kept_stays_kept(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-finish").fill("all in order")
    page.locator("#form-finish [value=pass]").click()
    expect(page.locator(".rv-items > .rv-alert")).to_contain_text("Still open")
    page.locator("#form-verdict-ID [value=accepted]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    assert page.locator("#note-finish").input_value() == "all in order"


def test_an_answer_does_not_disturb_who_types(open_desk, queue) -> None:
    """The field that one is in stays the same element, with its caret: an input method would break off."""
    page = open_desk()
    held = []
    page.route("**/items/ID/", lambda route: held.append(route))
    page.locator("#form-verdict-ID [value=accepted]").click()
    note = page.locator("#note-verdict-EDU")
    note.evaluate("field => (field.isTheSame = true)")
    note.click()
    page.keyboard.type("the lower is cut")
    for _ in range(7):
        page.keyboard.press("ArrowLeft")
    held[0].continue_()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    page.keyboard.type(" edge")
    assert note.input_value() == "the lower edge is cut"
    assert note.evaluate("field => field.isTheSame")
    page.locator("#reason-verdict-EDU").select_option("BLUR")
    page.wait_for_timeout(GLANCE)
    page.locator("#form-verdict-EDU [value=change_requested]").click()
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "change_requested")


def test_a_refusal_does_not_make_keys_of_what_is_typed(open_desk, reviewer, queue) -> None:
    page = open_desk()
    desk.judge(reviewer, queue[0], "OTHER")
    held = []
    page.route("**/items/ID/", lambda route: held.append(route))
    page.locator("#form-verdict-ID [value=accepted]").click()
    page.locator("#note-verdict-EDU").click()
    page.keyboard.type("she")
    held[0].continue_()
    expect(page.locator(".rv-items > .rv-alert")).to_contain_text("Meanwhile")
    page.keyboard.type(" sent page two")
    assert page.locator("#note-verdict-EDU").input_value() == "she sent page two"
    assert verdicts(queue[0])["ID"] == "pending"


def test_saved_but_not_shown(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-EDU").fill("the lower edge is cut")
    page.route(page.url, lambda route: route.fulfill(status=429, body="<p>not now</p>"))
    page.locator("#form-verdict-ID [value=accepted]").click()
    expect(page.get_by_role("alert").filter(has_text="It was saved")).to_be_visible()
    assert page.locator("#note-verdict-EDU").input_value() == "the lower edge is cut"
    assert verdicts(queue[0])["ID"] == "accepted"


def test_leaving_with_something_typed_asks_first(open_desk, queue) -> None:
    page = open_desk()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("#note-verdict-EDU").fill("the lower edge is cut")
    page.locator("#form-skip button").click()
    assert [("not sent" in message, "Diploma" in message) for message in asked] == [(True, True)]
    expect(page.locator(f"[data-application='{queue[0].pk}']")).to_be_visible()
    assert page.locator("#note-verdict-EDU").input_value() == "the lower edge is cut"
    page.locator("#note-verdict-EDU").fill("")
    page.locator("#form-skip button").click()
    expect(page.locator(f"[data-application='{queue[1].pk}']")).to_be_visible()
    expect(page.locator(".messagelist")).to_contain_text("Put aside")


def test_a_network_that_is_gone_loses_nothing(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-ID").fill("not sharp")
    page.locator("#reason-verdict-ID").select_option("BLUR")
    page.context.set_offline(True)
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(page.get_by_role("alert").filter(has_text="The network is gone")).to_be_visible()
    assert page.locator("#note-verdict-ID").input_value() == "not sharp"
    expect(item(page, "ID")).to_have_class(re.compile("is-current"))

    page.context.set_offline(False)
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "change_requested")
    expect(page.locator("#trouble")).to_be_hidden()


def test_signed_out_meanwhile_one_signs_in_and_goes_on(open_desk, reviewer, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-ID").fill("not sharp")
    page.locator("#reason-verdict-ID").select_option("BLUR")
    Session.objects.all().delete()
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(page.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()

    other = page.context.new_page()
    other.goto("/admin/login/")
    other.fill("[name=username]", reviewer.username)
    other.fill("[name=password]", factories.PASSWORD)
    other.press("[name=password]", "Enter")
    other.wait_for_url("**/admin/")
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "change_requested")
    assert Item.objects.get(application=queue[0], category__code="ID").note == "not sharp"


def test_taken_over_meanwhile_the_page_says_so(open_desk, queue) -> None:
    page = open_desk()
    # As it is done: the page's beat may be on its way, and both want the application's lock.
    take_over(Actor(factories.administrator(name="管理员")), queue[0].pk)
    page.locator("#form-verdict-ID [value=accepted]").click()
    expect(page.locator(".rv-items > .rv-alert")).to_contain_text("管理员 is reviewing this application")
    expect(page.locator(".rv-verdict")).to_have_count(0)
    assert verdicts(queue[0])["ID"] == "pending"


def test_after_the_last_one_the_overview_says_what_was_done(open_desk, queue) -> None:
    page = open_desk()
    page.keyboard.press("Shift+A")
    expect(page.locator("#form-accept-rest")).to_contain_text("Other material")
    page.keyboard.press("Enter")
    for application in queue:
        if application == queue[1]:
            page.keyboard.press("a")
            expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
            page.wait_for_timeout(GLANCE)
            page.keyboard.press("a")
        expect(page.locator("#finish")).to_be_focused()
        page.keyboard.press("p")
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-application='{application.pk}']")).to_have_count(0)
    expect(page).to_have_url(re.compile("/admin/$"))
    expect(page.locator(".messagelist")).to_contain_text(queue[1].candidate.registration_number)
    assert Decision.objects.count() == 2
