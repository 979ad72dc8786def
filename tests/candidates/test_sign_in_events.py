"""Every sign-in, failed sign-in and sign-out is one event, at either door (docs/product.md, rule 11)."""

import pytest
from django.test import Client

from candidates.enums import Action
from candidates.models import Event, User
from tests import factories
from tests.candidates.staff_pages import signed_in

pytestmark = pytest.mark.django_db


def events() -> list[tuple]:
    fields = ("action", "actor__username", "region", "site", "candidate")
    return list(Event.objects.order_by("pk").values_list(*fields))


def test_staff_in_and_out(client):
    staff = factories.site_reviewer(factories.SiteFactory())
    client.post("/admin/login/", {"username": staff.username, "password": factories.PASSWORD})
    client.post("/admin/logout/")
    place = (staff.username, staff.region_id, staff.site_id, None)
    assert events() == [(Action.SIGNED_IN, *place), (Action.SIGNED_OUT, *place)]


def test_a_failure_is_found_where_the_account_belongs_and_names_nobody(client):
    staff = factories.region_staff(factories.RegionFactory())
    client.post("/admin/login/", {"username": staff.username, "password": "wrong"})
    client.post("/admin/login/", {"username": "110101199001010016", "password": "wrong"})
    failed = (Action.SIGN_IN_FAILED, None)
    assert events() == [(*failed, staff.region_id, None, None), (*failed, None, None, None)]
    assert set(Event.objects.values_list("facts__username", flat=True)) == {None}


def test_candidates_in_and_out_once_each(client):
    candidate = factories.make_candidate()
    client.post("/login/", {"username": candidate.registration_number, "password": "wrong"})
    client.post("/login/", {"username": candidate.registration_number, "password": factories.PASSWORD})
    client.post("/logout/")
    assert [row[0] for row in events()] == [Action.SIGN_IN_FAILED, Action.SIGNED_IN, Action.SIGNED_OUT]


def test_signing_out_when_nobody_is_in_says_nothing(client):
    client.post("/logout/")
    assert events() == []


def test_ones_own_new_password_is_an_event_and_the_session_goes_on():
    staff = factories.region_staff(factories.RegionFactory())
    here, elsewhere = signed_in(staff), signed_in(staff)
    new = "quite-new-2026"
    typed = {"old_password": factories.PASSWORD, "new_password1": new, "new_password2": new}
    assert here.get("/admin/password_change/").status_code == 200
    assert here.post("/admin/password_change/", typed | {"old_password": "wrong"}).status_code == 200
    answer = here.post("/admin/password_change/", typed)

    assert (answer.status_code, answer.url) == (303, "/admin/password_change/done/")
    stored = User.objects.get(pk=staff.pk)
    assert (stored.check_password(new), stored.version) == (True, 2)
    event = Event.objects.get(action=Action.RECORD_CHANGED)
    assert (event.actor, event.region, event.facts["key"]) == (staff, staff.region, str(staff.pk))
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    assert Client().get("/admin/password_change/").status_code == 302
