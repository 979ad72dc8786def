"""Choosing an export: from a session, and from the list of applications with what is chosen there."""

import csv
import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, Event
from materials.models import Application
from review.enums import Progress
from tests import factories
from tests.candidates.staff_pages import signed_in
from tests.review import spreadsheet

pytestmark = pytest.mark.django_db
LIST = "admin:materials_application_changelist"


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


def button(client, **query) -> str:
    """Where “Export these” leads to; empty where there is none."""
    response = client.get(reverse(LIST), query)
    assert response.status_code == 200
    [address, _label] = (response.context.get("tools") or [["", ""]])[0]
    assert not address or address.replace("&", "&amp;") in response.content.decode()
    return address


def initial(response) -> dict[str, str]:
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value()}


def numbers(response) -> list[str]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row["registration_number"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_the_button_takes_what_the_list_shows(session, staff):
    site = session.region.sites.get()
    client = signed_in(staff)

    narrowed = urlsplit(
        button(
            client, session__id__exact=session.pk, site__id__exact=site.pk, status__exact="draft", stage__exact="site",
            q="TJ26",
        )
    )  # fmt: skip

    assert narrowed.path == reverse("staff_export", args=[session.code])
    chosen = {"site": [site.code], "status": ["draft"], "stage": ["site"], "search": ["TJ26"]}
    assert parse_qs(narrowed.query) == chosen
    page = client.get(narrowed.geturl())
    assert initial(page) == {name: value for name, [value] in chosen.items()}


@pytest.mark.parametrize("progress", Progress.values)
def test_the_file_holds_those_that_the_list_shows(session, staff, progress):
    factories.draft(session)
    Candidate.objects.filter(pk=factories.draft(session).candidate_id).update(activated_at=None)
    factories.fill(factories.draft(session))
    for stage in ("site", "region"):
        waits = factories.submitted(session)
        if stage == "region":
            factories.review(waits, "pass")
    factories.returned(session)
    for status in ("passed", "rejected"):
        factories.decided(status, session)
    client = signed_in(staff)
    query = {"session__id__exact": session.pk, "progress": progress}
    listed = [str(row) for row in client.get(reverse(LIST), query).context["cl"].result_list]
    assert listed

    page = client.get(button(client, **query))
    file = client.get(reverse("export_results"), {"session": session.code, "headers": "code", **initial(page)})

    assert numbers(file) == [row.split()[0] for row in listed]


def test_how_long_they_have_waited_goes_along(session, staff):
    application = factories.submitted(session)
    factories.submitted(session)
    Application.objects.filter(pk=application.pk).update(submitted_at=timezone.now() - timedelta(hours=30))
    client = signed_in(staff)

    page = client.get(button(client, session__id__exact=session.pk, waiting="24"))
    file = client.get(reverse("export_results"), {"session": session.code, "headers": "code", **initial(page)})

    assert numbers(file) == [application.candidate.registration_number]
    assert Event.objects.get(action="exported").facts["of_waiting"] == "24"


def test_without_a_session_the_page_asks_for_it(session, staff):
    other = factories.make_session(region=session.region)
    foreign = factories.make_session()
    client = signed_in(staff)

    page = client.get(button(client, status__exact="draft"))

    assert initial(page) == {"status": "draft"}
    html = page.content.decode()
    assert f'value="{session.code}"' in html
    assert f'value="{other.code}"' in html
    assert foreign.code not in html
    assert f'value="{session.region.sites.first().code}"' in html
    assert f'value="{foreign.region.sites.get().code}"' not in html


def test_a_forged_filter_leads_nowhere_else(session, staff):
    foreign = factories.make_session()
    site = foreign.region.sites.get()

    address = button(signed_in(staff), session__id__exact=foreign.pk, site__id__exact=site.pk)

    assert foreign.code not in address
    assert site.code not in parse_qs(urlsplit(address).query).get("site", [])


def test_who_only_reviews_has_no_button(session):
    for user in (factories.site_reviewer(session.region.sites.get()), factories.region_reviewer(session.region)):
        assert button(signed_in(user)) == ""


def test_the_list_costs_the_same_with_the_button(session, staff):
    client = signed_in(staff)
    factories.draft(session)
    client.get(reverse(LIST))

    def queries(**query) -> int:
        with CaptureQueriesContext(connection) as context:
            button(client, **query)
        return len(context)

    at_one = queries(session__id__exact=session.pk)
    factories.draft(session)
    factories.draft(session)
    assert queries(session__id__exact=session.pk) == at_one


def test_stage_and_search_narrow_the_file(session, staff):
    made = [factories.draft(session, name=name) for name in ("张三", "张三丰", "李四")]
    at_region = factories.submitted(session, name="王五")
    factories.review(at_region, "pass")
    client = signed_in(staff)

    def rows(**query) -> list[str]:
        return numbers(client.get(reverse("export_results"), {"session": session.code, "headers": "code", **query}))

    everybody = [application.candidate.registration_number for application in (*made, at_region)]
    assert rows() == sorted(everybody)
    assert rows(stage="region") == [everybody[3]]
    assert rows(search="张三") == sorted(everybody[:2])
    assert rows(search=everybody[2][:-1]) == [n for n in sorted(everybody) if n.startswith(everybody[2][:-1])]
    assert rows(search=f" {everybody[2]} ", stage="site") == [everybody[2]]
    assert rows(search="' OR 1=1 --") == []
    assert rows(search="%") == []


def test_the_event_keeps_numbers_that_were_searched_for_and_no_names(session, staff):
    number = factories.draft(session, name="张三").candidate.registration_number
    client = signed_in(staff)
    for search in (number, "张三", "110101199001010015", ""):
        client.get(reverse("export_results"), {"session": session.code, "search": search, "stage": "site"})

    events = Event.objects.filter(action="exported").order_by("pk")
    assert [event.facts["of_search"] for event in events] == [number, "…", "…", ""]
    assert {event.facts["of_stage"] for event in events} == {"site"}


def test_a_search_with_nul_is_refused(session, staff):
    response = signed_in(staff).get(reverse("export_results"), {"session": session.code, "search": "a\0"})
    assert response.status_code == 400


def test_the_workbook(session, staff, tmp_path):
    application = factories.decided("passed", session, name="=1+1")
    factories.draft(session)

    response = signed_in(staff).get(
        reverse("export_workbook"), {"session": session.code, "status": "passed", "headers": "zh"}
    )

    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == f'attachment; filename="results-{session.code}.xlsx"'
    file = tmp_path / "results.xlsx"
    file.write_bytes(b"".join(response.streaming_content))
    [[titles, row]] = spreadsheet.sheets(file)
    assert titles[0] == "报名号"
    assert row[:3] == [application.candidate.registration_number, "=1+1", application.candidate.id_number]
    assert Event.objects.get(action="exported").facts["format"] == "xlsx"


def test_the_workbook_refuses_a_wrong_value_like_the_csv(session, staff):
    response = signed_in(staff).get(reverse("export_workbook"), {"session": session.code, "stage": "moon"})
    assert response.status_code == 400
    assert "moon" in response.content.decode()
