"""Finding a candidate by the whole ID number, which never stands in an address (docs/quality.md, 26)."""

import pytest
from django.urls import reverse

from candidates.models import Candidate
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/candidates/candidate/find/"


@pytest.fixture
def candidate() -> Candidate:
    return Candidate.objects.select_related("site", "session__region").get(pk=factories.make_candidate().pk)


@pytest.mark.parametrize("make", ["site_reviewer", "region_reviewer", "region_staff", "administrator"])
def test_whoever_may_see_the_candidate_is_led_there(candidate, make):
    place = {"site_reviewer": [candidate.site], "administrator": []}.get(make, [candidate.session.region])
    client = signed_in(getattr(factories, make)(*place))
    assert client.get(ADDRESS).status_code == 200

    response = client.post(ADDRESS, {"id_number": f" {candidate.id_number.lower()} "})

    assert response.status_code == 303
    assert response["Location"] == change_address(candidate)
    assert client.get(response["Location"]).status_code == 200


def test_a_person_in_two_sessions_is_a_list_of_two(candidate):
    again = factories.make_candidate(factories.make_session(), id_number=candidate.id_number)
    client = signed_in(factories.administrator())

    response = client.post(ADDRESS, {"id_number": candidate.id_number}, follow=True)

    assert response.status_code == 200
    assert {row.pk for row in response.context["cl"].result_list} == {candidate.pk, again.pk}
    assert candidate.id_number not in response.redirect_chain[0][0]


def test_what_is_out_of_scope_or_not_there_is_not_found(candidate):
    elsewhere = factories.make_session().region
    client = signed_in(factories.region_staff(elsewhere))

    for number in (candidate.id_number, candidate.id_number[:10], "x", ""):
        response = client.post(ADDRESS, {"id_number": number})
        assert response.status_code == 422
        assert candidate.name not in response.content.decode()


def test_only_staff_come_here(client, candidate):
    assert client.post(ADDRESS, {"id_number": candidate.id_number}).status_code == 302
    client.force_login(candidate.user, backend="candidates.backends.AccountBackend")
    assert client.post(ADDRESS, {"id_number": candidate.id_number}).status_code == 302


@pytest.mark.parametrize("model", ["candidates_candidate", "materials_application"])
def test_the_lists_lead_here(model):
    client = signed_in(factories.administrator())

    assert ADDRESS in client.get(reverse(f"admin:{model}_changelist")).content.decode()
    assert ADDRESS not in client.get(reverse("admin:candidates_site_changelist")).content.decode()
