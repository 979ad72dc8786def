"""The review screen in a real browser: from the keyboard alone, large pictures, and without JavaScript."""

import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from materials.models import Application
from review.models import Decision, PictureTurn

from .reviewing import GLANCE, item, verdicts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def complaints_of_axe(page: Page) -> list[str]:
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


# --- from the keyboard alone ---------------------------------------------------------------------------


def test_twelve_pictures_from_the_keyboard_alone(open_desk, open_page, queue) -> None:
    fetched: Counter[str] = Counter()
    page = open_desk()
    page.on("request", lambda request: fetched.update([request.url] if "/photos/" in request.url else []))
    page.reload()
    key = page.keyboard.press
    first = page.url
    assert page.locator("[data-photo]").count() == 12

    key("?")
    expect(page.locator("#keys")).to_be_visible()
    assert complaints_of_axe(page) == []
    key("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert complaints_of_axe(page) == []

    key("z")
    viewer = page.locator("#viewer")
    expect(viewer).to_contain_text(queue[0].candidate.id_number)
    expect(page.locator("#viewer-title")).to_have_text("Identity document · Picture 1 · 1/2")
    assert complaints_of_axe(page) == []
    key("ArrowRight")
    expect(page.locator("#viewer-title")).to_have_text("Identity document · Picture 2 · 2/2")
    key("a")
    expect(page.locator("#viewer-title")).to_have_text("Diploma · Picture 1 · 1/4")
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    for _ in range(3):
        key("ArrowRight")
    expect(page.locator("#viewer-title")).to_have_text("Diploma · Picture 4 · 4/4")
    key("c")
    expect(viewer).to_be_hidden()
    page.keyboard.type("2")
    expect(page.locator("#sentence-verdict-EDU")).to_have_text("The picture is blurred; take it again.")
    key("Tab")
    page.keyboard.type("the seal is missing, ask your school")
    page.wait_for_timeout(GLANCE)
    key("Control+Enter")
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "change_requested")

    key("k")
    expect(item(page, "EDU")).to_have_class(re.compile("is-current"))
    key("u")
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "pending")
    key("c")
    page.keyboard.type("3")
    key("Enter")
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "change_requested")
    expect(item(page, "OTHER")).to_have_class(re.compile("is-current"))
    page.wait_for_timeout(GLANCE)
    key("a")
    expect(page.locator("#finish")).to_be_focused()
    key("Enter")
    key("r")
    expect(page.locator("#form-finish [value=return]")).to_be_focused()
    # The next one is kept, and its pictures are here before it is.
    ahead = [f"/photos/{photo}/" for photo in queue[1].items.values_list("photos", flat=True) if photo]
    page.wait_for_function(
        "wanted => wanted.every((one) => performance.getEntriesByName(location.origin + one).length)", arg=ahead
    )
    key("Enter")

    expect(page.locator(f"[data-application='{queue[1].pk}']")).to_be_visible()
    assert page.url != first
    decision = Decision.objects.get()
    assert (decision.outcome, decision.application) == ("return", queue[0])
    assert [entry["item"] for entry in decision.requests] == ["EDU"]
    assert decision.requests[0]["reason"] == "EXPIRED"
    assert verdicts(queue[0]) == {"ID": "accepted", "EDU": "change_requested", "OTHER": "accepted"}
    expect(page.locator("#trouble")).to_be_hidden()
    page.wait_for_timeout(200)
    assert set(fetched.values()) == {1}
    assert len(fetched) == 12 + len(ahead)


def test_several_presses_one_after_another(open_desk, queue) -> None:
    page = open_desk()
    for _ in range(3):
        page.keyboard.press("a")
        page.wait_for_timeout(GLANCE)
    expect(page.locator("#finish")).to_be_focused()
    page.keyboard.press("p")
    assert set(verdicts(queue[0]).values()) == {"accepted"}
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-application='{queue[1].pk}']")).to_be_visible()
    # The second press meant the application that is gone.
    page.wait_for_timeout(300)
    assert Decision.objects.get().application == queue[0]


def test_a_second_press_at_once_judges_nothing_more(open_desk, queue) -> None:
    """Of a double click, or of a key that bounced: the next item has moved under it and was not looked at."""
    page = open_desk()
    page.evaluate("""() => {
        const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
        press();
        press();
        document.querySelector("#form-verdict-EDU [value=accepted]").click();
    }""")
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    expect(item(page, "EDU")).to_have_class(re.compile("is-current"))
    page.wait_for_timeout(GLANCE)
    assert set(verdicts(queue[0]).values()) == {"accepted", "pending"}
    page.keyboard.press("a")
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "accepted")


def test_what_an_undone_verdict_said_stays_typed(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#reason-verdict-ID").select_option("EXPIRED")
    page.locator("#note-verdict-ID").fill("out of date since May")
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "change_requested")
    page.locator("#form-verdict-ID [value=pending]").click()
    expect(item(page, "ID")).to_have_attribute("data-verdict", "pending")
    assert page.locator("#reason-verdict-ID").input_value() == "EXPIRED"
    assert page.locator("#note-verdict-ID").input_value() == "out of date since May"


def test_letters_that_are_typed_are_letters(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-ID").focus()
    page.keyboard.type("a second page, please? zap")
    assert page.locator("#note-verdict-ID").input_value() == "a second page, please? zap"
    expect(page.locator("#viewer")).to_be_hidden()
    assert verdicts(queue[0])["ID"] == "pending"


def test_keys_can_be_switched_off_and_stay_so(open_desk, queue) -> None:
    page = open_desk()
    page.keyboard.press("?")
    page.locator("#keys-on").uncheck()
    page.locator("#keys button").click()
    page.reload()
    page.keyboard.press("a")
    page.locator("#form-verdict-EDU [value=accepted]").click()
    expect(item(page, "EDU")).to_have_attribute("data-verdict", "accepted")
    assert verdicts(queue[0])["ID"] == "pending"


def test_no_key_means_what_is_out_of_sight(open_desk, queue) -> None:
    page = open_desk()
    item(page, "OTHER").evaluate("item => scrollTo({ top: item.offsetTop, behavior: 'instant' })")
    expect(item(page, "OTHER")).to_have_class(re.compile("is-current"))
    page.keyboard.press("a")
    expect(item(page, "OTHER")).to_have_attribute("data-verdict", "accepted")
    assert verdicts(queue[0])["ID"] == "pending"


def test_with_caps_lock_a_is_still_a(open_desk, queue) -> None:
    page = open_desk()
    page.keyboard.press("A")  # the letter that Caps Lock gives, without Shift
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    assert set(verdicts(queue[0]).values()) == {"accepted", "pending"}


def test_a_second_enter_finishes_nothing(open_desk, queue) -> None:
    page = open_desk()
    for _ in range(2):
        page.keyboard.press("a")
        page.wait_for_timeout(GLANCE)
    page.keyboard.press("c")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#finish")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert not Decision.objects.exists()


def test_enter_on_the_reason_of_an_unlock_unlocks_nothing(open_desk, queue) -> None:
    page = open_desk()
    item(page, "ID").locator(".rv-unlock summary").click()
    page.locator("#reason-unlock-ID").select_option("BLUR")
    page.locator("#reason-unlock-ID").press("Enter")
    page.wait_for_timeout(300)
    assert Application.objects.get(pk=queue[0].pk).status == "submitted"


# --- the large view ---------------------------------------------------------------------------------


def test_larger_moved_turned_and_remembered(open_desk, queue) -> None:
    page = open_desk()
    item(page, "EDU").locator(".rv-open").first.click()
    image = page.locator(".rv-stage img")

    def seen() -> dict:
        return image.bounding_box()

    whole = seen()
    page.keyboard.press("w")
    stage = page.locator(".rv-stage").bounding_box()
    assert abs(seen()["width"] - page.locator(".rv-stage").evaluate("stage => stage.clientWidth")) < 2
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert seen()["width"] > stage["width"] * 1.4
    before = seen()
    page.mouse.move(600, 400)
    page.mouse.down()
    page.mouse.move(500, 350)
    page.mouse.up()
    assert seen()["x"] < before["x"]
    page.keyboard.press("0")
    assert seen() == whole
    page.keyboard.press("]")
    expect(page.locator(".rv-picture[data-turn='90']")).to_have_count(1)
    page.wait_for_function("document.querySelector('.rv-stage img').style.transform === 'rotate(90deg)'")
    assert abs(seen()["height"] / seen()["width"] - whole["width"] / whole["height"]) < 0.02
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(item(page, "EDU").locator(".is-turned-90 .rv-open img")).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
    assert PictureTurn.objects.get().degrees == 90


def test_the_picture_that_is_shown_is_judged(open_desk, queue) -> None:
    page = open_desk()
    page.keyboard.press("z")
    page.mouse.move(600, 500)
    page.mouse.wheel(0, 6000)
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    page.wait_for_timeout(100)
    page.keyboard.press("a")
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    assert verdicts(queue[0])["OTHER"] == "pending"


def test_what_goes_wrong_in_the_large_view_is_seen(open_desk, queue) -> None:
    page = open_desk()
    page.keyboard.press("z")
    page.context.set_offline(True)
    page.keyboard.press("a")
    expect(page.get_by_role("alert").filter(has_text="The network is gone")).to_be_visible()
    expect(page.locator("#viewer")).to_be_hidden()
    expect(item(page, "ID")).to_have_class(re.compile("is-waiting"))
    page.context.set_offline(False)


def test_without_javascript(open_desk, queue) -> None:
    page = open_desk(javascript=False)
    assert complaints_of_axe_without_script(page)
    figure = item(page, "ID").locator(".rv-picture").first
    figure.locator(".rv-open").click()
    expect(figure.get_by_role("link", name="Close")).to_be_visible()
    figure.get_by_role("link", name="Next").click()
    second = item(page, "ID").locator(".rv-picture").nth(1)
    second.get_by_role("link", name="Close").click()
    expect(second.get_by_role("link", name="Close")).to_be_hidden()
    second.get_by_role("button", name="Turn right").click()
    expect(item(page, "ID").locator(".is-turned-90")).to_have_count(1)
    for code in ("ID", "EDU"):
        page.locator(f"#form-verdict-{code} [value=accepted]").click()
        expect(item(page, code)).to_have_attribute("data-verdict", "accepted")
    page.locator("#form-verdict-OTHER [name=reason]").select_option("BLUR")
    page.locator("#form-verdict-OTHER [value=change_requested]").click()
    page.locator("#form-finish [value=return]").click()
    expect(page.locator(f"[data-application='{queue[1].pk}']")).to_be_visible()
    assert Decision.objects.get().outcome == "return"


def complaints_of_axe_without_script(page: Page) -> bool:
    """Axe is a script itself; what can be said without it: nothing that only the script serves is in sight."""
    return page.locator("[data-do]:visible, dialog:visible, kbd:visible").count() == 0


@pytest.mark.parametrize("width", [360, 1920])
def test_axe_finds_nothing(open_desk, queue, width) -> None:
    page = open_desk(width=width, dark=width == 1920)
    assert complaints_of_axe(page) == []
    page.keyboard.press("z")
    expect(page.locator("#viewer")).to_be_visible()
    assert complaints_of_axe(page) == []
