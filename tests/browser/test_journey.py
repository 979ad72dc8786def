"""The whole main job in a real browser: from the roster to the published result and its CSV."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from candidates.models import Candidate, ExamSession
from materials.models import Application
from tests import factories
from tests.browser.test_every_page import complaints, overflow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW_PASSWORD = "lotus-pond-2026"


@pytest.fixture
def session() -> ExamSession:
    session = factories.make_session(codes=("ID", "EDU", "EDUVER", "OTHER"))
    factories.ReasonFactory(code="BLUR", name_zh="图片模糊", sentence_zh="图片模糊，请重新拍摄。")
    return session


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    """Photographs from CORPUS_DIR, HEIC and sideways ones among them; drawn ones where there is none."""
    corpus = os.environ.get("CORPUS_DIR")
    if corpus:
        sideways = Path(corpus, "orientation")
        names = ("Landscape_6.jpg", "Landscape_8.jpg", "Portrait_5.jpg", "Portrait_6.jpg")
        return [Path(corpus, "IMG_5195.HEIC"), *(sideways / name for name in names)]
    for seed in range(5):
        (tmp_path / f"{seed}.jpg").write_bytes(factories.picture(seed, size=(2400, 1800), quality=95))
    return sorted(tmp_path.glob("*.jpg"))


def click(page: Page, action: str, *, value: str = "") -> None:
    """Press the button of the form that posts to ``action`` (the address's end)."""
    button = page.locator(f"form[action$='{action}'] button" + (f"[value='{value}']" if value else "")).first
    button.click()


def sign_in(page: Page, door: str, username: str, password: str) -> None:
    page.goto(door)
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def item(page: Page, code: str):
    return page.locator(f"[data-item='{code}']")


def upload(page: Page, code: str, *files: Path) -> None:
    """One way with and without JavaScript: the item's marks say when the pictures are there."""
    page.goto(f"/materials/{code}/")
    there = int(item(page, code).get_attribute("data-photos") or 0)
    page.set_input_files("[name=photo]", files)
    click(page, f"/materials/{code}/")
    expect(item(page, code)).to_have_attribute("data-photos", str(there + len(files)))


def activate(page: Page, candidate: Candidate, way: dict[str, Any]) -> None:
    sign_in(page, "/login/", candidate.registration_number, candidate.plain_id)
    expect(page).to_have_url(re.compile("/activate/$"))
    looked_at(page, way)
    page.goto("/materials/")
    expect(page).to_have_url(re.compile("/activate/$"))
    click(page, "/activate/code/")
    (sms,) = (Path(settings.OUTBOX_DIR) / "sms").glob(f"{candidate.phone}-*.txt")
    page.fill("[name=code]", re.search(r"\b\d{6}\b", sms.read_text()).group())
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    page.check("[name=consent]")
    click(page, "/activate/")
    expect(page).to_have_url(re.compile("/materials/$"))


def judge(page: Page, change: str = "") -> None:
    """Take the next application, accept every item with pictures but ``change``, and finish."""
    page.goto("/admin/review/next/")
    screen = page.url
    judged = [code for code in ("ID", "EDU") if item(page, code).get_attribute("data-verdict") != "accepted"]
    for code in judged:
        page.goto(screen)
        form = page.locator(f"form[action$='/items/{code}/']").first
        if code == change:
            form.locator("[name=reason]").select_option("BLUR")
            form.locator("[name=note]").fill("右下角看不清")
            form.locator("[value=change_requested]").click()
        else:
            form.locator("[value=accepted]").click()
        verdict = "change_requested" if code == change else "accepted"
        expect(item(page, code)).to_have_attribute("data-verdict", verdict)
    page.goto(screen)
    click(page, "/finish/", value="return" if change else "pass")
    expect(page).to_have_url(re.compile("/admin/$"))


def looked_at(page: Page, way: dict[str, Any]) -> None:
    """axe and the width, where scripts can run (test_every_page.py does it without the portal's own); the language."""
    if way["javascript"]:
        assert complaints(page) == []
        assert overflow(page) == 0
    expect(page.locator("html")).to_have_attribute("lang", "en" if way["language"] == "en" else "zh-Hans")


WAYS = {
    "phone, Chinese, dark, no scripts": {"width": 360, "language": "zh-hans", "dark": True, "javascript": False},
    "phone, English, dark, scripts": {"width": 360, "language": "en", "dark": True, "javascript": True},
    "desk, Chinese, light, scripts": {"width": 1280, "language": "zh-hans", "dark": False, "javascript": True},
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_whole_journey(open_page, session, pictures, way):
    candidate = factories.make_candidate(session, activated=False)
    site = session.region.sites.get()
    reviewer, region, staff = (
        factories.site_reviewer(site),
        factories.region_reviewer(session.region),
        factories.region_staff(session.region),
    )

    page = open_page(**way)
    activate(page, candidate, way)
    upload(page, "ID", pictures[0])
    upload(page, "ID", pictures[1])
    expect(page.locator("input[type=file]")).to_have_count(0)
    page.goto("/materials/")
    expect(item(page, "ID")).to_have_attribute("data-photos", "2")
    page.locator("[data-fold=done] summary").click()
    item(page, "ID").locator("form[action$='/delete/'] button").first.click()
    expect(item(page, "ID")).to_have_attribute("data-photos", "1")
    upload(page, "ID", pictures[2])
    upload(page, "EDU", pictures[3])
    looked_at(page, way)
    page.goto("/materials/submit/")
    looked_at(page, way)
    click(page, "/materials/submit/")
    expect(page).to_have_url(re.compile("/materials/receipt/1/$"))
    looked_at(page, way)
    page.goto("/materials/")
    for code in ("ID", "EDU", "EDUVER", "OTHER"):
        expect(item(page, code)).to_have_attribute("data-locked", "true")
    expect(page.locator("input[type=file], form[action$='/delete/']")).to_have_count(0)

    desk = open_page()
    sign_in(desk, "/admin/login/", reviewer.username, factories.PASSWORD)
    judge(desk, change="EDU")

    page.goto("/materials/")
    expect(page.locator("body")).to_have_attribute("data-application-status", "returned")
    looked_at(page, way)
    expect(item(page, "EDU")).to_have_attribute("data-locked", "false")
    expect(item(page, "EDU")).to_contain_text("右下角看不清")
    expect(item(page, "ID")).to_have_attribute("data-locked", "true")
    page.goto("/materials/submit/")
    expect(page.locator("form[action$='/materials/submit/']")).to_have_count(0)
    page.goto("/materials/")
    item(page, "EDU").locator("form[action$='/delete/'] button").first.click()
    expect(item(page, "EDU")).to_have_attribute("data-photos", "0")
    upload(page, "EDU", pictures[4])
    page.goto("/materials/submit/")
    click(page, "/materials/submit/")
    expect(page).to_have_url(re.compile("/materials/receipt/2/$"))

    judge(desk)
    page.goto("/materials/")
    expect(page.locator("body")).to_have_attribute("data-stage", "region")
    desk = open_page()
    sign_in(desk, "/admin/login/", region.username, factories.PASSWORD)
    judge(desk)
    assert Application.objects.get().status == "passed"
    page.goto("/materials/")
    expect(page.locator("body")).to_have_attribute("data-application-status", "submitted")

    now = timezone.now()
    call_command(
        "set_windows",
        session=session.code,
        closes=(now - timedelta(minutes=2)).isoformat(),
        corrections=(now - timedelta(minutes=1)).isoformat(),
    )
    desk = open_page()
    sign_in(desk, "/admin/login/", staff.username, factories.PASSWORD)
    publish(desk, session)
    with desk.expect_download() as download:
        desk.evaluate(f"location.href = '/admin/export/results.csv?session={session.code}&headers=code'")
    rows = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 2
    assert f"{candidate.registration_number}," in rows[1]
    assert ",passed," in rows[1]

    page.goto("/result/")
    expect(page.locator("body")).to_have_attribute("data-published", "true")
    expect(page.locator("body")).to_have_attribute("data-application-status", "passed")
    looked_at(page, way)


def publish(desk: Page, session: ExamSession) -> None:
    desk.goto(f"/admin/sessions/{session.code}/publish/")
    expect(desk.locator("#content")).to_contain_text("1")
    desk.locator("form button.default").click()
    desk.wait_for_load_state()
    session.refresh_from_db()
    assert session.published_at is not None
