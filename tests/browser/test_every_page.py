"""Every page, on a phone and on a desk, in both languages, light and dark, with and without the portal's scripts.

axe finds nothing; nothing runs out of the window; and the weights of docs/quality.md, 42. Where JavaScript is off, axe
cannot run; so the pages come without their scripts instead.
"""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.browser import gallery
from tests.browser.gallery import Scene, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ZH, EN = "zh-hans", "en"
# Each value of each on both devices, and with both looks.
WAYS = {
    "phone, Chinese, light, scripts": {"width": 360, "language": ZH, "dark": False, "scripts": True},
    "phone, English, dark, no scripts": {"width": 360, "language": EN, "dark": True, "scripts": False},
    "desk, Chinese, dark, scripts": {"width": 1280, "language": ZH, "dark": True, "scripts": True},
    "desk, English, light, no scripts": {"width": 1280, "language": EN, "dark": False, "scripts": False},
}
STAFFS_WAYS = {
    "English, light": {"width": 1280, "language": EN, "dark": False, "scripts": True},
    "Chinese, dark": {"width": 1280, "language": ZH, "dark": True, "scripts": True},
}


@pytest.fixture
def world() -> World:
    return gallery.build()


@pytest.fixture
def visit(open_page: Callable[..., Page], live_server, world: World) -> Callable[..., Page]:
    """Open scenes, each person in a context of their own."""
    pages: dict[str | None, Page] = {}

    def open_one(scene: Scene, **way: object) -> Page:
        if scene.who not in pages:
            page = pages[scene.who] = open_page(**{name: value for name, value in way.items() if name != "scripts"})
            if not way.get("scripts", True):
                page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
            if scene.who is not None:
                client = Client()
                client.force_login(world.people[scene.who], backend="candidates.backends.AccountBackend")
                name = settings.SESSION_COOKIE_NAME
                page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = pages[scene.who]
        answer = page.goto(scene.path.format(**world.facts))
        assert answer is not None
        assert answer.status == scene.status, scene.name
        for name, text in scene.type:
            page.fill(f"main [name={name}]", text)
        if scene.press:
            page.click(scene.press)
            page.wait_for_load_state()
        return page

    return open_one


#: The rules of WCAG 2.1 AA alone, which the pages that Django's admin draws meet; not the sizes of what is pressed in
#: its lists, nor all advice beside.
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


def complaints(page: Page, **options: object) -> list[tuple[str, list[str]]]:
    # Preloading, axe would ask for the stylesheets that the admin's import, at addresses of its own making.
    found = Axe().run(page, options={"preload": False, **options}).response["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"]][:3]) for rule in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_candidates_pages(visit, way):
    found = {}
    for scene in gallery.CANDIDATES:
        page = visit(scene, **way)
        assert page.locator("html").get_attribute("lang") == ("en" if way["language"] == EN else "zh-Hans")
        if wrong := [*complaints(page), *([("too wide", overflow(page))] if overflow(page) else [])]:
            found[scene.name] = wrong
    assert found == {}


@pytest.mark.parametrize("way", STAFFS_WAYS.values(), ids=STAFFS_WAYS)
def test_staffs_pages(visit, way):
    for scene in gallery.STAFF:
        assert complaints(visit(scene, **way), runOnly=WCAG) == [], scene.name


def test_nothing_is_cut_off_at_320_pixels_or_with_text_twice_as_large(visit):
    found = {}
    for scene in gallery.CANDIDATES:
        page = visit(scene, width=320)
        narrow = overflow(page)
        page.set_viewport_size({"width": 640, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if narrow or overflow(page):
            found[scene.name] = (narrow, overflow(page))
        page.set_viewport_size({"width": 320, "height": 800})
    assert found == {}


def weight(page: Page, path: str) -> dict[str, int]:
    """Bytes that came over the wire for a page that was never seen: of pictures, and of all else."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    weights = {"pictures": 0, "else": 0}

    def ended(event: dict) -> None:
        kind = "pictures" if kinds.get(event["requestId"]) == "Image" else "else"
        weights[kind] += event["encodedDataLength"]

    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on("Network.loadingFinished", ended)
    page.goto(path)
    # What is folded or below asks for its pictures only once it is seen.
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    for image in page.locator("main img").all():
        image.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    session.detach()
    return weights


def test_weights(visit):
    # Each is measured from a page that shows nothing of it, so that nothing is still on its way.
    home = weight(visit(Scene("blank", None, "/healthz"), width=360), "/")
    assert 0 < home["else"] < 60_000

    page = visit(Scene("blank", "full", "/healthz"), width=360)
    materials = weight(page, "/materials/")
    assert page.locator("[data-photo]").count() == 15
    assert materials["pictures"] > 50_000
    assert sum(materials.values()) < 250_000
