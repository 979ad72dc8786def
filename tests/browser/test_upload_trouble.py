"""Uploading with something in the way: the network, the portal, the session, the candidate's own change of mind."""

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import storages
from playwright.sync_api import Dialog, Page, Route, expect

from tests import factories
from tests.browser.uploading import lose, lose_the_answer, open_upload, sign_in, stored_photos, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_upload"]

GOOD = ("good.jpg", factories.picture(1))
OTHER = ("other.jpg", factories.picture(2))
# Milliseconds: longer than any pause before the next attempt; than the page waits for a silent connection.
PAUSE, SILENCE = 20_000, 70_000


@pytest.fixture
def candidate():
    return factories.make_candidate()


def press(desk, place: int, name: str) -> None:
    desk.rows.nth(place).get_by_role("button", name=name).click()


def come_back_online(page: Page) -> None:
    page.evaluate("() => { dispatchEvent(new Event('online')); }")


def wait_through_pauses(desk, posts: list[str], attempts: int) -> None:
    """Skip the pauses until that many attempts were made, the first one included."""
    for made in range(1, attempts):
        wait_until(desk.page, lambda made=made: len(posts) == made)
        expect(desk.rows.nth(0)).to_have_attribute("data-state", "pausing")
        desk.page.clock.fast_forward(PAUSE)
    wait_until(desk.page, lambda: len(posts) >= attempts)


def test_a_lost_connection_is_tried_again_by_itself(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    posts = desk.answer_posts(lose, lose, lose)
    desk.upload(GOOD, OTHER)
    desk.expect_states("pausing", "waiting")
    wait_through_pauses(desk, posts, 4)
    desk.expect_states("done", "done")
    desk.expect_announced("1. good.jpg: no connection; it is sent again by itself.")
    assert len(stored_photos(candidate)) == 2


def test_after_three_more_attempts_it_waits_for_the_network_or_the_button(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    posts = desk.answer_posts(lose, lose, lose, lose, lose)
    desk.upload(GOOD, OTHER)
    wait_through_pauses(desk, posts, 4)
    desk.expect_states("failed", "waiting")
    expect(desk.rows.nth(0)).to_contain_text("when your network is back, the picture is sent by itself")
    desk.page.clock.fast_forward(SILENCE)
    assert len(posts) == 4
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("pausing", "waiting")
    expect(desk.rows.nth(0)).to_be_focused()
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("done", "done")
    assert len(posts) == 7


@pytest.mark.parametrize("attempts", [1, 4], ids=["within a pause", "after the last"])
def test_it_goes_on_at_once_when_the_browser_is_back_online(open_upload, candidate, attempts):
    desk = open_upload(candidate, stopped_clock=True)
    posts = desk.answer_posts(*[lose] * attempts)
    desk.upload(GOOD, OTHER)
    wait_through_pauses(desk, posts, attempts)
    desk.expect_states("pausing" if attempts == 1 else "failed", "waiting")
    come_back_online(desk.page)
    desk.expect_states("done", "done")


def test_a_picture_whose_answer_was_lost_has_arrived(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    desk.answer_posts(lose_the_answer)
    desk.upload(GOOD)
    desk.expect_states("pausing")
    come_back_online(desk.page)
    desk.expect_states("done")
    expect(desk.rows).to_contain_text("it had arrived although the connection broke")
    desk.expect_announced("1. good.jpg: uploaded.")
    expect(desk.stored).to_have_count(1)
    assert len(stored_photos(candidate)) == 1


def test_so_has_one_that_took_the_last_place(open_upload, candidate):
    factories.make_photo(candidate.application, "ID")
    desk = open_upload(candidate, "ID", stopped_clock=True)
    desk.answer_posts(lose_the_answer)
    desk.upload(GOOD)
    desk.expect_states("pausing")
    come_back_online(desk.page)
    desk.expect_states("done")
    expect(desk.stored).to_have_count(2)


def test_one_that_was_there_before_stays_a_duplicate(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    desk.upload(GOOD)
    desk.expect_states("done")
    desk.answer_posts(lose)
    desk.upload(GOOD)
    desk.expect_states("pausing")
    come_back_online(desk.page)
    desk.expect_states("failed")
    expect(desk.rows).to_have_attribute("data-error", "duplicate")


def test_a_connection_that_says_nothing_counts_as_lost(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    posts = desk.answer_posts(lambda route: None)
    desk.upload(GOOD)
    wait_until(desk.page, lambda: len(posts) == 1)
    desk.page.clock.fast_forward(SILENCE)
    desk.expect_states("pausing")
    desk.page.clock.fast_forward(PAUSE)
    desk.expect_states("done")


def test_an_answer_that_is_not_the_portals_counts_as_lost(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    desk.answer_posts(
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Accept our terms</h1>")
    )
    desk.upload(GOOD)
    desk.expect_states("pausing")


def test_when_the_store_fails_the_fault_is_ours_and_it_can_be_tried_again(open_upload, candidate, monkeypatch):
    desk = open_upload(candidate)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(storages["photos"], "save", full)
    posts = desk.answer_posts()
    desk.upload(GOOD, OTHER)
    desk.expect_states("failed", "waiting")
    expect(desk.rows.nth(0)).to_have_attribute("data-error", "store")
    expect(desk.rows.nth(0)).to_contain_text("the fault is ours, not yours")
    desk.expect_announced("1. good.jpg: not uploaded. We could not store the picture")
    come_back_online(desk.page)  # of no concern here
    desk.page.wait_for_timeout(500)
    assert len(posts) == 1
    monkeypatch.undo()
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("done", "done")


def test_a_gateways_bare_error_is_ours_too(open_upload, candidate):
    desk = open_upload(candidate)
    desk.answer_posts(lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>"))
    desk.upload(GOOD)
    desk.expect_states("failed")
    expect(desk.rows).to_contain_text("the fault is ours, not yours")
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("done")


def later(route: Route) -> None:
    """As the portal answers while too many wait (exam_portal/backlog.py), and nginx while the portal is away."""
    route.fulfill(status=503, headers={"Retry-After": "20"}, content_type="text/html", body="<h1>Busy</h1>")


def test_what_is_told_to_come_back_later_does_so_by_itself_and_waits_longer_each_time(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    posts = desk.answer_posts(later, later)
    desk.upload(GOOD, OTHER)
    desk.expect_states("pausing", "waiting")
    expect(desk.rows.nth(0)).to_contain_text("the picture is kept here and sent again by itself in about")
    desk.expect_announced("1. good.jpg: the portal is very busy or cannot be reached just now")
    desk.page.clock.fast_forward(14_000)  # no pause is shorter than three quarters of what was asked for
    assert len(posts) == 1
    desk.page.clock.fast_forward(12_000)
    wait_until(desk.page, lambda: len(posts) == 2)
    desk.expect_states("pausing", "waiting")
    desk.page.clock.fast_forward(22_000)
    assert len(posts) == 2
    desk.page.clock.fast_forward(17_000)
    desk.expect_states("done", "done")
    assert len(stored_photos(candidate)) == 2


def test_too_many_within_an_hour_can_go_on_later(open_upload, candidate, settings):
    settings.UPLOADS_PER_HOUR = 1
    desk = open_upload(candidate)
    desk.upload(GOOD, OTHER)
    desk.expect_states("done", "failed")
    expect(desk.rows.nth(1)).to_have_attribute("data-error", "quota")
    expect(desk.rows.nth(1)).to_contain_text("within an hour")
    settings.UPLOADS_PER_HOUR = 9
    press(desk, 1, "Try again: 2. other.jpg")
    desk.expect_states("done", "done")


def test_a_file_over_the_limit_of_a_body_is_told_so(open_upload, candidate, settings):
    settings.BODY_MAX_BYTES = 1_000
    desk = open_upload(candidate)
    desk.upload(GOOD)
    desk.expect_states("failed")
    expect(desk.rows).to_have_attribute("data-error", "too_large")
    expect(desk.rows).to_contain_text("Nothing was stored")


def test_a_window_that_closed_ends_it(open_upload, candidate):
    desk = open_upload(candidate)
    desk.choose(GOOD, OTHER)
    factories.close_window(candidate.session)
    posts = desk.answer_posts()
    desk.send.click()
    desk.expect_states("failed", "failed")
    expect(desk.rows.nth(1)).to_have_attribute("data-error", "closed")
    assert len(posts) == 1
    expect(desk.page.locator("input[type=file]")).to_have_count(0)


def test_after_the_session_ended_one_signs_in_and_goes_on(open_upload, candidate, live_server):
    desk = open_upload(candidate)
    Session.objects.all().delete()
    desk.upload(GOOD, OTHER)
    desk.expect_states("failed", "waiting")
    expect(desk.rows.nth(0)).to_contain_text("You are not signed in any more")
    link = desk.rows.nth(0).get_by_role("link", name="Sign in (opens a new page)")
    with desk.context.expect_page() as opened:
        link.click()
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("failed", "waiting")
    page = opened.value
    page.fill("[name=username]", candidate.registration_number)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/registration/")
    press(desk, 0, "Try again: 1. good.jpg")
    desk.expect_states("done", "done")


def test_nothing_goes_to_another_candidate_who_signed_in_meanwhile(open_upload, candidate, live_server):
    other = factories.make_candidate(candidate.session)
    desk = open_upload(candidate)
    Session.objects.all().delete()
    desk.upload(GOOD)
    desk.expect_states("failed")
    sign_in(desk.context, other, live_server.url)
    with desk.page.expect_navigation():
        press(desk, 0, "Try again: 1. good.jpg")
    expect(desk.rows).to_have_count(0)
    assert stored_photos(candidate) + stored_photos(other) == []


def test_cancelling_stops_one_and_the_next_goes_on(open_upload, candidate):
    desk = open_upload(candidate)
    held: list[Route] = []
    desk.answer_posts(held.append)
    desk.upload(GOOD, OTHER)
    desk.expect_states("sending", "waiting")
    press(desk, 0, "Cancel: 1. good.jpg")
    expect(desk.rows.nth(0)).to_contain_text("1. other.jpg")
    desk.expect_states("done")
    desk.expect_announced("1. good.jpg: taken off the list.")
    assert len(stored_photos(candidate)) == 1


def test_the_focus_stays_in_a_row_whose_button_goes(open_upload, candidate):
    desk = open_upload(candidate)
    held: list[Route] = []
    desk.answer_posts(held.append)
    desk.upload(GOOD)
    desk.rows.get_by_role("button", name="Cancel: 1. good.jpg").focus()
    held[0].continue_()
    desk.expect_states("done")
    expect(desk.rows).to_be_focused()


def test_what_arrived_before_it_was_cancelled_is_shown(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    desk.answer_posts(lose_the_answer)
    desk.upload(GOOD)
    desk.expect_states("pausing")
    press(desk, 0, "Cancel: 1. good.jpg")
    expect(desk.stored).to_have_count(1)


def test_leaving_asks_while_something_is_not_uploaded(open_upload, candidate):
    desk = open_upload(candidate, stopped_clock=True)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.page.on("dialog", leave)
    desk.upload(GOOD)
    desk.expect_states("done")
    desk.page.reload()
    assert asked == []
    desk.answer_posts(lose)
    desk.upload(OTHER)
    desk.expect_states("pausing")
    desk.page.reload()
    assert asked == ["beforeunload"]
