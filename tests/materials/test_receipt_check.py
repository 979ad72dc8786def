"""Anyone checks a receipt: the QR code, the page it leads to, and what that page never says."""

import html
import re

import pytest
import typst
import zxingcpp
from django.conf import settings
from django.test import Client
from PIL import Image

from materials.models import Application, Submission
from materials.receipts.codes import check_code, is_genuine
from tests import factories

pytestmark = pytest.mark.django_db

PAGE = "/receipts/check/"


@pytest.fixture
def application() -> Application:
    return factories.submitted(name="欧阳测试")


@pytest.fixture
def number(application: Application) -> str:
    return application.submissions.get().receipt_number


def ask(number: str, code: str, **cookies: str) -> str:
    client = Client()
    client.cookies.load(cookies)
    answer = client.get(PAGE, {"number": number, "code": code})
    assert answer.status_code == 200
    return answer.content.decode()


def main_of(page: str) -> str:
    """What the page says, without the form that repeats what was typed."""
    return re.sub(r"<form.*?</form>", "", page.partition("<main")[2], flags=re.DOTALL)


def test_genuine(application, number):
    page = main_of(ask(number, check_code(number)))
    assert 'data-genuine="true"' in page
    for words in (number, "第1次", "2026年医师资格考试", "(UTC+08:00)", "最新一次提交"):
        assert words in page
    assert re.search(r"提交图片数</dt>\s*<dd[^>]*>\s*3\s*</dd>", page)


def test_in_english(application, number):
    page = main_of(ask(number, check_code(number), **{settings.LANGUAGE_COOKIE_NAME: "en"}))
    for words in ("This receipt is genuine", "Medical licensing exam 2026", "newest submission"):
        assert words in page


def test_says_nothing_about_the_person(application, number):
    candidate = application.candidate
    page = ask(number, check_code(number))
    hidden = (candidate.name, candidate.id_number, candidate.id_number[-4:], candidate.phone, candidate.site.name_zh)
    assert [words for words in hidden if words in page.replace(number, "")] == []
    assert "身份证明" not in page
    assert "data-photo" not in page
    # The receipt's number begins with it, and that is what was brought along.
    assert candidate.registration_number not in page.replace(number, "")


def test_an_earlier_round_is_genuine_and_not_the_newest():
    application = factories.returned(codes=["EDU"])
    first = application.submissions.get().receipt_number
    factories.make_photo(application, "EDU")
    factories.submit(application)
    page = main_of(ask(first, check_code(first)))
    assert 'data-genuine="true"' in page
    assert "此后已有新的提交：第2次" in page
    assert "最新一次提交" not in page


def test_every_kind_of_wrong_has_one_answer_and_asks_the_database_nothing(
    application, number, django_assert_num_queries
):
    other = factories.submitted(application.session).submissions.get().receipt_number
    code = check_code(number)
    wrong = [
        (number, check_code(other)),
        (other, code),
        (number, code[:-1] + ("0" if code[-1] != "0" else "1")),
        (number, code[:-1]),
        (number, code + "0"),
        (number, "x"),
        (number[:-1] + "2", code),
        (f"{number[:-1]}99999999999999", code),
        ("nothing", "nothing"),
        ("-", "-"),
        ("𠮷野", "二维码"),
    ]
    with django_assert_num_queries(0):
        answers = {main_of(ask(*pair)) for pair in wrong}
    assert len(answers) == 1
    assert 'data-genuine="false"' in answers.pop()


def test_a_submission_that_never_was(application, number):
    """A right code of a number that is not there: as it is once a record was removed."""
    number = f"{number[:-1]}2"
    assert 'data-genuine="false"' in ask(number, check_code(number))


@pytest.mark.parametrize(
    "retyped",
    [str.lower, lambda c: c.replace("-", " "), lambda c: c.replace("0", "O").replace("1", "l"), lambda c: f" {c} "],
)
def test_typed_as_people_type(application, number, retyped):
    assert 'data-genuine="true"' in ask(number.lower(), retyped(check_code(number)))


def test_full_width_characters(application, number):
    def wide(text: str) -> str:
        return "".join(chr(ord(character) + 0xFEE0) for character in text)

    assert 'data-genuine="true"' in ask(wide(number), wide(check_code(number)))


def test_the_page_alone_and_with_half_of_it(application, number):
    page = Client().get(PAGE).content.decode()
    assert "data-genuine" not in page
    assert 'name="number"' in page
    assert 'name="code"' in page
    assert "data-genuine" not in ask(number, "")


def test_a_code_has_eighty_bits_and_is_no_neighbour_of_the_next():
    codes = {check_code(f"TJ26000001-{number}") for number in range(1, 500)}
    assert len(codes) == 499
    assert all(re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)


def test_receipts_of_an_older_key_still_check(settings):
    settings.FIELD_KEYS = ["the key of last year"]
    old = check_code("TJ26000001-1")
    settings.FIELD_KEYS = ["the key of this year", "the key of last year"]
    assert check_code("TJ26000001-1") != old
    assert is_genuine("TJ26000001-1", old)
    assert is_genuine("TJ26000001-1", check_code("TJ26000001-1"))
    settings.FIELD_KEYS = ["the key of this year"]
    assert not is_genuine("TJ26000001-1", old)


def test_the_code_on_the_page_leads_to_the_good_answer(client, application, tmp_path):
    client.force_login(application.candidate.user)
    page = client.get("/materials/receipt/1/").content.decode()
    drawing = re.search(r'<svg[^>]*class="qr".*?</svg>', page, re.DOTALL)[0]
    assert "style=" not in drawing
    # Drawn by another program than the one that made it, as a browser draws it.
    source = b'#set page(width: 8cm, height: 8cm, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    svg = drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    typst.compile(source, output=str(tmp_path / "qr.png"), format="png", sys_inputs={"svg": svg})
    with Image.open(tmp_path / "qr.png") as image:
        (found,) = zxingcpp.read_barcodes(image)
    assert found.text == html.unescape(re.search(r'<a href="([^"]+)" class="qr-link"', page)[1])
    answer = Client().get(found.text.removeprefix("http://testserver"))
    assert 'data-genuine="true"' in answer.content.decode()
    assert Submission.objects.get().receipt_number in answer.content.decode()
