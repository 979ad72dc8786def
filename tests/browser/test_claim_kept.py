"""An open review page keeps its claim; one that is left gives it back soon; one that comes back has it again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates.services.events import Actor
from review.models import Claim
from review.services.claims import take_over
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def left() -> timedelta:
    return Claim.objects.get().expires_at - timezone.now()


def wait_until(page: Page, condition) -> None:
    for _ in range(100):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the claim has {left()} left")


def test_left_and_back(open_page) -> None:
    application = factories.submitted(factories.make_session())
    reviewer = factories.site_reviewer(application.site)
    reviewer.set_password("lotus-pond-2026")
    reviewer.save()
    page = open_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", reviewer.username)
    page.fill("[name=password]", "lotus-pond-2026")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto("/admin/review/next/")
    wait_until(page, lambda: left() > timedelta(minutes=14))

    page.goto("/admin/")
    wait_until(page, lambda: left() <= timedelta(seconds=30))

    page.go_back()
    wait_until(page, lambda: left() > timedelta(minutes=14))

    administrator = factories.administrator()
    take_over(Actor(administrator), application.pk)
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    expect(page.locator("[data-beat-says]")).to_contain_text(str(administrator))


def test_a_beat_says_whether_somebody_acted_since_the_last(open_page) -> None:
    """Who reads one application for half an hour stays signed in; a page that lies open does not keep anybody in."""
    application = factories.submitted(factories.make_session())
    page = open_page()
    page.goto("/admin/login/")
    page.fill("[name=username]", factories.site_reviewer(application.site).username)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.goto("/admin/review/next/")
    page.wait_for_load_state("networkidle")

    def beat() -> bool:
        with page.expect_request("**/beat/") as sent:
            page.evaluate("dispatchEvent(new Event('pageshow'))")
        return b'name="acted"' in (sent.value.post_data_buffer or b"")

    assert not beat()
    page.keyboard.press("Shift")
    assert beat()
    assert not beat()
    page.locator("body").dispatch_event("wheel")  # a real one arrives some time after it is asked for
    assert beat()
