"""A real Chromium, found on the machine. Without one these tests are left out, and that is said in one line."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .reviewing import open_desk, queue, reviewer  # noqa: F401  fixtures

# Playwright keeps an event loop in the test's own thread, where Django would refuse to query.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-quic", "--disable-background-networking"]
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: browser tests are left out"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def answered(live_server: Any) -> Iterator[None]:
    """No test ends while the server still answers what its pages sent on their way out.

    Emptying the tables would wait for those requests, and they for it. The pages are closed by now and connections
    are taken in turn, so once one more request is answered, all before it have a thread of their own.
    """
    yield
    with urlopen(f"{live_server.url}/healthz") as answer:
        answer.read()
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(timeout=30)
            assert not thread.is_alive(), "a page was left open"


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own: each has its cookies, as if on another device.

    A page that logs an error to the console, or asks another host for anything, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(
        *,
        width: int = 1280,
        language: str = "zh-hans",
        javascript: bool = True,
        dark: bool = False,
        touch: bool = False,
    ) -> Page:
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
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(live_server.url) or complaints.append(request.url))
        return page

    yield open_one
    for context in contexts:
        context.close()
    # A status that a test asked for on purpose is logged by Chromium as an error too, and a network it took away.
    wanted = ("the server responded with a status of 4", "net::ERR_INTERNET_DISCONNECTED")
    assert [text for text in complaints if not any(part in text for part in wanted)] == []
