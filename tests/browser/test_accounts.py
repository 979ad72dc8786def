"""Passwords that can be shown, signing in and a new password by SMS: on a phone, with and without JavaScript."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, expect

from candidates.models import Candidate
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW_PASSWORD = "lotus-pond-2026"
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])


@pytest.fixture
def candidate() -> Candidate:
    return factories.make_candidate()


def newest_code(candidate: Candidate) -> str:
    files = (Path(settings.OUTBOX_DIR) / "sms").glob(f"{candidate.phone}-*.txt")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    return re.search(r"\b\d{6}\b", newest.read_text(encoding="utf-8")).group()


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing to scroll sideways for."""
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def ask(page: Page, link: str, candidate: Candidate) -> None:
    page.goto("/login/")
    page.get_by_role("link", name=link).click()
    page.get_by_label("报名号").fill(candidate.registration_number)
    page.get_by_role("button", name="发送验证码").click()
    page.wait_for_url("**/code/")


@BOTH
def test_signing_in_with_a_code(open_page, candidate, javascript) -> None:
    page = open_page(width=360, javascript=javascript)
    ask(page, "用短信验证码登录", candidate)
    code = page.get_by_label("短信验证码")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")
    code.fill("12345")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("验证码为6位数字")
    code.fill(newest_code(candidate))
    code.press("Enter")
    expect(page).to_have_url(re.compile("/registration/$"))


@BOTH
def test_a_forgotten_password(open_page, candidate, javascript) -> None:
    page = open_page(width=360, javascript=javascript)
    ask(page, "忘记密码", candidate)
    expect(page.get_by_text("至少8个字符")).to_be_visible()  # before anything is typed
    page.get_by_label("短信验证码").fill(newest_code(candidate))
    for label in ("新密码", "再次输入新密码"):
        page.get_by_label(label, exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="设置密码并登录").click()
    expect(page).to_have_url(re.compile("/registration/$"))
    expect(page.get_by_text("新密码已设置")).to_be_visible()

    page.get_by_role("link", name="修改密码").click()
    page.get_by_label("当前密码", exact=True).fill(NEW_PASSWORD)
    for label in ("新密码", "再次输入新密码"):
        page.get_by_label(label, exact=True).fill("another-pond-2026")
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()


def test_a_password_is_shown_and_hidden_again(open_page, candidate) -> None:
    page = open_page(width=360)
    page.goto("/login/")
    password = page.get_by_label("密码", exact=True)
    button = page.get_by_role("button", name="显示: 密码")
    password.fill("ab")
    button.click()
    expect(password).to_have_attribute("type", "text")
    expect(password).to_have_value("ab")
    page.get_by_role("button", name="隐藏: 密码").press("Enter")
    expect(password).to_have_attribute("type", "password")
    button.click()
    page.get_by_label("报名号").fill(candidate.registration_number)
    password.fill(factories.PASSWORD)
    sent: list[str] = []
    page.expose_function("sent", lambda kind: sent.append(kind))
    # As a browser sees it when it sends the form, and offers to remember what was typed as text.
    page.evaluate(
        """document.forms[1].addEventListener("submit", (event) => sent(event.target.elements.password.type))"""
    )
    password.press("Enter")
    expect(page).to_have_url(re.compile("/registration/$"))
    assert sent == ["password"]


def test_each_password_has_its_own_button(open_page, candidate) -> None:
    page = open_page(width=360)
    ask(page, "忘记密码", candidate)
    page.get_by_role("button", name="显示: 新密码", exact=True).click()
    expect(page.get_by_label("新密码", exact=True)).to_have_attribute("type", "text")
    expect(page.get_by_label("再次输入新密码", exact=True)).to_have_attribute("type", "password")


def test_pasting_works_and_full_width_characters_are_pointed_out(open_page) -> None:
    page = open_page(width=360)
    page.goto("/login/")
    password = page.get_by_label("密码", exact=True)
    password.focus()
    allowed = page.evaluate("""
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true }))
    """)
    assert allowed
    hint = page.get_by_role("status")
    page.keyboard.insert_text("ａbc")
    expect(hint).to_have_text("含有全角字符，请确认输入法状态。")
    password.fill("abc")
    expect(hint).to_have_text("")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_that_axe_finds(open_page, candidate, dark) -> None:
    page = open_page(width=360, dark=dark)
    page.goto("/login/")
    page.get_by_role("button", name="显示: 密码").click()
    check(page)
    for link in ("用短信验证码登录", "忘记密码"):
        page.goto("/login/")
        page.get_by_role("link", name=link).click()
        check(page)
        candidate.codes.all().delete()
        ask(page, link, candidate)
        check(page)
        page.get_by_role("button", name="重新获取验证码").click()
        expect(page.get_by_role("alert")).to_contain_text("一分钟内")
        check(page)
    page.goto("/login/")
    page.fill("[name=username]", candidate.registration_number)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/registration/")
    page.goto("/password/")
    check(page)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_staff_change_a_phone_number(open_page, candidate, dark) -> None:
    staff = factories.site_reviewer(candidate.site)
    page = open_page(width=360, dark=dark)
    page.goto("/admin/login/?next=/admin/")
    page.fill("[name=username]", staff.username)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/")
    page.goto(f"/admin/candidates/candidate/{candidate.pk}/change/")
    page.get_by_role("link", name="更换手机号码").click()
    # Preloading, axe would ask for the stylesheets that the admin's import, at addresses of its own making.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    page.get_by_label("新手机号码").fill("139 5555 6666")
    page.get_by_label("当面核对身份证件原件").check()
    page.get_by_label("原因").fill("原号码已停用")
    page.get_by_role("button", name="更换手机号码").click()
    expect(page.get_by_text("手机号码已更换为 139****6666")).to_be_visible()
