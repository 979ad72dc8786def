"""Strings that break things, typed into every field of every form (docs/quality.md, 25).

Each is stored and shown inert, or refused with a sentence: no answer is an error of ours, and no page has one of them
as anything but text.
"""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from candidates.enums import MessageKind
from candidates.models import Candidate, Delivery
from candidates.services.events import Actor
from candidates.services.messages import send_waiting, tell
from materials.models import Application
from materials.services.submission import reply_to_request
from tests import factories
from tests.candidates.staff_pages import change_address
from tests.review import desk
from tests.test_access import Cast, rows

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
NAUGHTY = {
    "markup": SCRIPT + """\"'><img src=x onerror=alert(1)>{{ request.user.password }}{% debug %}%(name)s'; DROP --""",
    "odd characters": "\u202egnp.exe\u202c\u2066\u200f𠮷𬭚👩\u200d⚕️",
    "lines": "=a\r\nBcc: everybody@example.com\r\n\r\n.\r\n",
    "long": "长" * 10_000,
}
NUL = "a\0b"
#: What must be in no page as it was typed: the rest is harmless as text.
LIVE = (SCRIPT, "<img src=x")


class Forms(HTMLParser):
    """The forms of a page that POST, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str], list[str]]] = []
        self._fields: dict[str, str] | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self._fields = {}
            if given.get("method", "").lower() == "post":
                self.forms.append((given.get("action", ""), self._fields, []))
        elif self._fields is None or not self.forms:
            return
        elif tag == "textarea" or (tag == "input" and given.get("type", "text") in TYPED):
            self.forms[-1][2].append(name)
        elif tag == "input" and given.get("type") not in ("file", "radio", "checkbox", "submit"):
            self._fields[name] = given.get("value", "")
        elif tag in ("input", "button") and name and name not in self._fields and given.get("type") != "file":
            self._fields[name] = given.get("value", "on")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._fields or "selected" in given):
            self._fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""


TYPED = ("text", "password", "email", "number", "tel", "url", "search", "datetime-local", "date")


def looked_at(answer: Any, where: str) -> str:
    assert answer.status_code < 500, where
    if answer.streaming or "html" not in answer.get("Content-Type", ""):
        return ""
    html = answer.content.decode()
    for live in LIVE:
        assert live not in html, where
    return html


def pages(cast: Cast) -> list[tuple[str, str]]:
    """Who opens which page, once for each page: the first of these who may."""
    found = []
    roles = ["nobody", "owner", "new", "site1", "region1", "staff1", "lead1", "admin"]
    columns = ["nobody", "new", "owner", "other", "site1", "site2", "region1", "staff1", "lead1", "staff2", "admin"]
    for method, name, statuses in rows():
        may = [role for role in roles if statuses[columns.index(role)] == 200]
        if method == "GET" and may:
            # Of the candidate whose materials were returned, and staff with the most to type.
            found += [(role, cast.address(name)) for role in {may[0], may[-1]}]
    records = [cast.session, cast.application, cast.application.candidate, cast.application.site, cast.session.region]
    found += [("admin", change_address(record)) for record in [*records, cast.users["site1"]]]
    models = ["candidates_candidate", "materials_application", "candidates_event", "candidates_user",
              "candidates_delivery", "review_decision", "materials_reason"]  # fmt: skip
    return found + [("admin", reverse(f"admin:{model}_changelist")) for model in models]


@pytest.fixture
def cast() -> Cast:
    cast = Cast()
    factories.ReasonFactory(code="BLUR")
    desk.send_for_correction(cast.users["site1"], cast.application, "EDU")
    return cast


@pytest.mark.parametrize("text", [*NAUGHTY.values(), NUL], ids=[*NAUGHTY, "NUL"])
def test_typed_into_every_field_of_every_form(cast, text):
    sent = 0
    for role, address in pages(cast):
        client = cast.client(role)
        html = looked_at(client.get(address), f"{address} by {role}")
        for action, fields, typed in Forms(html).forms:
            if typed and "logout" not in action:
                data = fields | dict.fromkeys(typed, text)
                where = f"form {action or address} by {role}: {typed}"
                looked_at(cast.client(role).post(action or address, data, follow=True), where)
                sent += 1
        looked_at(client.get(address, {"q": text, "next": text, "number": text, "code": text}), f"{address}?q=…")
    assert sent > 20


@pytest.mark.parametrize("text", NAUGHTY.values(), ids=NAUGHTY)
def test_stored_and_shown_inert(text, settings):
    session = factories.make_session(codes=("ID", "EDU", "OTHER"), title_zh=text[:100], contact=text[:100])
    application = factories.submitted(session, name=text[:50])
    factories.ReasonFactory(code="BLUR", name_zh=text[:50], sentence_zh=text[:100])
    reviewer = factories.site_reviewer(application.site, name=text[:50])
    desk.send_for_correction(reviewer, application, "EDU", note=text[:200])
    candidate = Candidate.objects.get(pk=application.candidate_id)
    reply_to_request(Actor(candidate.user), candidate, "EDU", text[:200])
    tell(candidate, MessageKind.CIRCULAR, title_zh=text[:60], title_en=text[:60], text_zh=text, text_en=text)
    send_waiting()

    owner, staff = Client(), desk.signed_in(factories.region_staff(session.region))
    owner.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    for name in ("registration", "materials", "submit", "messages", "timeline", "result", "password"):
        looked_at(owner.get(reverse(name)), name)
    looked_at(owner.get("/materials/EDU/"), "EDU")
    assert owner.get("/materials/receipt/1/receipt.pdf").status_code == 200
    looked_at(staff.get(desk.address(application)), "review")
    for record in (application, candidate, session):
        looked_at(staff.get(change_address(record)), "record")
    for name in ("setup", "progress", "messages", "reviews", "publish", "export"):
        looked_at(staff.get(reverse(f"staff_{name}", args=[session.code])), name)
    for model in ("candidates_candidate", "materials_application", "candidates_event", "candidates_delivery"):
        looked_at(staff.get(reverse(f"admin:{model}_changelist")), model)
    looked_at(Client().get("/"), "home")
    rows_of_csv = b"".join(staff.get(f"/admin/export/results.csv?session={session.code}")).decode("utf-8-sig")
    assert not any(cell.startswith("=") for line in rows_of_csv.splitlines() for cell in line.split(","))
    for delivery in Delivery.objects.all():
        assert "\n" not in delivery.subject


def test_a_file_name_of_any_kind(cast):
    client = cast.client("other")
    for text in [*NAUGHTY.values(), NUL]:
        picture = SimpleUploadedFile("a.jpg", factories.picture())
        picture.name = text[:150].replace("/", "_") + ".jpg"
        looked_at(client.post("/materials/OTHER/", {"photo": picture}, follow=True), "upload")
    assert (
        Application.objects.get(candidate__user=cast.users["other"]).items.get(category__code="OTHER").photos.count()
        == 1
    )
