"""Nobody's change silently replaces another's (docs/product.md, rule 10)."""

import re

import pytest

from candidates.models import Event
from candidates.services.events import Actor
from materials.models import Item
from review.models import Decision
from review.services import claims
from tests import factories

from . import desk

TYPED = "第三行的姓名与证件不一致"


def text_in(html: str, field: str) -> str:
    found = re.search(rf'<textarea id="{field}"[^>]*>\n?([^<]*)</textarea>', html)
    assert found is not None, f"no field {field}"
    return found.group(1).strip()


@pytest.fixture
def overtaken(application, at_site, at_site_too):
    """The version that the first reviewer still has on the screen, after the second gave a verdict."""
    version = desk.now_of(application).version
    desk.judge(at_site_too, application, "ID")
    claims.release(Actor(at_site_too), application.pk)
    return version


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("items/EDU/", {"verdict": "change_requested", "reason": "NO_SEAL"}, "note-verdict-EDU"),
        ("items/ID/", {"verdict": "accepted", "reason": "BLUR"}, "note-verdict-ID"),
        ("finish/", {"outcome": "pass"}, "note-finish"),
        ("finish/", {"outcome": "return"}, "note-finish"),
        ("finish/", {"outcome": "reject", "reason": "FALSE"}, "note-reject"),
        ("unlock/EDU/", {"reason": "NO_SEAL"}, "note-unlock-EDU"),
    ],
)
def test_what_happened_is_said_and_what_was_typed_is_kept(application, at_site, overtaken, path, fields, field) -> None:
    response = desk.press(desk.signed_in(at_site), application, path, version=overtaken, note=TYPED, **fields)

    assert response.status_code == 409
    html = response.content.decode()
    assert re.search(r"Meanwhile: Verdict given, by 李审核, on \d+ \w+ \d{4}, \d\d:\d\d:\d\d", html)
    assert text_in(html, field) == TYPED
    if reason := fields.get("reason"):
        select = re.search(rf'<select id="{field.replace("note", "reason")}".*?</select>', html, re.S)
        assert select is not None
        assert re.search(rf'value="{reason}"[^>]*selected', select.group())


def test_the_screen_is_fresh_and_the_same_form_goes_through_then(application, at_site, overtaken) -> None:
    client = desk.signed_in(at_site)
    fields = {"verdict": "change_requested", "reason": "NO_SEAL", "note": TYPED}
    html = desk.press(client, application, "items/EDU/", version=overtaken, **fields).content.decode()

    assert desk.marks(html, "ID")["verdict"] == "accepted"
    found = re.search(r'data-version="(\d+)"', html)
    assert found is not None
    assert int(found.group(1)) == desk.now_of(application).version == overtaken + 1
    assert desk.press(client, application, "items/EDU/", version=found.group(1), **fields).status_code == 303


def test_nothing_is_written(application, at_site, overtaken) -> None:
    client = desk.signed_in(at_site)
    events = Event.objects.count()
    desk.press(client, application, "items/EDU/", version=overtaken, verdict="accepted")
    desk.press(client, application, "finish/", version=overtaken, outcome="reject", reason="FALSE")
    desk.press(client, application, "unlock/EDU/", version=overtaken, reason="BLUR")

    assert not Item.objects.filter(application=application, category__code="EDU").exclude(verdict="pending").exists()
    assert not Decision.objects.exists()
    assert Event.objects.count() == events
    assert desk.now_of(application).version == overtaken + 1


@pytest.mark.parametrize("path", ["items/EDU/", "finish/", "unlock/EDU/"])
def test_a_form_that_is_gone_keeps_its_text_all_the_same(application, at_site, at_site_too, path) -> None:
    version = desk.now_of(application).version
    desk.accept_all(at_site_too, application)
    desk.finish(at_site_too, application, "pass")
    fields = {"verdict": "change_requested", "outcome": "return", "reason": "BLUR", "note": TYPED}
    response = desk.press(desk.signed_in(at_site), application, path, version=version, **fields)

    # The region's turn now: that it is, is what the reviewer must know.
    assert response.status_code == 409
    html = response.content.decode()
    assert "is with the region now" in html
    assert TYPED in html
    assert "What you typed" in html


def test_the_candidates_own_resubmission_makes_it_stale_too(application, at_site) -> None:
    desk.send_for_correction(at_site, application, "EDU")
    version = desk.now_of(application).version
    desk.resubmit(application, "EDU")
    response = desk.press(
        desk.signed_in(at_site), application, "unlock/ID/", version=version, reason="BLUR", note=TYPED
    )

    assert response.status_code == 409
    html = response.content.decode()
    assert "Meanwhile: Submitted" in html
    assert text_in(html, "note-unlock-ID") == TYPED


def test_typed_text_is_shown_inert(application, at_site, overtaken) -> None:
    note = "</textarea><script>alert(1)</script>"
    fields = {"verdict": "accepted", "note": note, "reason": "<b>"}
    html = desk.press(desk.signed_in(at_site), application, "items/EDU/", version=overtaken, **fields).content.decode()

    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;" in html


def test_a_second_press_of_the_same_finish_decides_once(session, application, at_site) -> None:
    factories.submitted(session, site=application.site)
    desk.accept_all(at_site, application)
    client, version = desk.signed_in(at_site), desk.now_of(application).version
    first = desk.press(client, application, "finish/", version=version, outcome="pass")
    second = desk.press(client, application, "finish/", version=version, outcome="pass")

    assert (first.status_code, second.status_code) == (303, 409)
    assert Decision.objects.count() == 1
