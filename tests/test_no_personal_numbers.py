"""ID numbers, phones and names in requests that fail: in no log, page, address or event (docs/quality.md, 26)."""

import io
import logging
import re
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import get_exception_reporter_filter

from candidates.models import Candidate
from exam_portal import embedded
from exam_portal.logs import PersonalFormatter, without_numbers
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.candidates.test_roster import csv, row
from tests.erasure.test_purge import as_text

pytestmark = pytest.mark.django_db
NUMBER, PHONE, NAME = factories.id_number(7), "13912345678", "欧阳不群"
PERSONAL = (NUMBER, PHONE, NAME)


@pytest.fixture
def log():
    """All that is logged, as it is written: through the formatter that the settings name."""
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one.formatter, PersonalFormatter)]
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture
def candidate():
    return factories.make_candidate(id_number=NUMBER, phone=PHONE, name=NAME, activated=False)


def broken(client=None):
    client = client or Client()
    client.raise_request_exception = False
    return client


def boom(*_, **values):
    """Fails as code fails: saying what it was given, while that is in its variables."""
    number, phone = NUMBER, PHONE
    raise ValueError(f"{number} and {phone} of {values} do not fit")


def nothing_of(text: str, *personal: str) -> None:
    assert [one for one in personal or PERSONAL if one in text] == []


def test_failed_sign_ins(candidate, log):
    client = broken()
    answers = [
        client.post("/login/", {"username": NUMBER, "password": "wrong"}),
        client.post("/login/", {"username": candidate.registration_number, "password": factories.id_number(8)}),
        client.post("/login/", {"username": PHONE, "password": NUMBER}),
        client.post("/login/sms/", {"username": NUMBER}),
        client.post("/password/forgotten/", {"username": PHONE}),
        client.post("/admin/login/", {"username": NUMBER, "password": NUMBER}),
    ]

    assert "AXES" in log.getvalue()
    nothing_of(log.getvalue(), *PERSONAL, factories.id_number(8))
    for answer in answers:
        # What was typed stands in its field again, on the page of whoever typed it; nowhere else.
        nothing_of(re.sub('<input[^>]*name="username"[^>]*>', "", answer.content.decode()), NUMBER)
        nothing_of(answer.headers.get("Location", ""))
    nothing_of(re.sub(r"candidates_candidate: .*", "", as_text()), NUMBER, PHONE)


def test_a_page_that_breaks(candidate, log, monkeypatch):
    monkeypatch.setattr("candidates.admin_forms.with_id_number", boom)
    monkeypatch.setattr("candidates.backends.is_hash_of", boom)
    staff = broken(signed_in(factories.administrator()))

    for answer in (
        staff.post("/admin/candidates/candidate/find/", {"id_number": NUMBER}),
        broken().post("/login/", {"username": candidate.registration_number, "password": NUMBER}),
    ):
        assert answer.status_code == 500
        nothing_of(answer.content.decode())
    assert log.getvalue().count("ValueError") >= 2
    nothing_of(log.getvalue())


def test_a_database_that_refuses_a_row(candidate, log):
    """Its error repeats the row: names and all."""
    with pytest.raises(IntegrityError, match=NAME) as refused, transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(track="none such")
    logging.getLogger("some.module").error("could not save %s", NUMBER, exc_info=refused.value)

    assert "IntegrityError" in log.getvalue()
    assert "DETAIL: …" in log.getvalue()
    nothing_of(log.getvalue())


def test_a_roster_with_faults(log):
    session = factories.make_session()
    staff = broken(signed_in(factories.region_staff(session.region)))
    file = csv(row(1, id_number=NUMBER, site="XX", phone=PHONE, name=NAME), row(2, id_number="123"))

    data = {"file": SimpleUploadedFile("r.csv", file), "act": "check"}
    answer = staff.post(reverse("staff_roster", args=[session.code]), data)

    assert "XX" in answer.content.decode()
    nothing_of(log.getvalue())
    nothing_of(as_text(), NUMBER, PHONE)


ADDRESSES = [f"/{NUMBER}/", f"/materials/{NUMBER}/", f"/admin/candidates/{PHONE}/", f"/login/?next=/{NUMBER}"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_somebody_made_of_numbers(log, address):
    answer = broken().get(address)

    nothing_of(log.getvalue())
    assert answer.status_code < 500


def test_pages_of_the_portal_have_no_such_address(candidate):
    """Every link and form of pages about the candidate: none names the person."""
    staff = signed_in(factories.administrator())
    lists = ("admin:candidates_candidate_changelist", "admin:materials_application_changelist")
    one = reverse("admin:candidates_candidate_change", args=[candidate.pk])
    for address in (*map(reverse, lists), one):
        page = staff.get(address).content.decode()
        nothing_of(" ".join(re.findall(r'(?:href|action|src)="([^"]*)"', page)))
        nothing_of(page, NUMBER, PHONE)


def test_nothing_leaves_in_a_report_either():
    """What a mail to an operator, or a service for reports that asks Django, would be made of."""
    request = RequestFactory().post("/login/", {"password": NUMBER, "phone": PHONE})
    filtered = get_exception_reporter_filter(request)
    try:
        boom(name=NAME)
    except ValueError:
        frames = []
        traceback = sys.exc_info()[2]
        while traceback:
            frames.append(traceback.tb_frame)
            traceback = traceback.tb_next

    assert set(filtered.get_post_parameters(request)) == {"password", "phone"}
    nothing_of(str(filtered.get_post_parameters(request)))
    for frame in frames[1:]:
        variables = filtered.get_traceback_frame_variables(request, frame)
        assert variables
        nothing_of(str(variables))


TEXTS = {
    f"Not Found: /{NUMBER}/": "Not Found: /…/",
    f"phone={PHONE}, 2026-11-24 20:43:56": "phone=…, 2026-11-24 20:43:56",
    "+86 139 1234 5678": "…",
    "１３９１２３４５６７８": "…",
    "63fabfa4-9186-46e0-a38b-38900a56744c": "63fabfa4-9186-46e0-a38b-38900a56744c",
    "12345678-1234-4123-8123-123456789012": "12345678-1234-4123-8123-123456789012",
    "delivery 1234567 failed at attempt 3: HTTP 503": "delivery 1234567 failed at attempt 3: HTTP 503",
    "broken\nDETAIL:  Failing row contains (张三,\n李四).\n\nThe above": "broken\nDETAIL: …\n\nThe above",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_left_out_of_a_line(text):
    assert without_numbers(text) == TEXTS[text]


def test_the_log_of_the_database_repeats_no_rows():
    """Of the embedded one; of any other docs/operations.md says so."""
    assert embedded.SETTINGS["log_error_verbosity"] == "terse"
    assert embedded.SETTINGS["log_min_error_statement"] == "panic"
