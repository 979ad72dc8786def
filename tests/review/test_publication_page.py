"""The pages to publish and to withdraw: what stands in the way and where it is removed, what is announced."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates import dates
from candidates.services.events import Actor
from materials.models import Application
from materials.session_acts import list_of
from review.models import Publication
from review.services.publication import publish_results
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


def publish(staff, session):
    return publish_results(Actor(staff), session.code)


def address(name, session):
    return reverse(name, args=[session.code])


def test_the_page_rehearses_and_then_publishes(session, finished, staff):
    client = signed_in(staff)
    page = client.get(address("staff_publish", session))
    assert page.status_code == 200
    assert 'name="version"' in page.content.decode()

    response = client.post(address("staff_publish", session), {"version": page.context["session"].version})

    assert response.status_code == 303
    assert Publication.objects.get().published_by == staff


def test_the_page_names_all_obstacles_and_offers_no_button(session, staff):
    factories.submitted(session)
    client = signed_in(staff)

    html = client.get(address("staff_publish", session)).content.decode()
    assert len(client.get(address("staff_publish", session)).context["plan"].obstacles) == 3
    assert 'name="version"' not in html
    response = client.post(address("staff_publish", session), {"version": session.version})

    assert response.status_code == 409
    assert response.context["refusal"]
    assert not Publication.objects.exists()


@pytest.mark.parametrize("version", [None, "", "x", "-1"])
def test_the_page_without_a_version(session, finished, staff, version):
    data = {} if version is None else {"version": version}

    response = signed_in(staff).post(address("staff_publish", session), data)

    assert response.status_code == 422
    assert not Publication.objects.exists()


def test_the_page_withdraws_with_a_reason(session, finished, staff):
    publish(staff, session)
    client = signed_in(staff)
    page = client.get(address("staff_withdraw", session))
    version = page.context["form"]["version"].value()

    refused = client.post(address("staff_withdraw", session), {"version": version, "reason": " "})
    assert refused.status_code == 422
    stale = client.post(address("staff_withdraw", session), {"version": version - 1, "reason": "名单有误<b>"})
    assert stale.status_code == 409
    assert "名单有误&lt;b&gt;</textarea>" in stale.content.decode()
    again = {"version": stale.context["form"]["version"].value(), "reason": "名单有误"}
    assert client.post(address("staff_withdraw", session), again).status_code == 303
    assert Publication.objects.get().withdrawal_reason == "名单有误"


@pytest.mark.parametrize("name", ["staff_publish", "staff_withdraw", "staff_export"])
def test_others_do_not_get_to_the_pages(session, name):
    for user, status in (
        (factories.site_reviewer(session.region.sites.first()), 403),
        (factories.region_reviewer(session.region), 403),
        (factories.region_staff(factories.RegionFactory()), 404),
    ):
        assert signed_in(user).get(address(name, session)).status_code == status
        assert signed_in(user).post(address(name, session), {"version": 1, "reason": "x"}).status_code in (status, 405)
    assert signed_in(factories.administrator()).get(address(name, session)).status_code == 200


def test_the_rehearsal_costs_the_same_at_one_site_and_at_three(session, staff, django_assert_num_queries):
    client = signed_in(staff)
    factories.submitted(session)
    client.get(address("staff_publish", session))
    with django_assert_num_queries(7):
        client.get(address("staff_publish", session))
    for _ in range(2):
        factories.submitted(session, site=factories.SiteFactory(region=session.region))
    with django_assert_num_queries(7):
        client.get(address("staff_publish", session))


# --- from what stands in the way to where it is removed ---------------------------------------------


def obstacles(client, session) -> dict[str, str]:
    found = client.get(address("staff_publish", session)).context["obstacles"]
    return {str(obstacle): where[0] if where else "" for obstacle, where in found}


def test_an_open_window_leads_to_its_field(session, staff):
    factories.draft(session)
    assert list(obstacles(signed_in(staff), session).values()) == [
        f"{change_address(session)}#id_closes_at",
        f"{change_address(session)}#id_corrections_until",
    ]


def test_its_time_is_told_as_on_the_other_pages(session, staff):
    closes = timezone.localtime(session.closes_at)
    sentence = next(iter(obstacles(signed_in(staff), session)))
    assert f"{dates.until(closes)}。" in sentence


def test_what_waits_leads_to_its_list(session, staff):
    waiting = factories.submitted(session)
    at_region = factories.submitted(session)
    factories.review(at_region, "pass")
    factories.close_window(session)
    client = signed_in(staff)

    listed = [
        [row.pk for row in client.get(where).context["cl"].result_list] for where in obstacles(client, session).values()
    ]

    assert sorted(listed) == sorted([[waiting.pk], [at_region.pk]])


def test_an_own_deadline_leads_to_its_application(session, staff, finished):
    later = timezone.now() + timedelta(hours=1)
    Application.objects.filter(pk=finished["returned"].pk).update(corrections_until=later)
    assert list(obstacles(signed_in(staff), session).values()) == [change_address(finished["returned"])]


def test_every_number_leads_to_those_that_it_counts(session, staff, finished):
    client = signed_in(staff)
    [[_site, *cells]] = client.get(address("staff_publish", session)).context["sites"].rows
    for cell in cells:
        assert cell.address.startswith(list_of(Application, session))
        assert len(client.get(cell.address).context["cl"].result_list) == cell.text
    assert [cell.text for cell in cells] == [1, 1, 1, 1, 0]


def test_after_publishing_the_page_says_so_and_leads_on(session, staff, finished):
    client = signed_in(staff)
    version = client.get(address("staff_publish", session)).context["session"].version

    response = client.post(address("staff_publish", session), {"version": version}, follow=True)

    assert response.redirect_chain == [(address("staff_publish", session), 303)]
    html = response.content.decode()
    assert Publication.objects.get().sha256 in html
    assert address("staff_withdraw", session) in html
    assert address("staff_messages", session) in html
    assert "预演" not in html  # it is no rehearsal any more
    assert "尚不能公布" not in html
    assert 'name="version"' not in html


def test_a_withdrawal_leads_to_publishing_again(session, staff, finished):
    publish(staff, session)
    client = signed_in(staff)
    version = client.get(address("staff_withdraw", session)).context["form"]["version"].value()

    response = client.post(address("staff_withdraw", session), {"version": version, "reason": "名单有误"}, follow=True)

    assert response.redirect_chain == [(address("staff_publish", session), 303)]
    assert 'name="version"' in response.content.decode()
