"""What somebody who does this for the first time must not miss: not yet sent, not yet kept, just deleted."""

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.materials_page import open_materials
from tests.browser.uploading import open_upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_materials", "open_upload"]


def test_on_a_phone_the_button_that_uploads_is_in_sight_once_pictures_are_chosen(open_upload):
    desk = open_upload(factories.draft().candidate, width=360, language="zh-hans", touch=True)
    desk.page.set_viewport_size({"width": 360, "height": 640})
    desk.choose(("a.jpg", factories.picture(1)), ("b.jpg", factories.picture(2)), ("c.jpg", factories.picture(3)))
    expect(desk.send).to_be_in_viewport(ratio=1)
    expect(desk.send).to_have_text("上传3张图片")
    says = desk.rows.first.locator("[data-does=says]")
    expect(says).to_have_text("尚未上传")
    assert says.evaluate("one => getComputedStyle(one).fontWeight") == "600"


def test_what_is_chosen_is_counted_from_1(open_upload):
    desk = open_upload(factories.draft().candidate)
    desk.choose(("a.jpg", factories.picture(1)), ("b.jpg", factories.picture(2)))
    desk.page.get_by_role("button", name="Remove: 1. a.jpg").click()
    expect(desk.rows.locator("[data-does=name]")).to_have_text(["1. b.jpg"])
    desk.page.get_by_role("button", name="Remove: 1. b.jpg").click()
    desk.choose(("c.jpg", factories.picture(3)))
    expect(desk.rows.locator("[data-does=name]")).to_have_text(["1. c.jpg"])


def test_after_the_minus_its_undo_is_in_sight_and_has_the_focus(open_upload):
    application = factories.draft()
    photos = [factories.make_photo(application, "OTHER") for _ in range(2)]
    desk = open_upload(application.candidate, width=360)
    desk.page.locator(f'[data-photo="{photos[0].pk}"] .minus button').click()
    undo = desk.page.locator(".undo")
    expect(undo).to_be_in_viewport(ratio=1)
    expect(undo).to_contain_text("Picture 1 was deleted.")
    expect(undo).to_be_focused()
    undo.get_by_role("button").click()
    expect(desk.page.locator(f"#photo-{photos[0].pk}")).to_be_in_viewport()


# --- a reply that was typed and not kept ---------------------------------------------------------------


def leave(page: Page, selector: str) -> str:
    """Press what leads away, and stay when asked; returns the kind of the question."""
    page.on("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog", timeout=10_000) as asked:
        page.locator(selector).first.click(no_wait_after=True)
    return str(asked.value.type)


def type_reply(page: Page, text: str) -> None:
    page.locator("summary", has_text="Reply in writing").click()
    page.locator("textarea").fill(text)


@pytest.mark.parametrize("code", ["EDU", "ID"], ids=["room for more", "full"])
def test_leaving_the_items_page_asks_first(open_upload, code):
    application = factories.returned(codes=[code])
    page = open_upload(application.candidate, code).page
    type_reply(page, "The school is closed")
    assert leave(page, "a.back") == "beforeunload"
    expect(page.locator("textarea")).to_have_value("The school is closed")


def test_leaving_the_materials_page_asks_first(open_materials):
    application = factories.returned(codes=["EDU"])
    page = open_materials(application.candidate, language="en")
    type_reply(page, "The school is closed")
    assert leave(page, "[data-bar] a.button") == "beforeunload"
    expect(page.locator("textarea")).to_have_value("The school is closed")


def test_keeping_it_asks_nothing(open_upload):
    application = factories.returned(codes=["EDU"])
    page = open_upload(application.candidate, "EDU").page
    type_reply(page, "The school is closed")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("button", name="Keep the reply").click()
    page.wait_for_url("**/materials/#item-EDU")
    assert asked == []
    assert application.items.get(category__code="EDU").reply == "The school is closed"
