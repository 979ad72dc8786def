"""The order of pictures: by buttons, by the keyboard, by dragging with a mouse and with a finger."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.browser.materials_page import check, is_the_same, item, open_materials, order_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_materials"]


@pytest.fixture
def application():
    application = factories.returned(codes=["EDU"])
    for _ in range(3):
        factories.make_photo(application, "EDU")
    return application


@pytest.fixture
def photos(application) -> list[str]:
    return order_of("EDU")


def shown(page: Page) -> list[str]:
    pictures = item(page, "EDU").locator("[data-photo]")
    return pictures.evaluate_all("all => all.map((one) => one.dataset.photo)")


def grip(page: Page, photo: str) -> Locator:
    return page.locator(f"[data-photo='{photo}'] [data-grip]")


def middle(locator: Locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def expect_order(page: Page, expected: list[str]) -> None:
    expect(page.locator(f"[data-item=EDU] [data-photo]:nth-child({len(expected)})")).to_have_attribute(
        "data-photo", expected[-1]
    )
    assert shown(page) == order_of("EDU") == expected


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_by_buttons(open_materials, application, photos, javascript):
    one, two, three, four = photos
    page = open_materials(application.candidate, javascript=javascript)
    expect(page.get_by_role("button", name="Move picture 1 of Diploma forward")).to_be_disabled()
    expect(page.get_by_role("button", name="Move picture 4 of Diploma back")).to_be_disabled()
    page.get_by_role("button", name="Move picture 3 of Diploma back").click()
    expect_order(page, [one, two, four, three])
    page.get_by_role("button", name="Move picture 2 of Diploma forward").click()
    expect(page.locator("[data-item=EDU] [data-photo]").first).to_have_attribute("data-photo", two)
    expect_order(page, [two, one, four, three])
    assert is_the_same(page) == javascript
    names = item(page, "EDU").locator("[data-photo] img").evaluate_all("all => all.map((one) => one.alt)")
    assert names == [f"Diploma, picture {number}" for number in (1, 2, 3, 4)]


def test_by_the_keyboard_the_focus_stays_with_the_picture(open_materials, application, photos):
    one, two, three, four = photos
    page = open_materials(application.candidate, width=360)
    page.get_by_role("button", name="Move picture 1 of Diploma back").focus()
    for place in (2, 3, 4):
        page.keyboard.press("Enter")
        expect(page.locator("[data-announce]")).to_contain_text(f"The picture is now number {place}.")
        way = "forward" if place == 4 else "back"
        expect(page.locator(f"[data-photo='{one}'] [data-way={way}]")).to_be_focused()
    expect_order(page, [two, three, four, one])
    check(page)


def test_by_dragging_with_a_mouse(open_materials, application, photos):
    one, two, three, four = photos
    page = open_materials(application.candidate)
    start = middle(grip(page, one))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*middle(grip(page, two)), steps=4)
    page.mouse.move(*middle(grip(page, three)), steps=4)
    assert shown(page) == [two, three, one, four]
    assert order_of("EDU") == photos
    page.mouse.up()
    expect(page.locator("[data-announce]")).to_contain_text("The picture is now number 3.")
    expect_order(page, [two, three, one, four])
    assert is_the_same(page)


def test_a_drag_that_is_called_off_or_leads_nowhere_changes_nothing(open_materials, application, photos):
    one, two, *_ = photos
    page = open_materials(application.candidate)
    posts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    page.mouse.move(*middle(grip(page, one)))
    page.mouse.down()
    page.mouse.move(*middle(grip(page, two)), steps=4)
    assert shown(page)[:2] == [two, one]
    page.keyboard.press("Escape")
    assert shown(page) == photos
    page.mouse.up()
    page.mouse.move(*middle(grip(page, one)))
    page.mouse.down()
    page.mouse.up()
    assert shown(page) == order_of("EDU") == photos
    assert posts == []


def test_without_a_network_the_picture_goes_back(open_materials, application, photos):
    one, two, *_ = photos
    page = open_materials(application.candidate)
    page.context.set_offline(True)
    page.mouse.move(*middle(grip(page, one)))
    page.mouse.down()
    page.mouse.move(*middle(grip(page, two)), steps=4)
    page.mouse.up()
    expect(page.locator("[data-no-answer]")).to_be_visible()
    assert shown(page) == photos


def test_by_dragging_with_a_finger(open_materials, application, photos):
    one, two, three, four = photos
    page = open_materials(application.candidate, width=360, touch=True)
    grip(page, four).scroll_into_view_if_needed()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, at: tuple[float, float] | None) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", middle(grip(page, four)))
    touch("touchMove", middle(grip(page, three)))
    touch("touchMove", middle(grip(page, one)))
    touch("touchEnd", None)
    expect(page.locator("[data-announce]")).to_contain_text("The picture is now number 1.")
    expect_order(page, [four, one, two, three])
