"""A regional lead manages the accounts of the region: never their own, another lead's, or outside (rule 13)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from candidates.enums import Role
from candidates.models import Event, User
from candidates.refusals import Refusal
from candidates.rules import may_run_session, roles_to_give
from candidates.services.events import Actor
from candidates.services.sessions import save_account, set_password
from tests import factories
from tests.candidates.staff_pages import change, change_address, open_form, signed_in, typed

pytestmark = pytest.mark.django_db
ADD = "admin:candidates_user_add"
LIST = "admin:candidates_user_changelist"
PASSWORDS = {"password1": "a-good-one-2026", "password2": "a-good-one-2026"}
THEIRS = ("site_reviewer", "region_reviewer", "region_staff")
NOT_THEIRS = ("region_lead", "administrator", "candidate")


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def lead(session):
    return factories.region_lead(session.region)


@pytest.fixture
def client(lead):
    return signed_in(lead)


@pytest.fixture
def people(session, lead):
    """Who is there beside the lead: three of the region whom a lead manages, and others."""
    region, site = session.region, session.region.sites.get()
    foreign = factories.SiteFactory()
    return {
        "site_reviewer": factories.site_reviewer(site),
        "region_reviewer": factories.region_reviewer(region),
        "region_staff": factories.region_staff(region),
        "another lead": factories.region_lead(region),
        "administrator": factories.administrator(),
        "site elsewhere": factories.site_reviewer(foreign),
        "region elsewhere": factories.region_reviewer(foreign.region),
        "staff elsewhere": factories.region_staff(foreign.region),
        "candidate": factories.make_candidate(session).user,
        "themselves": lead,
    }


def new(session, role, **fields):
    site = session.region.sites.get().pk if role == "site_reviewer" else ""
    return {
        "username": "new-one", "name": "新人", "role": role, "region": session.region_id, "site": site,
        "is_active": "on", **PASSWORDS,
    } | fields  # fmt: skip


def stored(user) -> tuple:
    return User.objects.filter(pk=user.pk).values_list("name", "role", "region", "site", "is_active", "password").get()


def test_a_lead_does_what_regional_staff_do(session, lead):
    staff = factories.region_staff(session.region)
    assert may_run_session(lead, session)
    assert not may_run_session(lead, factories.make_session())
    for name in ("staff_publish", "staff_roster", "staff_export"):
        address = reverse(name, args=[session.code])
        assert signed_in(lead).get(address).status_code == signed_in(staff).get(address).status_code == 200


def test_a_lead_sees_those_they_manage_and_nobody_else(people, client):
    shown = set(client.get(reverse(LIST)).context["cl"].queryset)

    assert shown == {people[name] for name in THEIRS}


@pytest.mark.parametrize("role", THEIRS)
def test_a_lead_makes_accounts_of_the_region(session, client, role):
    assert client.post(reverse(ADD), new(session, role)).status_code == 303

    made = User.objects.get(username="new-one")
    assert (made.role, made.region) == (role, session.region)
    assert Event.objects.get(action="record_changed").region == session.region


@pytest.mark.parametrize("role", NOT_THEIRS)
def test_a_forged_role_is_refused(session, client, people, role):
    region = {} if role == "region_lead" else {"region": ""}
    response = client.post(reverse(ADD), new(session, role, **region))

    assert "role" in response.context["adminform"].form.errors
    assert not User.objects.filter(username="new-one").exists()
    for name in THEIRS:
        before = stored(people[name])
        assert change(client, people[name], role=role, **region).status_code == 200
        assert stored(people[name]) == before


def test_a_forged_place_is_refused(session, client, people):
    foreign = people["site elsewhere"].site
    for fields, wrong in [
        ({"region": foreign.region_id}, "region"),
        ({"site": foreign.pk}, "site"),
        ({"region": foreign.region_id, "site": foreign.pk}, "region"),
    ]:
        response = client.post(reverse(ADD), new(session, "site_reviewer", **fields))
        assert wrong in response.context["adminform"].form.errors
        before = stored(people["site_reviewer"])
        assert change(client, people["site_reviewer"], **fields).status_code == 200
        assert stored(people["site_reviewer"]) == before
    assert not User.objects.filter(username="new-one").exists()


OTHERS = [
    "another lead", "administrator", "site elsewhere", "region elsewhere", "staff elsewhere", "candidate", "themselves",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_accounts_that_are_not_theirs_do_not_exist(session, client, people, name):
    account = people[name]
    before = stored(account)
    forged = typed(open_form(client, people["region_staff"]), version=account.version, name="夺")

    assert client.get(change_address(account)).status_code == 404
    assert client.post(change_address(account), forged).status_code == 404
    password = reverse("admin:candidates_user_password", args=[account.pk])
    assert client.get(password).status_code == 404
    assert client.post(password, PASSWORDS).status_code == 404
    assert stored(account) == before


@pytest.mark.parametrize("name", OTHERS[:-1])
def test_the_services_refuse_too_what_is_not_theirs(lead, people, name):
    account = people[name]
    with pytest.raises(Refusal):
        save_account(Actor(lead), account, account.version)
    with pytest.raises(Refusal):
        set_password(Actor(lead), account, "a-good-one-2026")


@pytest.mark.parametrize("giver", ["region_lead", "administrator"])
def test_nobody_gives_themselves_a_role_or_leaves_their_scope(session, giver):
    elsewhere = factories.SiteFactory()
    for role, region, site in [
        ("administrator", None, None),
        ("region_lead", elsewhere.region, None),
        ("region_staff", session.region, None),
        ("site_reviewer", elsewhere.region, elsewhere),
    ]:
        own = factories.StaffFactory(role=giver, region=session.region if giver == "region_lead" else None)
        before = stored(own)
        mine = User.objects.get(pk=own.pk)
        mine.role, mine.region, mine.site = role, region, site
        if stored(own)[1:4] == (role, region and region.pk, site and site.pk):
            continue
        with pytest.raises(Refusal) as refused:
            save_account(Actor(own), mine, mine.version)
        assert refused.value.code == "role"
        assert stored(own) == before


def test_nobody_gives_a_role_above_their_own():
    order = list(Role)
    for role in order:
        given = roles_to_give(User(role=role))
        assert all(order.index(other) <= order.index(role) for other in given)
        assert role == Role.ADMINISTRATOR or role not in given


@pytest.mark.parametrize("role", ["site_reviewer", "region_reviewer", "region_staff"])
def test_whoever_manages_no_accounts_cannot_even_with_forged_forms(session, people, role):
    client = signed_in(people[role])
    assert client.get(reverse(LIST)).status_code == 403
    assert client.post(reverse(ADD), new(session, "site_reviewer")).status_code == 403
    for name in ("site_reviewer", "region_staff", "administrator"):
        before = stored(people[name])
        assert client.post(change_address(people[name]), {"version": "1", "role": role}).status_code in (403, 404)
        address = reverse("admin:candidates_user_password", args=[people[name].pk])
        assert client.post(address, PASSWORDS).status_code in (403, 404)
        assert stored(people[name]) == before


def test_a_lead_deactivates_and_sets_passwords(people, client):
    reviewer = people["site_reviewer"]

    assert change(client, reviewer, is_active=None).status_code == 303
    address = reverse("admin:candidates_user_password", args=[reviewer.pk])
    assert client.post(address, PASSWORDS).status_code == 303

    reviewer.refresh_from_db()
    assert not reviewer.is_active
    assert reviewer.check_password(PASSWORDS["password1"])


def test_an_account_that_was_made_a_lead_meanwhile_is_out_of_reach(people, lead):
    """The form was opened before, and is sent after."""
    typed_over = User.objects.get(pk=people["region_staff"].pk)
    User.objects.filter(pk=typed_over.pk).update(role="region_lead")

    with pytest.raises(Refusal):
        save_account(Actor(lead), typed_over, typed_over.version)
    with pytest.raises(Refusal):
        set_password(Actor(lead), typed_over, "a-good-one-2026")


def test_only_administrators_make_leads(session):
    admin = signed_in(factories.administrator())

    assert admin.post(reverse(ADD), new(session, "region_lead")).status_code == 303

    assert User.objects.get(username="new-one").role == "region_lead"


def test_a_lead_has_a_region_and_no_site(session, lead):
    for place in ({"region": None}, {"site": session.region.sites.get()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=lead.pk).update(**place)


@pytest.mark.parametrize("address", [ADD, "admin:candidates_examsession_add", "admin:materials_reason_add"])
def test_the_own_region_is_chosen_already(session, client, address):
    form = client.get(reverse(address)).context["adminform"].form
    assert form["region"].value() == session.region_id
