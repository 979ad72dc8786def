"""Loading a roster on its page: check first, then load; every fault in a table."""

from csv import reader
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Event
from candidates.services.events import Actor
from materials.services.roster import load_roster
from materials.services.roster_loads import load_next
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.candidates.test_roster import csv, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = factories.make_session()
    session.region.sites.update(code="TJ01")
    return session


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


def post(user, session, data: bytes | None, act: str = "load"):
    fields = {"act": act}
    if data is not None:
        fields |= {"file": SimpleUploadedFile("roster.csv", data)}
    return signed_in(user).post(reverse("staff_roster", args=[session.code]), fields)


def test_the_page_checks_first_and_then_loads(session, staff):
    data = csv(row(1), row(2))
    checked = post(staff, session, data, "check")
    assert checked.status_code == 200
    assert checked.context["report"].new == 2
    assert not Candidate.objects.exists()

    response = post(staff, session, data)

    assert response.status_code == 303
    assert Candidate.objects.count() == 2
    assert Event.objects.get(action="roster_loaded").actor == staff
    page = signed_in(staff).get(response.url)
    assert page.status_code == 200


@pytest.mark.parametrize(("act", "status"), [("check", 200), ("load", 422)])
def test_the_page_lists_every_fault_inert(session, staff, act, status):
    response = post(staff, session, csv(row(1, name="", site="<script>")), act)

    html = response.content.decode()
    assert response.status_code == status
    assert len(response.context["faults"].rows) == 2
    assert "&lt;script&gt;" in html
    assert "<script>" not in html.replace("<script src=", "")
    assert not Candidate.objects.exists()


@pytest.mark.parametrize(
    ("language", "titles", "reason"),
    [
        ("zh-hans", ["行", "列", "值", "问题"], "不能为空。"),
        ("en", ["Line", "Column", "Value", "What is wrong"], "Must not"),
    ],
)
def test_the_faults_come_as_a_csv_in_the_readers_language(session, staff, language, titles, reason):
    browser = signed_in(staff)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    data = csv(row(1), row(2, name="", site="=1+1"))

    response = browser.post(
        reverse("staff_roster", args=[session.code]), {"act": "faults", "file": SimpleUploadedFile("r.csv", data)}
    )

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="faults-{session.code}.csv"'
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    first, *faults = reader(content.decode("utf-8-sig").splitlines())
    assert first == titles
    assert [fault[:3] for fault in faults] == [["3\t", "name", ""], ["3\t", "site", "'=1+1"]]
    assert faults[0][3].startswith(reason)
    assert not Candidate.objects.exists()


def test_the_csv_of_faults_has_no_whole_id_number_and_no_whole_phone(session, staff):
    good = factories.id_number(2)
    bad = row(1, id_number="110101199001010016", phone="1381234567x")

    text = (
        post(staff, session, csv(bad, row(2), row(3, id_number=good), row(4, flags=good)), "faults").getvalue().decode()
    )

    assert "110*************16" in text
    for secret in ("110101199001010016", good, "1381234567"):
        assert secret not in text


def test_a_file_without_faults_has_no_csv_of_them(session, staff):
    assert post(staff, session, csv(row(1)), "faults").context["report"].new == 1
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("data", [None, b""])
def test_the_page_without_a_file(session, staff, data):
    response = post(staff, session, data)

    assert response.status_code == 422
    assert response.context["form"].errors["file"]


def test_an_act_that_does_not_exist(session, staff):
    assert post(staff, session, csv(row(1)), "destroy").status_code == 422
    assert not Candidate.objects.exists()


def test_a_published_session_answers_with_the_sentence(session, staff):
    factories.publish(session)

    response = post(staff, session, csv(row(1)))

    assert response.status_code == 409
    assert response.context["refusal"]


def test_a_roster_of_30_megabytes_arrives(session, staff):
    data = csv(row(1)) + b"," * 8 + b"\r\n" + (b"," * 8 + b"\r\n") * (3 * 1024 * 1024)
    assert len(data) > 30 * 1024 * 1024

    assert post(staff, session, data, "check").status_code == 303
    assert load_next().new == 1


@pytest.mark.parametrize(
    ("role", "status"),
    [("site_reviewer", 403), ("region_reviewer", 403), ("region_staff", 404), ("candidate", 302), ("nobody", 302)],
)
def test_others_load_nothing(session, client, role, status):
    user = {
        "site_reviewer": lambda: factories.site_reviewer(session.region.sites.first()),
        "region_reviewer": lambda: factories.region_reviewer(session.region),
        "region_staff": lambda: factories.region_staff(factories.RegionFactory()),
        "candidate": lambda: factories.make_candidate(session).user,
        "nobody": lambda: None,
    }[role]()
    browser = signed_in(user) if user else client
    before = Candidate.objects.count()

    response = browser.post(
        reverse("staff_roster", args=[session.code]), {"act": "load", "file": SimpleUploadedFile("r.csv", csv(row(1)))}
    )

    assert response.status_code == status
    assert Candidate.objects.count() == before


def test_an_unknown_session_is_404(staff):
    assert signed_in(staff).get(reverse("staff_roster", args=["NO-SUCH"])).status_code == 404


def test_the_actor_is_recorded(session, staff):
    load_roster(Actor(staff, "10.0.0.1"), session, BytesIO(csv(row(1))))

    event = Event.objects.get(action="roster_loaded")
    assert (event.actor, event.ip_address, event.region) == (staff, "10.0.0.1", session.region)


def test_pictures_of_what_is_no_longer_required_stay_visible(session, staff):
    session.categories.filter(code="EDU").update(levels=["physician"])
    post(staff, session, csv(row(1)))
    candidate = Candidate.objects.get()
    Candidate.objects.update(activated_at=timezone.now())
    photo = factories.make_photo(candidate.application, "EDU")
    browser = signed_in(candidate.user)
    assert "不再需要" not in browser.get("/materials/").content.decode()

    post(staff, session, csv(row(1, level="assistant")))

    page = browser.get("/materials/").content.decode()
    assert f'data-photo="{photo.pk}"' in page
    assert "不再需要" in page
    assert 'href="/materials/EDU/#upload"' not in page
    assert browser.get(reverse("photo", args=[photo.pk])).status_code == 200
    reviewer = signed_in(factories.site_reviewer(candidate.site))
    assert (
        f'data-photo="{photo.pk}"'
        in reviewer.get(reverse("review_screen", args=[candidate.application.pk])).content.decode()
    )


def test_the_page_says_what_goes_into_the_columns(session, staff):
    factories.SiteFactory(region=session.region, code="07", name_zh="喀什地区")
    foreign = factories.SiteFactory(code="Z9")
    html = signed_in(staff).get(reverse("staff_roster", args=[session.code])).content.decode()

    for code, meaning in (
        ("07", "喀什地区"),
        ("rural_gp", "乡村全科"),
        ("assistant", "执业助理医师"),
        ("military", "现役军人"),
    ):
        assert f"<code>{code}</code> {meaning}" in html
    assert f"<code>{foreign.code}</code>" not in html


def test_an_empty_file_has_the_columns_and_can_be_filled(session, staff):
    response = signed_in(staff).get(reverse("staff_roster", args=[session.code]), {"template": ""})

    assert response["Content-Disposition"] == f'attachment; filename="roster-{session.code}.csv"'
    header = b"".join(response.streaming_content)
    [_names, *cells] = csv(row(1)).decode().splitlines()
    assert post(staff, session, header + "\r\n".join(cells).encode(), "check").context["report"].new == 1


def test_a_check_names_whom_it_would_change_and_what(session, staff):
    post(staff, session, csv(row(1), row(2)))

    response = post(staff, session, csv(row(1, phone="13999999999"), row(2)), "check")

    [[line, whom, what]] = response.context["changes"].rows
    assert (line.text, what.text) == (2, "手机号")
    assert whom.text in response.content.decode()
