"""The review screen in a real browser: from the keyboard alone, without JavaScript, and when something goes wrong."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates.models import User
from materials.models import Application, Item
from review.models import Claim, Decision, PictureTurn
from tests import factories
from tests.review import desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def queue() -> list[Application]:
    """Two applications that wait; the first has 12 pictures: ID 2, EDU 4, OTHER 6."""
    session = factories.make_session(stages="site")
    for number, code in enumerate(("BLUR", "NO_SEAL", "EXPIRED")):
        factories.ReasonFactory(code=code, position=number)
    first = factories.draft(session)
    for code, count in (("ID", 2), ("EDU", 4), ("OTHER", 6)):
        for _ in range(count):
            factories.make_photo(first, code)
    factories.submit(first)
    return [first, factories.submitted(session)]


@pytest.fixture
def reviewer(queue) -> User:
    return factories.site_reviewer(queue[0].site, name="王审核")


def sign_in(page: Page, user: User) -> None:
    client = Client()
    client.force_login(user, backend="candidates.backends.AccountBackend")
    name = settings.SESSION_COOKIE_NAME
    url = page.evaluate("location.origin") if page.url.startswith("http") else None
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url or page.base}])


@pytest.fixture
def open_desk(open_page, reviewer, live_server):
    """The next application on the screen, in English."""

    def open_one(user: User = reviewer, **options) -> Page:
        page = open_page(language="en", **options)
        page.base = live_server.url
        sign_in(page, user)
        page.goto("/admin/review/next/")
        return page

    return open_one


def item(page: Page, code: str):
    return page.locator(f".rv-item[data-item='{code}']")


def complaints_of_axe(page: Page) -> list[str]:
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


def verdicts(application: Application) -> dict[str, str]:
    return dict(Item.objects.filter(application=application).values_list("category__code", "verdict"))


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
    expect(page.locator("#viewer-title")).to_have_text("Identity document · Picture 1")
    assert complaints_of_axe(page) == []
    key("ArrowRight")
    expect(page.locator("#viewer-title")).to_have_text("Identity document · Picture 2")
    key("a")
    expect(page.locator("#viewer-title")).to_have_text("Diploma · Picture 1")
    expect(item(page, "ID")).to_have_attribute("data-verdict", "accepted")
    for _ in range(3):
        key("ArrowRight")
    expect(page.locator("#viewer-title")).to_have_text("Diploma · Picture 4")
    key("c")
    expect(viewer).to_be_hidden()
    page.keyboard.type("2")
    expect(page.locator("#sentence-verdict-EDU")).to_have_text("The picture is blurred; take it again.")
    key("Tab")
    page.keyboard.type("the seal is missing, ask your school")
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
    key("a")
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
    page.wait_for_timeout(200)
    assert set(fetched.values()) == {1}
    assert len(fetched) == 12 + len(ahead)


def test_several_presses_one_after_another(open_desk, queue) -> None:
    page = open_desk()
    for _ in range(3):
        page.keyboard.press("a")
    expect(page.locator("#form-finish [value=pass]")).to_be_focused()
    assert set(verdicts(queue[0]).values()) == {"accepted"}
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-application='{queue[1].pk}']")).to_be_visible()
    # The second press meant the application that is gone.
    page.wait_for_timeout(300)
    assert Decision.objects.get().application == queue[0]


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
    assert PictureTurn.objects.get().degrees == 90


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


# --- when something goes wrong ------------------------------------------------------------------------


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


def test_a_network_that_is_gone_loses_nothing(open_desk, queue) -> None:
    page = open_desk()
    page.locator("#note-verdict-ID").fill("not sharp")
    page.locator("#reason-verdict-ID").select_option("BLUR")
    page.context.set_offline(True)
    page.locator("#form-verdict-ID [value=change_requested]").click()
    expect(page.get_by_role("alert").filter(has_text="The network is gone")).to_be_visible()
    assert page.locator("#note-verdict-ID").input_value() == "not sharp"

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
    administrator = factories.administrator(name="管理员")
    Claim.objects.update(reviewer=administrator, expires_at=timezone.now() + timedelta(minutes=9))
    page.locator("#form-verdict-ID [value=accepted]").click()
    expect(page.locator(".rv-items > .rv-alert")).to_contain_text("管理员 is reviewing this application")
    expect(page.locator(".rv-verdict")).to_have_count(0)
    assert verdicts(queue[0])["ID"] == "pending"


def test_after_the_last_one_the_overview_says_what_was_done(open_desk, queue) -> None:
    page = open_desk()
    for application in queue:
        page.keyboard.press("Shift+A" if application == queue[0] else "a")
        if application == queue[1]:
            page.keyboard.press("a")
        expect(page.locator("#form-finish [value=pass]")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-application='{application.pk}']")).to_have_count(0)
    expect(page).to_have_url(re.compile("/admin/$"))
    expect(page.locator(".messagelist")).to_contain_text(queue[1].candidate.registration_number)
    assert Decision.objects.count() == 2
