"""The materials page in a browser: for everyone, at every size; folds, the bar, the time left."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates.models import ExamSession
from materials.models import Application
from tests import factories
from tests.browser.materials_page import check, is_the_same, item, open_materials

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_materials"]

LOOKS = [(320, False, "zh-hans"), (360, True, "en"), (1280, False, "en"), (1280, True, "zh-hans")]


def begun() -> Application:
    """ID done and EDU missing; OTHER is optional and has one; EMPLOY and RETAKE are optional and untouched."""
    session = factories.make_session(codes=("ID", "EDU", "EDUVER", "EMPLOY", "RETAKE", "OTHER"))
    application = factories.draft(session, flags=["repeat", "trial_route"])
    for code in ("ID", "ID", "OTHER", "OTHER", "OTHER"):
        factories.make_photo(application, code)
    return application


def corrected_in_part() -> Application:
    application = factories.returned(codes=["EDU", "ID"], note="The right corner is cut off.")
    factories.make_photo(application, "EDU")
    return application


def open_all(page: Page) -> None:
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


@pytest.mark.parametrize(("width", "dark", "language"), LOOKS)
@pytest.mark.parametrize("make", [begun, corrected_in_part, factories.submitted])
def test_for_everyone(open_materials, make, width, dark, language):
    page = open_materials(make().candidate, width=width, dark=dark, language=language)
    check(page)
    open_all(page)
    check(page)


@pytest.mark.parametrize("make", [begun, corrected_in_part])
def test_at_twice_the_size_of_text_nothing_is_lost(open_materials, make):
    page = open_materials(make().candidate, width=640)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    open_all(page)
    check(page)


@pytest.mark.parametrize("path", ["/", "/login/", "/registration/", "/messages/", "/result/", "/materials/ID/", "/x/"])
@pytest.mark.parametrize(("width", "dark"), [(320, False), (1280, True)])
def test_every_other_page_is_for_everyone_too(open_materials, path, width, dark):
    page = open_materials(begun().candidate, path, width=width, dark=dark)
    check(page)


def test_no_part_that_has_the_focus_is_under_the_bar(open_materials):
    page = open_materials(begun().candidate, width=360)
    page.emulate_media(reduced_motion="reduce")  # scrolling is done at once
    open_all(page)
    bar = page.locator("[data-bar]")
    assert bar.evaluate("bar => getComputedStyle(bar).position") == "sticky"
    top = bar.bounding_box()["y"]
    reached = 0
    for _ in range(80):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "() => { const one = document.activeElement; if (!one.closest('main')) return null;"
            " const { top, bottom } = one.getBoundingClientRect(); return [top, bottom]; }"
        )
        if box:
            reached += 1
            assert box[0] < top, page.evaluate("document.activeElement.outerHTML")
            assert box[1] <= top + 1, page.evaluate("document.activeElement.outerHTML")
    assert reached > 20


def test_on_a_low_screen_the_bar_is_no_longer_in_the_way(open_materials):
    page = open_materials(begun().candidate, width=640)
    page.set_viewport_size({"width": 640, "height": 320})
    assert page.locator("[data-bar]").evaluate("bar => getComputedStyle(bar).position") == "static"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_folds_open_by_a_press_and_by_a_link_to_what_is_in_them(open_materials, javascript):
    page = open_materials(begun().candidate, javascript=javascript)
    expect(item(page, "EDU")).to_be_visible()
    for code in ("ID", "OTHER", "EMPLOY", "RETAKE"):
        expect(item(page, code)).to_be_hidden()
    page.locator("[data-fold=optional] summary").press("Enter")
    expect(item(page, "EMPLOY").get_by_role("link", name="Upload: ")).to_be_visible()
    page.goto("about:blank")
    page.goto("/materials/#item-OTHER")
    expect(item(page, "OTHER")).to_be_visible()


def test_not_applicable_without_loading_the_page(open_materials):
    page = open_materials(begun().candidate, width=360)
    page.locator("[data-fold=optional] summary").click()
    item(page, "RETAKE").get_by_role("button", name="Not applicable").click()
    expect(page.locator("[data-fold=done]").locator("[data-item=RETAKE] .chip")).to_have_text("Not applicable")
    expect(item(page, "RETAKE").get_by_role("button", name="It applies to me after all")).to_be_focused()
    expect(page.locator("[data-announce]")).to_contain_text("Marked as not applicable.")
    item(page, "RETAKE").get_by_role("button", name="It applies to me after all").click()
    expect(page.locator("[data-fold=optional] [data-item=RETAKE]")).to_be_visible()
    assert is_the_same(page)


def test_the_bar_leads_through_a_correction_and_stays_until_it_is_submitted(open_materials):
    application = factories.returned(codes=["EDU"])
    page = open_materials(application.candidate, width=360)
    bar = page.locator("[data-bar]")
    expect(bar).to_contain_text("Not submitted again yet")
    bar.get_by_role("link", name="Correct: Diploma").click()
    page.wait_for_url("**/materials/EDU/#upload")
    factories.make_photo(application, "EDU")
    page.goto("/materials/")
    expect(bar).to_contain_text("Not submitted again yet")
    bar.get_by_role("link", name="Check and submit again").click()
    page.locator("form[action$='/submit/'] button").click()
    page.wait_for_url("**/receipt/2/")
    page.goto("/materials/")
    expect(bar).to_have_count(0)


def test_the_time_left_counts_on_from_the_servers_clock(open_materials):
    application = factories.draft()
    closes = timezone.now() + timedelta(hours=26, minutes=10, seconds=30)
    ExamSession.objects.update(closes_at=closes)
    page = open_materials(application.candidate)
    page.clock.install(time=closes + timedelta(days=400))  # a phone that is a year ahead
    page.reload()
    left = page.locator("[data-bar] [data-left]")
    expect(left).to_have_text("1 day 2 hours")
    page.clock.run_for("00:11")
    expect(left).to_have_text("1 day 2 hours")
    page.clock.fast_forward("11:00")
    expect(left).to_have_text("1 day 1 hour")
    page.clock.fast_forward("01:30:00")
    expect(left).to_have_text("1 day")
    page.clock.fast_forward("01:00:00")
    expect(left).to_have_text("23 hours 29 minutes")
    page.clock.fast_forward("23:00:00")
    expect(left).to_have_text("29 minutes")
    page.clock.fast_forward("30:00")
    expect(left).to_have_text("none")
    expect(page.locator(".state [data-left]")).to_have_text("none")


def test_nothing_moves_when_pictures_arrive(open_materials):
    page = open_materials(begun().candidate, width=360)
    page.add_init_script(
        "window.shifts = 0;"
        "new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifts += one.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto("about:blank")
    page.goto("/materials/#item-OTHER")
    picture = item(page, "OTHER").locator("img").last
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("one => one.naturalWidth") > 0
    page.wait_for_timeout(200)
    assert page.evaluate("window.shifts") < 0.02
