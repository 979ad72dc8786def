"""Messages and the timeline in a real browser: read once looked at, nothing that axe finds, without JavaScript too."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from candidates.models import Message
from tests import factories

from .test_journey import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(360, "zh-hans", False), (1280, "en", True)]


@pytest.fixture
def application():
    """Submitted and returned: two messages that are new."""
    return factories.returned(codes=["EDU"])


def opened(open_page, application, path: str, **options) -> Page:
    page = open_page(**options)
    sign_in(page, "/login/", application.candidate.registration_number, factories.PASSWORD)
    page.goto(path)
    return page


def complaints_of_axe(page: Page) -> list[str]:
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("path", ["/messages/", "/timeline/"])
@pytest.mark.parametrize(("width", "language", "dark"), SIZES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    open_page, application, path, width, language, dark
) -> None:
    page = opened(open_page, application, path, width=width, language=language, dark=dark)
    assert complaints_of_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_was_in_sight_is_read_and_its_mark_stays_for_now(open_page, application) -> None:
    page = opened(open_page, application, "/messages/", language="en")
    menu = page.get_by_role("link", name=re.compile("^Messages"))
    expect(menu).to_have_accessible_name(re.compile(r"Messages\s+2 unread"))

    expect(page.locator("[data-unread-count]")).to_have_count(0)
    assert not Message.objects.filter(read_at=None).exists()
    expect(menu).to_have_accessible_name("Messages")
    expect(page.locator("[data-unread=true]")).to_have_count(2)
    expect(page.get_by_role("button", name="Mark these as read")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-unread=true]")).to_have_count(0)


def test_a_page_that_is_left_at_once_marks_nothing(open_page, application) -> None:
    page = opened(open_page, application, "/messages/")
    page.goto("/registration/")
    page.wait_for_timeout(2500)
    assert Message.objects.filter(read_at=None).count() == 2


def test_an_answer_that_is_none_leaves_the_button(open_page, application) -> None:
    page = open_page(language="en")
    page.route("**/messages/read/", lambda route: route.fulfill(status=403))
    sign_in(page, "/login/", application.candidate.registration_number, factories.PASSWORD)
    with page.expect_response("**/messages/read/"):
        page.goto("/messages/")
    expect(page.get_by_role("button", name="Mark these as read")).to_be_visible()
    expect(page.locator("[data-unread-count]")).to_have_attribute("data-unread-count", "2")


def test_signed_out_meanwhile_nothing_looks_read(open_page, application) -> None:
    page = open_page(language="en")
    sign_in(page, "/login/", application.candidate.registration_number, factories.PASSWORD)
    page.clock.install()
    page.goto("/messages/")
    Session.objects.all().delete()
    with page.expect_response("**/messages/read/") as answered:
        page.clock.run_for(2000)
    assert answered.value.status == 302
    # One more answer, which comes after that one: by now the script has done what it does.
    page.evaluate("() => fetch('/healthz').then((answer) => answer.text())")
    expect(page.get_by_role("button", name="Mark these as read")).to_be_visible()
    expect(page.locator("[data-unread-count]")).to_have_attribute("data-unread-count", "2")
    assert Message.objects.filter(read_at=None).count() == 2


@pytest.mark.parametrize(("width", "language", "dark"), SIZES)
def test_without_javascript_the_button_does_it(open_page, application, width, language, dark) -> None:
    page = opened(open_page, application, "/messages/", width=width, language=language, javascript=False)
    assert Message.objects.filter(read_at=None).count() == 2
    page.locator("form[data-read] button").click()
    expect(page).to_have_url(re.compile("/messages/$"))
    expect(page.locator("[data-unread-count]")).to_have_count(0)
    expect(page.locator("form[data-read]")).to_have_count(0)


def test_from_where_it_stands_to_the_timeline_and_on_to_what_is_to_be_done(open_page, application) -> None:
    page = opened(open_page, application, "/materials/", width=360)
    page.get_by_role("link", name="办理进度").click()
    present = page.locator("[aria-current=step]")
    expect(present).to_have_count(1)
    expect(present).to_contain_text("修改并重新提交")
    present.get_by_role("link").click()
    expect(page).to_have_url(re.compile("/materials/$"))
