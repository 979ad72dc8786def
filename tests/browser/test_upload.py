"""Choosing and uploading with JavaScript: the list, its outcomes, what is made smaller, and who hears of it."""

import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FileChooser, Route, expect

from tests import factories, pictures
from tests.browser.uploading import MANY, lose, open_upload, stored_photos, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["open_upload"]

GOOD = ("good.jpg", factories.picture(1))
OTHER = ("other.jpg", factories.picture(2))
BROKEN = ("broken.jpg", factories.picture(3)[:4000])


def big(kind: str = "JPEG", **options: object) -> bytes:
    """A noisy photograph of 8 megapixels and several megabytes."""
    output = io.BytesIO()
    pictures.document(3264, 2448, noise=24).save(output, kind, **options)
    return output.getvalue()


@pytest.fixture
def candidate():
    return factories.make_candidate()


def test_several_at_once_each_with_its_outcome(open_upload, candidate):
    desk = open_upload(candidate)
    desk.choose(GOOD, BROKEN, OTHER)
    desk.expect_states("chosen", "chosen", "chosen")
    assert stored_photos(candidate) == []
    expect(desk.send).to_have_text("Upload 3 pictures")
    desk.send.click()
    desk.expect_states("done", "failed", "done")
    broken = desk.rows.nth(1)
    expect(broken).to_have_attribute("data-error", "corrupt")
    expect(broken).to_contain_text("damaged")
    expect(broken.get_by_role("button")).to_have_accessible_name("Remove: 2. broken.jpg")
    expect(desk.stored).to_have_count(2)
    expect(desk.page.locator("[data-item]")).to_have_attribute("data-photos", "2")
    expect(desk.page.locator("#upload")).to_contain_text("Pictures: 2, at most: 10")
    assert len(stored_photos(candidate)) == 2
    for sentence in (
        "3 pictures were put on the list",
        "1. good.jpg: the upload has begun.",
        "1. good.jpg: uploaded.",
        "2. broken.jpg: not uploaded. This picture is damaged",
        "3. other.jpg: uploaded.",
    ):
        desk.expect_announced(sentence)


def test_pictures_that_were_there_are_not_loaded_again(open_upload, candidate):
    factories.make_photo(candidate.application, MANY)
    desk = open_upload(candidate)
    expect(desk.stored.locator("img")).to_have_js_property("complete", True)
    seen: list[str] = []
    desk.page.on("request", lambda request: "/photos/" in request.url and seen.append(request.url))
    desk.page.reload()
    desk.upload(GOOD, OTHER)
    desk.expect_states("done", "done")
    expect(desk.stored).to_have_count(3)
    for picture in desk.stored.all():
        picture.scroll_into_view_if_needed()
        expect(picture.locator("img")).to_have_js_property("complete", True)
    assert len(seen) == len(set(seen)) == 3


def test_the_focus_stays_where_it_was_when_the_pictures_are_shown_anew(open_upload, candidate):
    factories.make_photo(candidate.application, MANY)
    desk = open_upload(candidate)
    held: list[Route] = []
    desk.answer_posts(held.append, held.append)
    desk.upload(GOOD, OTHER)
    for place, button in enumerate((desk.stored.nth(0).locator("[value=right]"), desk.stored.nth(0).locator("a"))):
        button.focus()
        wait_until(desk.page, lambda place=place: len(held) > place)
        held[place].continue_()
        expect(desk.stored).to_have_count(place + 2)
        expect(button).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_a_picture_can_be_turned_beside_it(open_upload, candidate, javascript):
    photo = factories.make_photo(candidate.application, MANY)
    desk = open_upload(candidate, javascript=javascript)
    for name in ("Turn left: picture 1", "Turn right: picture 1", "Turn right: picture 1"):
        desk.page.get_by_role("button", name=name).click()
        expect(desk.page.locator(f"[data-photo='{photo.pk}']")).to_have_count(0)
        (photo,) = stored_photos(candidate)
        expect(desk.stored.locator("img")).to_have_js_property("naturalWidth", photo.width)
    assert (photo.width, photo.height) == (200, 300)


def test_no_more_than_there_are_places(open_upload, candidate):
    factories.make_photo(candidate.application, "ID")  # takes two
    desk = open_upload(candidate, "ID")
    desk.choose(GOOD, OTHER, ("third.jpg", factories.picture(4)))
    desk.expect_states("chosen")
    note = "This item has room for 1 more. 2 of the pictures you chose were left out."
    expect(desk.page.locator("[data-note]")).to_have_text(note)
    desk.expect_announced(note)
    desk.choose(OTHER)
    desk.expect_states("chosen")
    expect(desk.page.locator("[data-note]")).to_contain_text("room for 0 more")
    desk.send.click()
    desk.expect_states("done")
    expect(desk.page.locator("input[type=file]")).to_have_count(0)
    expect(desk.page.locator("#upload")).to_contain_text("This item has its 2 pictures")
    expect(desk.page.locator(".item-head .chip")).to_have_text("Complete")


def test_a_place_taken_meanwhile_ends_it_for_all_that_are_left(open_upload, candidate):
    desk = open_upload(candidate, "ID")
    desk.choose(GOOD, OTHER)
    factories.make_photo(candidate.application, "ID")
    factories.make_photo(candidate.application, "ID")
    posts = desk.answer_posts()
    desk.send.click()
    desk.expect_states("failed", "failed")
    expect(desk.rows.nth(1)).to_have_attribute("data-error", "full")
    assert len(posts) == 1
    expect(desk.stored).to_have_count(2)
    expect(desk.page.locator("input[type=file]")).to_have_count(0)


def test_previews_are_upright_and_what_cannot_be_decoded_has_a_placeholder(open_upload, candidate):
    output = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right: the red left half belongs on top
    sideways = Image.new("RGB", (200, 100), "white")
    sideways.paste((255, 0, 0), (0, 0, 100, 100))
    sideways.save(output, "JPEG", exif=exif.tobytes())
    desk = open_upload(candidate)
    desk.choose(("sideways.jpg", output.getvalue()), ("IMG_1.HEIC", b"no browser decodes this"))
    row, other = desk.rows.nth(0), desk.rows.nth(1)
    expect(other.get_by_text("No preview")).to_be_visible()
    expect(other).to_contain_text("IMG_1.HEIC")
    expect(other).to_contain_text("1 KB")
    pixel = "(canvas, y) => [...canvas.getContext('2d').getImageData(96, y, 1, 1).data.slice(0, 3)]"
    red, green, _ = row.locator("canvas").evaluate(pixel, 20)
    assert (red > 200, green < 60) == (True, True)
    assert min(row.locator("canvas").evaluate(pixel, 170)) > 200
    assert "blob:" not in desk.page.content()


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 96}), ("PNG", {"compress_level": 0})], ids=["JPEG", "PNG"]
)
def test_a_far_too_big_picture_is_made_smaller_first(open_upload, candidate, kind, options):
    data = big(kind, **options)
    desk = open_upload(candidate)
    desk.upload((f"big.{kind.lower()}", data))
    desk.expect_states("done")
    expect(desk.rows).to_contain_text("made smaller before sending")
    (photo,) = stored_photos(candidate)
    assert photo.original_bytes < len(data) / 2
    assert photo.original_format == "jpeg"
    assert photo.width * photo.height <= 5_000_000


def test_transparency_becomes_white_when_a_picture_is_made_smaller(open_upload, candidate):
    image = pictures.document(2600, 2200, noise=24).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 2600, 1100))
    output = io.BytesIO()
    image.save(output, "PNG", compress_level=0)
    desk = open_upload(candidate)
    desk.upload(("clear.png", output.getvalue()))
    desk.expect_states("done")
    (photo,) = stored_photos(candidate)
    assert photo.original_format == "jpeg"
    with photo.file.open() as file, Image.open(file) as stored:
        assert min(stored.convert("RGB").getpixel((stored.width // 2, stored.height // 4))) > 245


def test_a_picture_of_few_bytes_or_few_pixels_is_sent_as_it_is(open_upload, candidate):
    few_pixels = io.BytesIO()
    pictures.document(1600, 1200).save(few_pixels, "PNG", compress_level=0)
    few_bytes = io.BytesIO()
    Image.new("RGB", (3000, 2000), "white").save(few_bytes, "JPEG")
    files = [few_pixels.getvalue(), few_bytes.getvalue()]
    assert len(files[0]) > 1_500_000 > len(files[1])
    desk = open_upload(candidate)
    desk.upload(("pixels.png", files[0]), ("bytes.jpg", files[1]))
    desk.expect_states("done", "done")
    assert [photo.original_bytes for photo in stored_photos(candidate)] == [len(data) for data in files]


def test_nothing_is_made_smaller_where_the_session_does_not_fit(open_upload):
    candidate = factories.make_candidate(factories.make_session(fit_oversized=False))
    desk = open_upload(candidate)
    desk.upload(("big.jpg", big(quality=96)))
    desk.expect_states("failed")
    expect(desk.rows).to_have_attribute("data-error", "too_large")
    expect(desk.rows).not_to_contain_text("made smaller")


def test_a_browser_that_falsifies_canvases_sends_the_original(open_upload, candidate):
    desk = open_upload(candidate)
    desk.page.add_init_script(
        "const read = CanvasRenderingContext2D.prototype.getImageData;"
        "CanvasRenderingContext2D.prototype.getImageData = function (...place) {"
        " const found = read.apply(this, place); found.data.fill(255); return found; };"
    )
    desk.page.reload()
    data = big(quality=96)
    desk.upload(("big.jpg", data))
    desk.expect_states("done")
    assert [photo.original_bytes for photo in stored_photos(candidate)] == [len(data)]


def test_by_keyboard_alone_and_the_focus_always_has_a_place(open_upload, candidate):
    desk = open_upload(candidate, width=360, touch=True)
    page = desk.page
    opened: list[FileChooser] = []
    page.on("filechooser", lambda chooser: opened.append(chooser))
    page.locator(".sources input").first.focus()
    page.keyboard.press("Tab")
    expect(page.locator("[name=photo]")).to_be_focused()
    page.keyboard.press("Space")
    wait_until(page, lambda: bool(opened))
    assert opened[0].is_multiple()
    desk.choose(GOOD, OTHER, ("third.jpg", factories.picture(4)))
    page.keyboard.press("Tab")
    expect(desk.rows.nth(0).get_by_role("button", name="Remove: 1. good.jpg")).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.rows.nth(0).get_by_role("button", name="Remove: 1. other.jpg")).to_be_focused()
    desk.expect_announced("1. good.jpg: taken off the list.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(desk.rows.nth(0).get_by_role("button", name="Remove: 1. other.jpg")).to_be_focused()
    page.keyboard.press("Tab")
    expect(desk.send).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Chosen pictures")).to_be_focused()
    desk.expect_states("done")
    page.set_input_files("[name=photo]", [])
    desk.choose(GOOD)
    desk.rows.get_by_role("button", name="Remove").press("Enter")
    expect(page.locator("[name=photo]")).to_be_focused()


def test_the_camera_has_its_own_button_on_a_phone(open_upload, candidate):
    desk = open_upload(candidate, width=360, touch=True)
    camera = desk.page.get_by_label("Take a photo")
    assert camera.get_attribute("capture") == "environment"
    assert camera.get_attribute("accept") == desk.page.get_by_label("Choose pictures").get_attribute("accept")
    camera.set_input_files([{"name": "image.jpg", "mimeType": "image/jpeg", "buffer": GOOD[1]}])
    desk.send.click()
    desk.expect_states("done")


@pytest.mark.parametrize(
    ("width", "language", "dark", "touch"),
    [(320, "zh-hans", False, True), (1280, "en", True, False)],
    ids=["narrow, light, Chinese", "wide, dark, English"],
)
def test_every_state_is_accessible(open_upload, candidate, width, language, dark, touch):
    factories.make_photo(candidate.application, MANY)
    desk = open_upload(candidate, width=width, language=language, dark=dark, touch=touch)
    page = desk.page

    def check() -> None:
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        buttons = page.locator("#upload :is(button, .source, a.button), [data-photo] button").all()
        boxes = [box for button in buttons if (box := button.bounding_box())]
        assert min(min(box["width"], box["height"]) for box in boxes) >= 44

    check()
    desk.choose(GOOD, BROKEN, ("third.jpg", factories.picture(4)))
    check()
    held = []
    desk.answer_posts(held.append, held.append, lose, lose, lose, lose)
    desk.send.click()
    desk.expect_states("sending", "waiting", "waiting")
    check()
    held[0].continue_()
    desk.expect_states("done", "sending", "waiting")
    held[1].continue_()
    expect(desk.rows.nth(2)).to_have_attribute("data-state", re.compile("pausing|failed"))
    check()


def test_without_javascript_the_plain_form_does_it(open_upload, candidate):
    desk = open_upload(candidate, javascript=False)
    expect(desk.page.locator("input[type=file]")).to_have_count(1)
    desk.upload(GOOD, BROKEN)
    expect(desk.page.locator("[role=alert] [data-error=corrupt]")).to_contain_text("broken.jpg")
    expect(desk.stored).to_have_count(1)
