"""Taking away a second factor that somebody lost: by whom, whose, and what it leaves (docs/quality.md, 23)."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from candidates.enums import Action
from candidates.models import Authenticator, Event, RecoveryCodes, User
from candidates.refusals import Refusal
from candidates.services.events import Actor
from candidates.services.second_factor import remove_second_factor
from tests import factories
from tests.candidates.staff_pages import change_address
from tests.second_factor import set_up, with_both, with_password

pytestmark = pytest.mark.django_db
PAGE = "/admin/second-factor/"


@pytest.fixture(autouse=True)
def required(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def region():
    return factories.RegionFactory()


def address(account: User) -> str:
    return reverse("admin:candidates_user_second_factor", args=[account.pk])


def signed_in(user: User):
    return with_both(user, set_up(user))


def test_a_lead_removes_it_and_open_sessions_end(region):
    reviewer = factories.region_reviewer(region)
    app = set_up(reviewer)
    theirs = with_both(reviewer, app)
    half_in = with_password(reviewer)
    lead = factories.region_lead(region)
    client = signed_in(lead)
    assert address(reviewer) in client.get(change_address(reviewer)).content.decode()
    assert client.get(address(reviewer)).status_code == 200
    assert Authenticator.objects.filter(user=reviewer).exists(), "looking removes nothing"

    answer = client.post(address(reviewer))

    assert (answer.status_code, answer.url) == (303, change_address(reviewer))
    assert not Authenticator.objects.filter(user=reviewer).exists()
    assert not RecoveryCodes.objects.filter(user=reviewer).exists()
    event = Event.objects.order_by("-pk")[0]
    assert (event.action, event.actor, event.region, event.facts["code"]) == (
        Action.SECOND_FACTOR_REMOVED, lead, region, reviewer.username,
    )  # fmt: skip
    assert theirs.get(PAGE).url.startswith("/admin/login/"), "whoever sits there must know the password"
    assert theirs.get("/admin/").url.startswith("/admin/login/")
    for browser in (half_in, with_password(reviewer, theirs)):
        assert "<svg" in browser.get(PAGE).content.decode()
    assert client.post(address(reviewer)).status_code == 409, "there is none any more"


@pytest.mark.parametrize("whose", ["lead", "administrator", "elsewhere", "own", "candidate"])
def test_nobody_elses(region, whose):
    lead = factories.region_lead(region)
    client = signed_in(lead)
    account = {
        "lead": lambda: factories.region_lead(region),
        "administrator": factories.administrator,
        "elsewhere": lambda: factories.region_staff(factories.RegionFactory()),
        "own": lambda: lead,
        "candidate": lambda: factories.make_candidate().user,
    }[whose]()
    if whose not in ("own", "candidate"):
        set_up(account)
    assert client.get(address(account)).status_code == 404
    assert client.post(address(account)).status_code == 404
    assert Authenticator.objects.filter(user=account).exists() is (whose != "candidate")
    if whose != "own":
        with pytest.raises(Refusal):
            remove_second_factor(Actor(lead), account)


@pytest.mark.parametrize("role", [factories.region_staff, factories.region_reviewer])
def test_not_by_those_who_manage_no_accounts(region, role):
    client = signed_in(role(region))
    other = factories.region_reviewer(region)
    set_up(other)
    assert client.post(address(other)).status_code == 404
    assert Authenticator.objects.filter(user=other).exists()


def test_an_administrator_removes_anothers_and_not_their_own(region):
    one, other = factories.administrator(), factories.administrator()
    client = signed_in(one)
    set_up(other)
    assert client.post(address(other)).status_code == 303
    assert address(one) not in client.get(change_address(one)).content.decode()
    assert client.post(address(one)).status_code == 404


def test_the_list_says_who_has_one(region):
    lead = factories.region_lead(region)
    client = signed_in(lead)
    set_up(factories.region_reviewer(region))
    factories.region_reviewer(region)
    html = client.get(reverse("admin:candidates_user_changelist")).content.decode()
    assert (html.count("icon-yes.svg"), html.count("icon-no.svg")) == (3, 1), "two are active, one of them has it"


def test_by_command_where_nobody_else_can():
    only = User.objects.create_superuser("root", factories.PASSWORD)
    set_up(only)
    out = StringIO()
    call_command("remove_second_factor", "root", "--dry-run", stdout=out)
    assert Authenticator.objects.exists()
    call_command("remove_second_factor", "root", stdout=out)
    assert not Authenticator.objects.exists()
    event = Event.objects.get(action=Action.SECOND_FACTOR_REMOVED)
    assert (event.actor, event.facts["code"]) == (None, "root")
    for name in ("root", "nobody"):
        with pytest.raises(CommandError):
            call_command("remove_second_factor", name)


def test_the_first_administrator_sets_one_up_at_the_first_sign_in():
    only = User.objects.create_superuser("root", factories.PASSWORD)
    client = with_password(only)
    assert client.get("/admin/").url == f"{PAGE}?next=%2Fadmin%2F"
    assert "<svg" in client.get(PAGE).content.decode()
