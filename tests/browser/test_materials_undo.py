"""The minus and its undoing on the materials page."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from candidates.services.events import Actor
from candidates.services.notices import add_notice
from materials.models import Photo
from materials.services.photos import delete_photo
from tests import factories
from tests.browser.materials_page import check, is_the_same, item, minus, open_materials, order_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_materials"]


@pytest.fixture
def application():
    application = factories.draft()
    factories.make_photo(application, "ID")
    factories.make_photo(application, "ID")
    return application


@pytest.fixture
def photos(application) -> list[Photo]:
    return list(Photo.objects.order_by("position"))


def posts_of(page: Page) -> list[str]:
    """The addresses of what is sent from now on."""
    posts: list[str] = []
    page.on("request", lambda request: request.method == "POST" and posts.append(request.url))
    return posts


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_deleted_and_put_back(open_materials, application, photos, javascript):
    page = open_materials(application.candidate, javascript=javascript)
    page.locator("[data-fold=done] summary").click()
    minus(page, photos[0]).click()
    expect(item(page, "ID")).to_have_attribute("data-photos", "1")
    expect(page.locator("[data-fold=done]")).to_have_count(0)
    expect(item(page, "ID").locator(".chip")).to_have_text("Missing")
    assert order_of("ID") == [str(photos[1].pk)]
    undo = page.get_by_role("button", name="Undo: put picture 1 of Identity document back")
    undo.click()
    expect(item(page, "ID")).to_have_attribute("data-photos", "2")
    expect(undo).to_have_count(0)
    assert order_of("ID") == [str(photo.pk) for photo in photos]
    assert is_the_same(page) == javascript


def test_it_is_announced_and_the_focus_goes_where_the_next_press_would_be(open_materials, application, photos):
    page = open_materials(application.candidate, width=360)
    page.locator("[data-fold=done] summary").click()
    minus(page, photos[1]).focus()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(page.locator("[data-announce]")).to_contain_text("The picture is deleted. You can undo that for 10 minutes.")
    check(page)
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-photo='{photos[1].pk}'] a")).to_be_focused()
    expect(page.locator("[data-announce]")).to_contain_text("The picture is back.")
    expect(page.locator("[data-fold=done]")).to_have_attribute("open", "")


def test_the_bar_says_at_once_what_is_next(open_materials, application, photos):
    factories.fill(application)
    page = open_materials(application.candidate)
    bar = page.locator("[data-bar]")
    expect(bar.get_by_role("link")).to_have_text("Check and submit")
    page.locator("[data-fold=done] summary").click()
    minus(page, photos[0]).click()
    expect(bar.get_by_role("link")).to_have_text("Upload: Identity document")
    page.get_by_role("button", name="Undo").click()
    expect(bar.get_by_role("link")).to_have_text("Check and submit")


def test_pictures_that_stay_are_not_loaded_again(open_materials, application, photos):
    page = open_materials(application.candidate)
    seen: list[str] = []
    page.on("request", lambda request: "/photos/" in request.url and seen.append(request.url))
    page.locator("[data-fold=done] summary").click()
    picture = page.locator(f"[data-photo='{photos[1].pk}'] img")
    expect(picture).to_have_js_property("complete", True)
    minus(page, photos[0]).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert len([url for url in seen if str(photos[1].pk) in url]) == 1


def test_what_was_typed_elsewhere_stays(open_materials):
    application = factories.returned(codes=["EDU", "ID"])
    page = open_materials(application.candidate)
    item(page, "EDU").locator("summary").click()
    page.fill("#reply-EDU", "It was never issued.")
    photo = application.items.get(category__code="ID").photos.order_by("position").first()
    minus(page, photo).click()
    expect(item(page, "ID").get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("#reply-EDU")).to_have_value("It was never issued.")
    expect(page.locator("#reply-EDU")).to_be_visible()


def test_without_a_network_nothing_happens_and_that_is_said(open_materials, application, photos):
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()
    page.context.set_offline(True)
    minus(page, photos[0]).click()
    expect(page.locator("[data-no-answer]")).to_be_visible()
    expect(page.locator("[data-announce]")).to_contain_text("the last change may not have been made")
    expect(minus(page, photos[0])).to_be_visible()
    page.context.set_offline(False)
    minus(page, photos[0]).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.locator("[data-no-answer]")).to_be_hidden()


def test_an_answer_that_is_lost_shows_what_is_there_by_now(open_materials, application, photos):
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    page.route("**/delete/", lose)
    minus(page, photos[0]).click()
    expect(page.locator("[data-no-answer]")).to_be_visible()
    expect(page.locator("[data-announce]")).to_contain_text("the last change may not have been made")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    assert order_of("ID") == [str(photos[1].pk)]
    assert is_the_same(page)


def test_what_is_gone_already_is_no_page_of_its_own(open_materials, application, photos):
    """Deleted on another device: the page shows it, and nothing is sent twice."""
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()
    posts = posts_of(page)
    delete_photo(Actor(application.candidate.user), application.candidate, "ID", photos[0].pk)
    minus(page, photos[0]).click()
    expect(item(page, "ID")).to_have_attribute("data-photos", "1")
    expect(item(page, "ID").locator("[data-error=gone]")).to_be_visible()
    assert len(posts) == 1
    minus(page, photos[1]).click()
    expect(item(page, "ID")).to_have_attribute("data-photos", "0")
    assert is_the_same(page)


def test_two_pressed_quickly_are_both_done(open_materials, application, photos):
    page = open_materials(application.candidate)
    posts = posts_of(page)
    page.evaluate(
        """() => {
            const both = document.querySelectorAll("[data-item=ID] form[action$='/delete/'] button");
            for (const button of [...both, both[0]]) button.click();
        }"""
    )
    expect(item(page, "ID")).to_have_attribute("data-photos", "0")
    expect(page.get_by_role("button", name="Undo")).to_have_count(2)
    assert len(posts) == 2
    assert is_the_same(page)


def test_to_a_new_privacy_notice_one_is_led_and_nothing_is_sent_twice(open_materials, application, photos):
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()
    posts = posts_of(page)
    staff, code = factories.region_staff(application.session.region), application.session.code
    add_notice(Actor(staff), code, number=0, text_zh="用途", text_en="What for", ask_again=True)
    minus(page, photos[0]).click()
    expect(page.locator("[name=consent]")).to_be_visible()
    assert page.url.endswith("/notice/")
    assert len(posts) == 1
    assert order_of("ID") == [str(photos[1].pk)]


def test_signed_out_meanwhile_one_is_led_to_sign_in(open_materials, application, photos):
    page = open_materials(application.candidate)
    page.locator("[data-fold=done] summary").click()
    Session.objects.all().delete()
    minus(page, photos[0]).click()
    expect(page.locator("[name=password]")).to_be_visible()
    assert Photo.objects.filter(superseded_at=None).count() == 2
