"""The upload page as a candidate drives it: signing in, choosing files, and what the list says of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Route, expect

from candidates.models import Candidate
from materials.models import Photo

MANY = "OTHER"  # takes several pictures


@dataclass
class UploadPage:
    """One browser with the page of a category open."""

    page: Page
    context: BrowserContext
    code: str
    complaints: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"/materials/{self.code}/"

    @property
    def rows(self) -> Locator:
        return self.page.locator(".upload")

    @property
    def send(self) -> Locator:
        return self.page.locator("form[data-upload] button")

    @property
    def stored(self) -> Locator:
        return self.page.locator("[data-item] [data-photo]")

    def choose(self, *files: tuple[str, bytes]) -> None:
        """Files as (name, bytes) by the button for several."""
        self.page.set_input_files("[name=photo]", [_payload(name, data) for name, data in files])

    def upload(self, *files: tuple[str, bytes]) -> None:
        self.choose(*files)
        self.send.click()

    def expect_states(self, *states: str) -> None:
        expect(self.rows).to_have_count(len(states))
        for place, state in enumerate(states):
            expect(self.rows.nth(place)).to_have_attribute("data-state", state)

    def expect_announced(self, text: str) -> None:
        expect(self.page.locator("[role=status][data-announce]")).to_contain_text(text)

    def answer_posts(self, *answers: Callable[[Route], None]) -> list[str]:
        """The first uploads are answered by these, later ones by the portal. Returns the list that counts them."""
        seen: list[str] = []

        def handle(route: Route) -> None:
            if route.request.method != "POST":
                route.continue_()
                return
            seen.append(route.request.url)
            answer = answers[len(seen) - 1] if len(seen) <= len(answers) else Route.continue_
            answer(route)

        self.page.route(f"**{self.address}", handle)
        return seen


def _payload(name: str, data: bytes) -> Any:
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return {"name": name, "mimeType": kind, "buffer": data}


def lose(route: Route) -> None:
    """The connection breaks before anything is sent."""
    route.abort("internetdisconnected")


def lose_the_answer(route: Route) -> None:
    """The portal takes the picture; its answer is lost on the way."""
    route.fetch()
    route.abort("connectionreset")


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until that is so; for what the page itself does not show."""
    for _ in range(2_400):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it never came about")


def stored_photos(candidate: Candidate) -> list[Photo]:
    return list(Photo.objects.filter(item__application__candidate=candidate).order_by("position"))


def sign_in(context: BrowserContext, candidate: Candidate, url: str) -> None:
    client = Client()
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


@pytest.fixture
def open_upload(browser: Browser, live_server: Any) -> Iterator[Callable[..., UploadPage]]:
    """Opens the page of a category, signed in. Errors in the console that no test asked for fail the test.

    With ``stopped_clock`` no pause of the page ends but by ``page.clock.fast_forward``.
    """
    opened: list[UploadPage] = []
    expect.set_options(timeout=60_000)  # a busy machine takes its time over a big picture

    def open_one(
        candidate: Candidate,
        code: str = MANY,
        *,
        width: int = 1280,
        language: str = "en",
        javascript: bool = True,
        dark: bool = False,
        touch: bool = False,
        stopped_clock: bool = False,
    ) -> UploadPage:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            locale="zh-CN",
        )
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
        sign_in(context, candidate, live_server.url)
        page = context.new_page()
        if stopped_clock:
            page.clock.install()
        desk = UploadPage(page, context, code)
        opened.append(desk)
        page.on("console", lambda message: message.type == "error" and desk.complaints.append(message.text))
        page.on("pageerror", lambda error: desk.complaints.append(str(error)))
        page.on("request", lambda request: desk.under_way.add(request))
        page.on("requestfinished", lambda request: desk.under_way.discard(request))
        page.on("requestfailed", lambda request: desk.under_way.discard(request))
        page.goto(desk.address)
        if stopped_clock:
            page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        return desk

    yield open_one
    expect.set_options()
    for desk in opened:
        # A picture that the portal still reads from the database would be in the way of emptying it.
        wait_until(desk.page, lambda desk=desk: not desk.under_way)
        desk.context.close()
        # What a test has answered with an error, or not at all, Chromium logs too.
        assert [text for text in desk.complaints if not text.startswith("Failed to load resource")] == []
