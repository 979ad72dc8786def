"""From every page about a session to every other one, and from the front page to what comes next."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from candidates import dates
from candidates.services.events import Actor
from materials.session_acts import acts_of
from review.services import proposals
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db
PAGES = ("roster", "publish", "withdraw", "progress", "messages", "circular", "reviews", "disagreements", "export")


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def client(session):
    return signed_in(factories.region_staff(session.region))


def leads_to(response) -> set[str]:
    html = response.content.decode()
    nav = html.split('<nav class="staff-acts"')
    return set() if len(nav) == 1 else {part.split('"')[0] for part in nav[1].split("</nav>")[0].split('href="')[1:]}


def addresses(session) -> set[str]:
    return {address.replace("&", "&amp;") for address, _label in acts_of(session)}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_a_session_leads_to_the_others(session, client, name):
    response = client.get(reverse(f"staff_{name}", args=[session.code]))
    assert leads_to(response) == addresses(session)


def test_so_do_the_records_of_a_session(session, client):
    application = factories.submitted(session)
    records = (session, session.categories.first(), application, application.candidate)
    for record in records:
        assert leads_to(client.get(change_address(record))) == addresses(session), record


def test_so_do_lists_of_one_session(session, client):
    factories.submitted(session)
    for model in ("materials_application", "materials_category", "candidates_candidate", "candidates_event"):
        address = reverse(f"admin:{model}_changelist")
        assert leads_to(client.get(address, {"session__id__exact": session.pk})) == addresses(session), model
        assert leads_to(client.get(address)) == set()


def test_one_says_where_one_is(session, client):
    factories.draft(session)
    here = 'aria-current="page"'
    for address, _label in acts_of(session):
        html = client.get(address).content.decode()
        nav = html.split('<nav class="staff-acts"')[1].split("</nav>")[0]
        assert f'<a href="{address}" {here}>'.replace("&", "&amp;") in nav, address
        assert nav.count(here) == 1


def test_who_does_not_run_the_session_is_not_led_there(session):
    application = factories.submitted(session)
    for user in (factories.site_reviewer(application.site), factories.region_reviewer(session.region)):
        assert leads_to(signed_in(user).get(change_address(application))) == set()
    foreign = factories.make_session()
    listed = reverse("admin:materials_application_changelist")
    staff = signed_in(factories.region_staff(session.region))
    assert leads_to(staff.get(listed, {"session__id__exact": foreign.pk})) == set()


# --- the front page --------------------------------------------------------------------------------


def next_act(client) -> tuple[str, str]:
    """What the front page says, and where it leads first."""
    response = client.get("/admin/")
    html = response.content.decode()
    [panel] = html.split("data-session=")[1:]
    return panel.split("</section>")[0], panel.split('href="')[2].split('"')[0]


def test_before_there_is_a_roster_it_comes_first(session, client):
    assert next_act(client)[1] == reverse("staff_roster", args=[session.code])


def test_while_it_is_open_the_front_page_says_until_when_and_what_waits(session, client):
    factories.submitted(session)
    factories.draft(session)
    text, address = next_act(client)

    assert dates.until_tag(session.closes_at, session.region.time_zone) in text
    assert "2 名考生" in text
    assert "1 份待审" in text
    assert address == reverse("staff_progress", args=[session.code])


@pytest.mark.parametrize(("days", "phase"), [(3, "上传截止"), (-3, "补充截止")])
def test_an_end_at_midnight_is_the_day_before(session, client, days, phase):
    midnight = timezone.localtime(timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    session.opens_at, session.closes_at = midnight - timedelta(days=9), midnight + timedelta(days=days)
    session.corrections_until = midnight + timedelta(days=6)
    session.save()
    factories.make_candidate(session)
    text, _address = next_act(client)
    assert phase in text
    assert "24:00</time>" in text


def test_when_all_is_reviewed_the_next_act_is_to_publish(session, client):
    factories.decided("passed", session)
    factories.close_window(session)
    assert next_act(client)[1] == reverse("staff_publish", args=[session.code])


def test_a_proposal_is_not_overlooked(session):
    session.two_persons = True
    session.save()
    factories.decided("passed", session)
    factories.close_window(session)
    session.refresh_from_db()
    proposals.propose(Actor(factories.region_staff(session.region)), session.code, session.version)

    text, address = next_act(signed_in(factories.region_lead(session.region)))

    assert "已提议公布" in text
    assert address == reverse("staff_publish", args=[session.code])


def test_after_publication_it_is_what_became_of_the_messages(session, client):
    factories.decided("passed", session)
    factories.close_window(session)
    factories.publish(session)
    text, address = next_act(client)
    assert "已公布" in text
    assert address == reverse("staff_messages", args=[session.code])


def test_a_region_without_sessions_is_led_to_its_first(session):
    elsewhere = signed_in(factories.region_staff(factories.RegionFactory()))
    assert reverse("admin:candidates_examsession_add") in elsewhere.get("/admin/").content.decode()


def test_reviewers_see_no_sessions_there(session):
    assert "data-session" not in signed_in(factories.region_reviewer(session.region)).get("/admin/").content.decode()


def test_the_front_page_costs_the_same_with_one_session_and_with_three(session, client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            client.get("/admin/")
        return len(context)

    factories.submitted(session)
    queries()
    at_one = queries()
    for days in (1, 2):
        other = factories.make_session(region=session.region, opens_at=timezone.now() - timedelta(days=days))
        factories.submitted(other)
    assert queries() == at_one


def test_it_is_in_english_too(session, client):
    factories.submitted(session)
    with translation.override("en"):
        client.cookies["django_language"] = "en"
        assert "1 waits for review" in next_act(client)[0]
