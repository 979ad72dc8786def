"""Checking, the receipt on screen and on paper, and the public page, in a real Chromium."""

import io
import re

import pypdf
import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from materials.models import Application, Submission
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, application: Application) -> None:
    page.goto("/login/")
    page.fill("[name=username]", application.candidate.registration_number)
    page.fill("[name=password]", factories.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()


def complaints_of_axe(page: Page) -> list[str]:
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in Axe().run(page).response["violations"]]


@pytest.fixture
def fifteen() -> Application:
    """Handed in with fifteen pictures of eight items, one of them marked as not applicable."""
    session = factories.make_session(codes=("ID", "EDU", "EDUVER", "TRIAL", "ORG", "EMPLOY", "MIL", "OTHER"))
    session.categories.update(levels=[], tracks=[], flags_any=[], max_photos=9)
    application = factories.draft(session, name="欧阳䶮𬭚")
    for code, number in (("ID", 2), ("EDU", 3), ("EDUVER", 1), ("TRIAL", 4), ("ORG", 1), ("EMPLOY", 1), ("MIL", 3)):
        for _ in range(number):
            factories.make_photo(application, code)
    application.items.create(category=session.categories.get(code="OTHER"), not_applicable=True)
    factories.submit(application)
    return application


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_fifteen_pictures_print_on_one_page(open_page, fifteen, language, javascript):
    page = open_page(language=language, javascript=javascript)
    sign_in(page, fifteen)
    page.goto("/materials/receipt/1/", wait_until="networkidle")
    paper = page.pdf(prefer_css_page_size=True)
    reader = pypdf.PdfReader(io.BytesIO(paper))
    assert len(reader.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]] == [210, 297]
    with pypdfium2.PdfDocument(paper) as document:
        text = "".join(document[0].get_textpage().get_text_bounded().split())
        (code,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    submission = Submission.objects.get()
    sums = [photo["sha256"] for entry in submission.manifest for photo in entry["photos"]]
    assert len(sums) == 15
    assert [sum_ for sum_ in sums if sum_ not in text] == []
    assert submission.receipt_number in text
    assert "(UTC+08:00)" in text, "the page's foot, which names the time zone, is not printed"
    assert "欧阳䶮𬭚" in text
    assert "/receipts/check/?number=" in code.text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_code_on_the_screen_is_read_and_leads_to_the_good_answer(open_page, fifteen, width, dark):
    page = open_page(width=width, dark=dark)
    sign_in(page, fifteen)
    page.goto("/materials/receipt/1/")
    picture = Image.open(io.BytesIO(page.locator(".qr").screenshot())).convert("L")
    assert picture.getpixel((8, 8)) == 255, "the margin is as light as a scanner wants it"
    (code,) = zxingcpp.read_barcodes(picture)
    stranger = open_page(width=width, dark=dark)
    stranger.goto(code.text)
    expect(stranger.locator("[data-genuine]")).to_have_attribute("data-genuine", "true")
    expect(stranger.locator("main")).not_to_contain_text("欧阳")
    assert complaints_of_axe(stranger) == []


def test_typed_by_hand(open_page, fifteen):
    page = open_page(width=360)
    sign_in(page, fifteen)
    page.goto("/materials/receipt/1/")
    code = page.locator(".check-code").inner_text()
    stranger = open_page(width=360, javascript=False)
    stranger.goto("/receipts/check/")
    stranger.fill("[name=number]", Submission.objects.get().receipt_number)
    stranger.fill("[name=code]", code.lower().replace("-", " "))
    stranger.locator("main button").click()
    expect(stranger.locator("[data-genuine]")).to_have_attribute("data-genuine", "true")
    stranger.fill("[name=code]", "0000")
    stranger.locator("main button").click()
    expect(stranger.locator("[data-genuine]")).to_have_attribute("data-genuine", "false")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_that_axe_finds(open_page, fifteen, dark):
    page = open_page(width=360, dark=dark)
    sign_in(page, fifteen)
    page.goto("/materials/receipt/1/")
    page.locator("summary").first.click()
    assert complaints_of_axe(page) == []
    missing = factories.draft(fifteen.session)
    photo = factories.make_photo(missing, "ID")
    photo.warnings = ["blurred"]
    photo.save()
    page = open_page(width=360, dark=dark)
    sign_in(page, missing)
    page.goto("/materials/submit/")
    assert complaints_of_axe(page) == []
    factories.fill(missing)
    page.reload()
    assert complaints_of_axe(page) == []


@pytest.mark.parametrize("address", ["/materials/submit/", "/materials/receipt/1/", "/receipts/check/"])
def test_nothing_is_wider_than_a_narrow_phone(open_page, fifteen, address):
    application = fifteen
    if "submit" in address:
        application = factories.draft(fifteen.session)
        factories.make_photo(application, "ID")
    page = open_page(width=320)
    sign_in(page, application)
    page.goto(address)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_the_summary_leads_to_its_item(open_page, fifteen):
    application = factories.draft(fifteen.session)
    page = open_page(width=360)
    sign_in(page, application)
    page.goto("/materials/submit/")
    page.locator("#missing + ul a").nth(1).click()
    expect(page.locator("#item-EDU")).to_be_in_viewport()
    expect(page.locator("#item-EDU")).to_be_focused()
    page.locator("#item-EDU a.button").click()
    expect(page).to_have_url(re.compile("/materials/EDU/#upload$"))
