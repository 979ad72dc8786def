"""The review screen: what it shows, to whom, at what cost (docs/contract.md, "Marks in the HTML")."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidates.models import Event
from candidates.services.events import Actor
from materials.models import Application, Photo
from review.models import Claim
from review.services import claims
from tests import factories

from . import desk

pytestmark = pytest.mark.django_db
POSTS = ["claim/", "release/", "items/ID/", "finish/", "unlock/ID/"]


def test_the_marks_of_the_contract(application, at_site) -> None:
    desk.judge(at_site, application, "ID")
    html = desk.page(desk.signed_in(at_site), application)

    version = desk.now_of(application).version
    assert re.search(rf'data-application="{application.pk}"\s+data-version="{version}"', html)
    found = desk.marks(html, "ID")
    assert found == {"item": "ID", "locked": "true", "verdict": "accepted", "photos": "2", "min": "2", "max": "2"}
    assert desk.marks(html, "EDU")["verdict"] == "pending"
    live = Photo.objects.filter(item__application=application)
    assert set(re.findall(r'data-photo="([^"]+)"', html)) == {str(photo.pk) for photo in live}
    assert all(f'src="/photos/{photo.pk}/"' in html for photo in live)


def test_the_working_verdict_is_shown_not_the_told_one(application, at_site) -> None:
    desk.ask(at_site, application, "EDU", note="看不清")

    html = desk.page(desk.signed_in(at_site), application)
    assert desk.marks(html, "EDU")["verdict"] == "change_requested"
    assert "看不清" in html


def test_the_facts_to_compare(application, at_site) -> None:
    html = desk.page(desk.signed_in(at_site), application)

    candidate = application.candidate
    for fact in (candidate.name, candidate.id_number, candidate.registration_number, application.session.code):
        assert fact in html


def test_every_form_carries_the_version(application, at_site) -> None:
    html = desk.page(desk.signed_in(at_site), application)
    forms = [form for form in re.findall(r"<form.*?</form>", html, re.S) if re.search("items/|finish/|unlock/", form)]

    assert len(forms) == 3 + 2 + 3
    version = f'name="version" value="{application.version}"'
    assert all(version in form and "csrfmiddlewaretoken" in form for form in forms)


def test_reasons_fit_their_category(application, at_site) -> None:
    html = desk.page(desk.signed_in(at_site), application)

    def offered(form: str) -> set[str]:
        found = re.search(rf'<select id="reason-{form}".*?</select>', html, re.S)
        assert found is not None
        return set(re.findall(r'value="([A-Z_]+)"', found.group()))

    assert offered("verdict-ID") == {"BLUR"}
    assert offered("verdict-EDU") == {"BLUR", "NO_SEAL"}
    assert offered("reject") == {"FALSE"}


def test_looking_changes_nothing(application, at_site) -> None:
    client = desk.signed_in(at_site)
    events = Event.objects.count()
    with CaptureQueriesContext(connection) as queries:
        desk.page(client, application)

    assert not [query["sql"] for query in queries if re.match("INSERT|UPDATE|DELETE", query["sql"])]
    assert not Claim.objects.exists()
    assert Event.objects.count() == events


def test_free_mine_and_anothers(application, at_site, at_site_too) -> None:
    mine, other = desk.signed_in(at_site), desk.signed_in(at_site_too)
    assert "Nobody is reviewing" in desk.page(mine, application)
    claims.claim(Actor(at_site), application.pk)

    assert "In your hands until" in desk.page(mine, application)
    html = desk.page(other, application)
    assert "<strong>王审核 is reviewing</strong>" in html
    assert 'name="verdict"' not in html
    assert 'name="outcome"' not in html
    assert "unlock/ID/" not in html


def test_a_draft_is_shown_without_forms(session) -> None:
    application = factories.draft(session)
    html = desk.page(desk.signed_in(factories.site_reviewer(application.site)), application)

    assert "Draft" in html
    assert 'name="version"' not in html


# --- who ---------------------------------------------------------------------------------------------


def test_nobody_and_candidates_are_led_to_the_admins_door(application) -> None:
    candidate = desk.signed_in(application.candidate.user)
    for client in (Client(), candidate):
        for path in ("", "../next/"):
            response = client.get(desk.address(application, path))
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")
        for path in POSTS:
            response = client.post(desk.address(application, path), {"version": 1})
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")


def test_a_deactivated_reviewer_is_out_at_the_next_request(application, at_site) -> None:
    client = desk.signed_in(at_site)
    at_site.is_active = False
    at_site.save()

    assert client.get(desk.address(application)).status_code == 302


@pytest.mark.parametrize("who", ["site", "region", "staff"])
def test_what_is_not_theirs_does_not_exist(application, who) -> None:
    elsewhere = factories.SiteFactory(region=application.session.region)
    abroad = factories.RegionFactory()
    user = {
        "site": lambda: factories.site_reviewer(elsewhere),
        "region": lambda: factories.region_reviewer(abroad),
        "staff": lambda: factories.region_staff(abroad),
    }[who]()
    client = desk.signed_in(user)

    assert client.get(desk.address(application)).status_code == 404
    for path in POSTS:
        assert desk.press(client, application, path, verdict="accepted", outcome="pass").status_code == 404
    assert desk.now_of(application).version == application.version


def test_regional_staff_look_and_do_not_decide(application) -> None:
    client = desk.signed_in(factories.region_staff(application.session.region))
    html = desk.page(client, application)
    assert "does not review" in html
    assert 'name="version"' not in html

    for path in ("claim/", "items/ID/", "finish/", "unlock/ID/"):
        response = desk.press(client, application, path, verdict="accepted", outcome="pass", reason="BLUR")
        assert response.status_code == 403
        assert "does not review" in response.content.decode()
    assert desk.now_of(application).version == application.version


def test_without_a_token_nothing_is_taken(application, at_site) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(at_site, backend="candidates.backends.AccountBackend")
    for path in POSTS:
        assert client.post(desk.address(application, path), {"version": 1}).status_code == 403


def test_only_the_methods_that_are_meant(application, at_site) -> None:
    client = desk.signed_in(at_site)

    assert client.post(desk.address(application)).status_code == 405
    assert client.head(desk.address(application)).status_code == 200
    assert client.head("/admin/review/next/").status_code == 405
    for path in POSTS:
        assert client.get(desk.address(application, path)).status_code == 405
    assert not Claim.objects.exists()


def test_an_address_of_nothing_is_a_404(application, at_site) -> None:
    client = desk.signed_in(at_site)

    assert client.get("/admin/review/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client.get("/admin/review/1/").status_code == 404


# --- what it costs -------------------------------------------------------------------------------------


def submitted_with(codes: list[str]) -> Application:
    session = factories.make_session(codes=[])
    for code in codes:
        factories.CategoryFactory(session=session, code=code)
    return factories.submitted(session)


@pytest.mark.parametrize("round_number", [1, 2])
def test_as_many_queries_for_one_item_as_for_three(round_number) -> None:
    counts = []
    factories.ReasonFactory(code="BLUR")
    for codes in (["A"], ["A", "B", "C"]):
        application = submitted_with(codes)
        reviewer = factories.site_reviewer(application.site)
        colleagues = [factories.site_reviewer(application.site) for _ in codes]
        if round_number == 2:
            desk.send_for_correction(reviewer, application, *codes)
            desk.resubmit(application, *codes)
        for colleague, code in zip(colleagues, codes, strict=True):
            desk.ask(colleague, application, code)
            claims.release(Actor(colleague), application.pk)
        client = desk.signed_in(reviewer)
        desk.page(client, application)
        with CaptureQueriesContext(connection) as queries:
            html = desk.page(client, application)
        assert html.count("<section") >= len(codes)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_as_many_queries_for_one_verdict_among_three() -> None:
    counts = []
    for codes in (["A"], ["A", "B", "C"]):
        application = submitted_with(codes)
        client = desk.signed_in(factories.site_reviewer(application.site))
        desk.press(client, application, "items/A/", verdict="accepted")
        version = desk.now_of(application).version
        with CaptureQueriesContext(connection) as queries:
            response = desk.press(client, application, "items/A/", verdict="accepted", version=version)
        assert response.status_code == 303
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_as_many_queries_for_a_short_queue_as_for_a_longer_one(session) -> None:
    counts = []
    for more in (1, 2):
        for _ in range(more):
            application = factories.submitted(session)
        reviewer = factories.site_reviewer(application.site)
        client = desk.signed_in(reviewer)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/admin/review/next/").status_code == 302
        counts.append(len(queries))
        claims.release(Actor(reviewer), Claim.objects.get().application_id)

    assert counts[0] == counts[1]
