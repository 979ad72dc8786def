"""A page that comes back from sleep or from the browser's memory shows what is so by now, or says that it does not."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from materials.models import Photo
from tests import factories
from tests.browser.materials_page import is_the_same, item, minus, open_materials
from tests.browser.uploading import open_upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_materials", "open_upload"]

STALE = "[data-stale]"


def come_back(page: Page) -> None:
    """From the back/forward cache, which the browser of these tests has switched off: what a page is told then."""
    page.evaluate("() => void navigation.addEventListener('navigate', () => (window.isLeft = true))")
    with page.expect_response(lambda response: "/photos/" not in response.url) as asked:
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    asked.value.finished()


def stays(page: Page) -> bool:
    """Whether it asked for no other page. Something else is answered first, so it has read its own answer by then."""
    page.evaluate("() => fetch('/healthz').then((answer) => answer.text())")
    return is_the_same(page) and not page.evaluate("window.isLeft")


def sleep(page: Page, milliseconds: int) -> None:
    """Out of sight for as long, with clocks that stand still meanwhile, as a phone's may."""
    page.evaluate(
        """(long) => {
            const show = (state) => {
                Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            };
            show("hidden");
            const now = Date.now;
            Date.now = () => now() + long;
            show("visible");
        }""",
        milliseconds,
    )


@pytest.fixture
def application():
    return factories.draft()


def test_what_changed_meanwhile_is_loaded(open_materials, application):
    page = open_materials(application.candidate)
    factories.make_photo(application, "ID")
    come_back(page)
    expect(item(page, "ID")).to_have_attribute("data-photos", "1")
    assert not is_the_same(page)


def test_what_is_still_so_stays(open_materials, application):
    page = open_materials(application.candidate)
    come_back(page)
    assert stays(page)


@pytest.mark.parametrize("address", ["/registration/", "/messages/", "/result/", "/materials/submit/"])
def test_every_page_of_a_candidate_asks(open_materials, application, address):
    factories.fill(application)
    page = open_materials(application.candidate, address)
    factories.submit(application)
    come_back(page)
    expect(page.locator("body")).to_have_attribute("data-application-status", "submitted")


def test_after_a_sleep_but_not_after_a_glance_elsewhere(open_materials, application):
    page = open_materials(application.candidate)
    factories.make_photo(application, "ID")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sleep(page, 5_000)
    assert stays(page)
    assert [address for address in asked if not address.endswith("/healthz")] == []
    sleep(page, 60_000)
    expect(item(page, "ID")).to_have_attribute("data-photos", "1")


def test_what_one_did_oneself_is_no_news(open_materials, application):
    factories.make_photo(application, "EDU")
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()
    minus(page, Photo.objects.get()).click()
    expect(item(page, "EDU")).to_have_attribute("data-photos", "0")
    come_back(page)
    assert stays(page)


def test_where_something_is_typed_it_is_said_and_nothing_is_lost(open_materials):
    application = factories.returned(codes=["EDU"])
    page = open_materials(application.candidate, width=360)
    item(page, "EDU").locator("summary").click()
    page.fill("#reply-EDU", "It was never issued.")
    factories.make_photo(application, "EDU")
    come_back(page)
    expect(page.locator(STALE)).to_contain_text("This page is out of date.")
    expect(page.locator("#reply-EDU")).to_have_value("It was never issued.")
    come_back(page)
    expect(page.locator(STALE).get_by_role("button")).to_have_count(1)
    page.locator(STALE).get_by_role("button", name="Load again").click()
    expect(item(page, "EDU")).to_have_attribute("data-photos", "2")


def test_where_something_is_to_be_uploaded_it_is_said_and_nothing_is_lost(open_upload, application):
    desk = open_upload(application.candidate)
    desk.choose(("good.jpg", factories.picture(1)))
    factories.make_photo(application, "ID")
    come_back(desk.page)
    expect(desk.page.locator(STALE)).to_contain_text("This page is out of date.")
    desk.expect_states("chosen")


def test_what_was_uploaded_here_is_no_news(open_upload, application):
    desk = open_upload(application.candidate)
    desk.upload(("good.jpg", factories.picture(1)))
    desk.expect_states("done")
    desk.page.evaluate("window.isTheSame = true")
    come_back(desk.page)
    assert stays(desk.page)


def test_signed_out_meanwhile_one_is_led_to_sign_in(open_materials, application):
    page = open_materials(application.candidate)
    Session.objects.all().delete()
    come_back(page)
    expect(page.locator("[name=password]")).to_be_visible()


def test_without_a_network_the_page_stays(open_materials, application):
    page = open_materials(application.candidate)
    factories.make_photo(application, "ID")
    page.context.set_offline(True)
    page.evaluate("() => void navigation.addEventListener('navigate', () => (window.isLeft = true))")
    with page.expect_event("requestfailed"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.context.set_offline(False)
    assert stays(page)


def test_a_page_that_shows_a_refusal_is_left_to_be_read(open_materials, application):
    factories.fill(application)
    page = open_materials(application.candidate, javascript=True)
    page.evaluate(
        """() => {
            const form = document.querySelector("[data-item=ID] form[action$='/delete/']");
            form.action = "/materials/ID/not-applicable/";
            form.append(Object.assign(document.createElement("input"), { name: "value", value: "on" }));
            form.submit();
        }"""
    )
    expect(page.locator("[data-error=required]")).to_be_visible()
    assert page.locator("main[data-seen]").count() == 0
