"""A reviewer's desk in a real browser, for tests of the review screen."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page

from candidates.models import User
from materials.models import Application, Item
from tests import factories

GLANCE = 350  # milliseconds, a little more than what static/review/page.js takes for a second press of the same


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


@pytest.fixture
def open_desk(open_page, reviewer, live_server):
    """The next application on the screen, in English."""

    def open_one(**options: Any) -> Page:
        page = open_page(language="en", **options)
        client = Client()
        client.force_login(reviewer, backend="candidates.backends.AccountBackend")
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page.goto("/admin/review/next/")
        return page

    return open_one


def item(page: Page, code: str) -> Locator:
    return page.locator(f".rv-item[data-item='{code}']")


def verdicts(application: Application) -> dict[str, str]:
    return dict(Item.objects.filter(application=application).values_list("category__code", "verdict"))
