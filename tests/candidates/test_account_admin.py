"""Accounts of staff and regions, by administrators only: passwords, places, roles (docs/product.md, rule 13)."""

import pytest
from django.urls import reverse

from candidates.enums import Role
from candidates.models import Event, User
from tests import factories
from tests.candidates.staff_pages import change, change_address, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region, name="孙考务")


@pytest.fixture
def client(staff):
    return signed_in(staff)


@pytest.fixture
def administrator():
    return factories.administrator()


@pytest.fixture
def admin(administrator):
    return signed_in(administrator)


def account(session, **fields):
    return {
        "username": "new-reviewer", "name": "新人", "role": Role.SITE_REVIEWER, "region": session.region_id,
        "site": session.region.sites.get().pk, "is_active": "on",
        "password1": "a-good-one-2026", "password2": "a-good-one-2026",
    } | fields  # fmt: skip


ADD_ACCOUNT = "admin:candidates_user_add"


def test_an_account_is_made_with_a_password_and_can_sign_in(session, admin, client):
    assert admin.post(reverse(ADD_ACCOUNT), account(session)).status_code == 303

    made = User.objects.get(username="new-reviewer")
    assert made.check_password("a-good-one-2026")
    event = Event.objects.get(action="record_changed")
    assert "a-good" not in str(event.facts)
    response = admin.__class__().post(
        reverse("admin:login"), {"username": "new-reviewer", "password": "a-good-one-2026", "next": "/admin/"}
    )
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"password2": "another-one-2026"}, "password2"),
        ({"password1": "12345678", "password2": "12345678"}, "password2"),
        ({"role": "candidate"}, "role"),
        ({"role": "region_staff"}, "__all__"),
        ({"site": ""}, "__all__"),
        ({"username": ""}, "username"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused_with_a_sentence(session, admin, fields, wrong):
    response = admin.post(reverse(ADD_ACCOUNT), account(session, **fields))

    assert response.status_code == 200
    assert wrong in response.context["adminform"].form.errors
    assert not User.objects.filter(username="new-reviewer").exists()


def test_a_site_of_another_region_is_refused(session, admin):
    foreign = factories.SiteFactory()

    response = admin.post(reverse(ADD_ACCOUNT), account(session, site=foreign.pk))

    assert "site" in response.context["adminform"].form.errors


def test_nobody_changes_their_own_role(admin, administrator):
    response = change(admin, administrator, role="region_staff", is_active=None, name="新名")

    assert response.status_code == 303
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active, administrator.name) == ("administrator", True, "新名")


def test_a_deactivated_account_is_out_at_once(session, admin):
    reviewer = factories.region_reviewer(session.region)
    client = signed_in(reviewer)
    assert client.get("/admin/").status_code == 200

    assert change(admin, reviewer, is_active=None).status_code == 303

    assert client.get("/admin/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(session, admin):
    reviewer = factories.region_reviewer(session.region)
    client = signed_in(reviewer)
    address = reverse("admin:candidates_user_password", args=[reviewer.pk])
    assert admin.get(address).status_code == 200

    assert admin.post(address, {"password1": "x", "password2": "y"}).status_code == 422
    assert client.get("/admin/").status_code == 200
    response = admin.post(address, {"password1": "quite-new-2026", "password2": "quite-new-2026"})

    assert response.status_code == 303
    assert client.get("/admin/").status_code == 302
    stored = User.objects.get(pk=reviewer.pk)
    assert stored.check_password("quite-new-2026")
    assert stored.version == 2


def test_a_candidates_account_is_nobodys_to_edit(session, admin, client):
    candidate = factories.make_candidate(session)

    for browser in (admin, client):
        assert browser.get(change_address(candidate.user)).status_code in (403, 404)
        password = reverse("admin:candidates_user_password", args=[candidate.user_id])
        assert browser.post(password, {"password1": "quite-new-2026", "password2": "quite-new-2026"}).status_code == 404


@pytest.mark.parametrize("model", ["user", "region"])
def test_regional_staff_edit_no_accounts_and_no_regions(session, staff, client, model):
    record = {"user": staff, "region": session.region}[model]

    assert client.post(change_address(record), {"version": "1"}).status_code in (403, 404)
    assert client.get(reverse(f"admin:candidates_{model}_add")).status_code == 403


def test_a_time_zone_is_chosen_and_not_known_by_heart(session, admin):
    html = admin.get(reverse("admin:candidates_region_add")).content.decode()
    assert '<option value="Asia/Urumqi">' in html
    assert '<option value="Asia/Shanghai" selected>' in html
    assert change(admin, session.region, time_zone="Asia/Urumqi").status_code == 303


def test_a_time_zone_that_does_not_exist_is_refused(session, admin):
    response = change(admin, session.region, time_zone="Asia/Nowhere")

    assert response.status_code == 200
    assert response.context["adminform"].form.errors["time_zone"]


def test_a_candidate_does_not_get_into_the_admin(session):
    candidate = factories.make_candidate(session)
    response = signed_in(candidate.user).get("/admin/")
    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")

    response = signed_in(candidate.user).post(
        "/admin/login/", {"username": candidate.registration_number, "password": factories.PASSWORD}
    )
    assert response.status_code == 200
    assert response.context["form"].errors


def test_a_site_says_which_region(session, admin):
    """Who chose the site need not say its region as well."""
    assert admin.post(reverse(ADD_ACCOUNT), account(session, region="")).status_code == 303
    assert User.objects.get(username="new-reviewer").region == session.region


def test_an_administrator_sees_which_region_a_site_is_of(session, admin):
    factories.SiteFactory(region=factories.RegionFactory(name_zh="新疆"), code="01", name_zh="喀什")
    assert "新疆 · 01 喀什" in admin.get(reverse(ADD_ACCOUNT)).content.decode()


def test_the_form_says_which_place_a_role_needs(session, admin):
    assert "考点审核员须指定考点" in admin.get(reverse(ADD_ACCOUNT)).content.decode()


def test_candidates_are_no_role_to_filter_by(session, admin):
    factories.make_candidate(session)
    html = admin.get(reverse("admin:candidates_user_changelist")).content.decode()
    assert "role__exact=site_reviewer" in html
    assert "role__exact=candidate" not in html
