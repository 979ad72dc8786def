"""Setting up a second factor as people do: by scanning, by typing, on a phone and on a desk, without scripts."""

import io
import re
from base64 import b32decode
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django_otp.oath import TOTP
from PIL import Image
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


def sign_in(page: Page, username: str) -> None:
    page.goto("/admin/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def shows_now(secret: str) -> str:
    return f"{TOTP(b32decode(secret)).token():06}"


def is_sound(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert Axe().run(page, options={"preload": False}).response["violations"] == []


@pytest.mark.parametrize(
    ("width", "language", "dark"), [(360, "zh-hans", False), (360, "zh-hans", True), (1280, "en", False)]
)
def test_scanned_and_signed_in(open_page: Callable[..., Page], width, language, dark) -> None:
    staff = factories.site_reviewer(factories.SiteFactory())
    page = open_page(width=width, language=language, dark=dark)
    sign_in(page, staff.username)
    is_sound(page)
    (scanned,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator("svg.qr").screenshot())))
    address = urlsplit(scanned.text)
    (secret,) = parse_qs(address.query)["secret"]
    assert address[:2] == ("otpauth", "totp")
    assert unquote(address.path) == f"/{settings.OTP_TOTP_ISSUER}:{staff.username}"
    assert re.sub(r"\s", "", page.inner_text(".second-factor-key")) == secret

    page.fill("[name=code]", "12345")
    page.press("[name=code]", "Enter")
    expect(page.locator(".errorlist")).to_be_visible()
    is_sound(page)
    page.fill("[name=code]", shows_now(secret))
    page.press("[name=code]", "Enter")
    codes = page.locator(".second-factor-codes code")
    expect(codes).to_have_count(10)
    expect(page.locator("[data-print]")).to_be_visible()
    is_sound(page)
    paper = codes.all_inner_texts()
    page.click(".second-factor-acts a")
    expect(page).to_have_url(re.compile(r"/admin/$"))

    page.goto("/admin/second-factor/own/")
    is_sound(page)
    page.click("#logout-form button")
    sign_in(page, staff.username)
    expect(page.locator("[name=code]")).to_be_focused()
    is_sound(page)
    page.keyboard.type(paper[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/second-factor/own/$"))


def test_without_scripts(open_page: Callable[..., Page]) -> None:
    staff = factories.site_reviewer(factories.SiteFactory())
    page = open_page(javascript=False)
    sign_in(page, staff.username)
    secret = re.sub(r"\s", "", page.inner_text(".second-factor-key"))
    page.fill("[name=code]", shows_now(secret))
    page.press("[name=code]", "Enter")
    expect(page.locator(".second-factor-codes code")).to_have_count(10)
    expect(page.locator("[data-print]")).to_be_hidden()
