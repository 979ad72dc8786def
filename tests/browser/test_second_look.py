"""A second look from the front page to its answer, with JavaScript off; and that its pages are for everybody."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from candidates.models import User
from review.models import SecondLook
from review.rules import Answer
from tests import factories
from tests.review import desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, user: User) -> Page:
    page.goto("/admin/login/?next=/admin/")
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    return page


@pytest.fixture
def look() -> SecondLook:
    factories.ReasonFactory(code="BLUR")
    return factories.decided("passed", factories.make_session(second_look_percent=100)).second_looks.get()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_front_page_to_the_answer_and_its_settlement(open_page, look, javascript) -> None:
    region = look.application.session.region
    page = sign_in(open_page(javascript=javascript, language="en"), factories.region_reviewer(region))

    page.get_by_role("link", name="Next second look").click()
    page.locator("[data-item=ID]").get_by_label("Fine").check()
    edu = page.locator("[data-item=EDU]")
    edu.get_by_label("I would have asked for a change").check()
    edu.get_by_label("Reason").select_option("BLUR")
    edu.get_by_label("Note").fill("左下角看不清")
    page.get_by_role("button", name="Send your second look").click()

    expect(page.get_by_text("Your second look is recorded.")).to_be_visible()
    expect(page.get_by_text("No second look waits for you now.")).to_be_visible()

    page = sign_in(open_page(javascript=javascript, language="en"), factories.region_staff(region))
    page.goto(f"/admin/sessions/{look.application.session.code}/reviews/")
    page.get_by_role("link", name="1 disagreement to settle").click()
    expect(page.get_by_text("左下角看不清")).to_be_visible()
    page.get_by_label("Why the pass stands").fill("放大后清楚")
    page.get_by_role("button", name="The pass stands").click()

    expect(page.get_by_text("Settled: the pass stands.")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_that_axe_finds(open_page, look, dark) -> None:
    session = look.application.session
    reviewer = sign_in(open_page(dark=dark), factories.region_reviewer(session.region))
    staff = sign_in(open_page(dark=dark), factories.region_staff(session.region))
    for address in ("/admin/", f"/admin/review/second/{look.pk}/"):
        check(reviewer, address)
    desk.look_again(factories.region_reviewer(session.region), look, EDU=Answer("change", "BLUR", "左下角看不清"))
    for name in ("reviews", "disagreements"):
        check(staff, f"/admin/sessions/{session.code}/{name}/")


def check(page: Page, address: str) -> None:
    page.goto(address)
    # Preloading, axe would ask for the stylesheets that the admin's import, at addresses of its own making.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], address
