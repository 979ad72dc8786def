"""The receipt as a PDF (materials/receipts): what it says, in both languages, on one page, and whose it is."""

import io
import re

import pypdf
import pypdfium2
import pytest
import zxingcpp
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from candidates.enums import DraftsAtClose
from candidates.models import Candidate
from materials.models import Application, Photo, Submission
from materials.receipts.pdf import printable
from materials.services.closing import count_drafts
from tests import factories

pytestmark = pytest.mark.django_db

ADDRESS = "/materials/receipt/1/receipt.pdf"


@pytest.fixture
def application(client: Client) -> Application:
    """Handed in with fifteen pictures, as many as a usual submission has; their candidate is signed in."""
    application = factories.draft(name="张䶮𬭚")
    for code, number in (("ID", 2), ("EDU", 4), ("OTHER", 9)):
        for _ in range(number):
            factories.make_photo(application, code)
    factories.submit(application)
    client.force_login(application.candidate.user)
    return application


def opened(answer) -> pypdf.PdfReader:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return pypdf.PdfReader(io.BytesIO(answer.content))


def text_of(answer) -> str:
    """As a program reads it, without spaces: sums are broken into lines."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in opened(answer).pages))


def english(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"


def test_what_counted_at_the_close_says_so_on_paper_and_on_the_page(client):
    session = factories.make_session(drafts_at_close=DraftsAtClose.COUNT)
    application = factories.draft(session)
    factories.fill(application)
    session.closes_at = timezone.now()
    session.save()
    count_drafts(session)
    application.refresh_from_db()
    factories.review(application, "return", ask=["EDU"])
    client.force_login(application.candidate.user)
    assert "上传截止时草稿材料齐全，视为已提交" in text_of(client.get(ADDRESS))
    assert "上传截止时草稿材料齐全，视为已提交" in client.get("/materials/receipt/1/").content.decode()


def test_one_page_with_number_time_and_every_sum(client, application):
    submission = Submission.objects.get()
    answer = client.get(ADDRESS)
    text = text_of(answer)
    assert len(opened(answer).pages) == 1
    assert len(answer.content) < 500_000
    for words in (
        "报名材料提交回执",
        submission.receipt_number,
        "张䶮𬭚",
        "(UTC+08:00)",
        "生成本文件时，这是最新一次提交",
    ):
        assert words in text
    sums = [photo["sha256"] for entry in submission.manifest for photo in entry["photos"]]
    assert len(sums) == 15
    assert [sum_ for sum_ in sums if sum_ not in text] == []
    for place in ("身份证明1/2", "毕业证书4/4", "其他材料9/9"):
        assert place in text


def test_the_id_number_is_masked(client, application):
    text = text_of(client.get(ADDRESS))
    number = application.candidate.id_number
    assert number not in text
    assert f"{number[:3]}*************{number[-2:]}" in text


def test_in_english(client, application):
    english(client)
    text = text_of(client.get(ADDRESS))
    for words in ("Receiptofasubmission", "Identitydocument1/2", "Checkcode", "张䶮𬭚"):
        assert words in text
    assert "回执" not in text


@pytest.mark.both_stores
def test_the_thumbnails_are_in_it_byte_for_byte(client, application):
    images = opened(client.get(ADDRESS)).pages[0].images
    inside = {image.indirect_reference.get_object()._data for image in images}
    stored = set()
    for photo in Photo.objects.all():
        with photo.thumb.open("rb") as file:
            stored.add(file.read())
    assert inside == stored
    assert len(stored) == 15


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_its_qr_code_leads_to_the_good_answer(client, application, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with pypdfium2.PdfDocument(client.get(ADDRESS).content) as document:
        (code,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil())
    assert code.text.startswith("http://testserver/receipts/check/?number=")
    answer = Client().get(code.text.removeprefix("http://testserver"))
    assert 'data-genuine="true"' in answer.content.decode()


def test_a_reader_for_the_blind_finds_its_way(client, application):
    catalogue = opened(client.get(ADDRESS)).root_object
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith("zh")


def test_the_same_receipt_is_the_same_file(client, application):
    answer = client.get(ADDRESS)
    assert answer.content == client.get(ADDRESS).content
    assert "/CreationDate" not in opened(answer).metadata


def test_it_is_kept_by_nobody_and_has_a_plain_name(client, application):
    answer = client.get(ADDRESS)
    number = Submission.objects.get().receipt_number
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{number}.pdf"'
    assert answer["Cache-Control"] == "private, no-store"


def test_an_earlier_one_says_so_and_shows_what_is_left(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    old = application.items.get(category__code="EDU").photos.get()
    client.post(f"/materials/EDU/photos/{old.pk}/delete/")
    factories.make_photo(application, "EDU")
    client.post("/materials/submit/")
    answer = client.get(ADDRESS)
    assert "此后已有新的提交（第2次）" in text_of(answer)
    assert old.sha256 in text_of(answer)
    assert "之后已替换" in text_of(answer)
    assert len(opened(answer).pages[0].images) == 2
    assert "生成本文件时，这是最新一次提交" in text_of(client.get("/materials/receipt/2/receipt.pdf"))


def test_replies_and_marks_are_on_it(client):
    application = factories.returned(codes=["EDU"])
    client.force_login(application.candidate.user)
    client.post("/materials/EDU/reply/", {"reply": "原件在学校，\r\n附说明。#panic() $x$"})
    client.post("/materials/submit/")
    text = text_of(client.get("/materials/receipt/2/receipt.pdf"))
    assert "毕业证书:您的回复:原件在学校，附说明。#panic()$x$" in text


@pytest.mark.parametrize("name", ["𠮷野", "Ali‮abc", "阿卜杜\u0001", "😀", "مرحبا", "<b>#x</b>"])
def test_no_name_is_an_error(client, name):
    application = factories.draft(name=name)
    factories.submit(application)
    client.force_login(application.candidate.user)
    assert opened(client.get(ADDRESS)).pages


def test_what_the_font_lacks_is_written_as_its_code():
    assert printable("张䶮𬭚𠮷\n·A") == "张䶮𬭚[U+20BB7]\n·A"


def test_many_pictures_go_on_on_further_pages(client):
    application = factories.draft()
    for code, number in (("ID", 2), ("EDU", 4), ("OTHER", 10)):
        for _ in range(number):
            factories.make_photo(application, code)
    factories.CategoryFactory(session=application.session, code="MORE", max_photos=50, requirement="optional")
    for _ in range(40):
        factories.make_photo(application, "MORE")
    submission = factories.submit(application)
    client.force_login(application.candidate.user)
    answer = client.get(ADDRESS)
    assert len(opened(answer).pages) > 1
    text = text_of(answer)
    assert all(photo["sha256"] in text for entry in submission.manifest for photo in entry["photos"])


@pytest.mark.both_stores
def test_a_thumbnail_that_is_gone_leaves_its_place(client, application):
    photo = Photo.objects.first()
    photo.thumb.storage.delete(photo.thumb.name)
    assert "无缩略图" in text_of(client.get(ADDRESS))


@pytest.mark.both_stores
def test_a_store_that_does_not_answer(client, application, store, monkeypatch):
    def fail(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(store, "_open", fail)
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_not_yours_or_not_there(client, application):
    other = factories.draft(application.session)
    client.force_login(other.candidate.user)
    assert client.get(ADDRESS).status_code == 404
    client.force_login(application.candidate.user)
    assert client.get("/materials/receipt/2/receipt.pdf").status_code == 404
    assert Client().get(ADDRESS).status_code == 302


def test_as_many_queries_for_fifteen_pictures_as_for_three(client, application):
    few = factories.submitted()
    numbers = []
    for candidate in (application.candidate, Candidate.objects.get(pk=few.candidate_id)):
        client.force_login(candidate.user)
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 7
