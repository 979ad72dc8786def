"""Whatever the admin's own forms and the commands write is an event, by whom and from where (docs/product.md, rule 11).

For all other addresses: test_every_act_is_an_event.py.
"""

import io
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from candidates.models import Event, ExamSession, Region, Site, User
from materials.models import Category, Reason
from tests import acts, factories, test_dry_run
from tests.candidates.staff_pages import change, signed_in, typed
from tests.stored import tables, written
from tests.test_every_act_is_an_event import ADDRESS, TWICE

pytestmark = pytest.mark.django_db


def fields_of(model: type, session: ExamSession) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """A record, what is changed of it, and what a new one is made of."""
    region = session.region
    title = {"title_zh": "新", "title_en": "New", "code": "NEW"}
    name = {"name_zh": "新", "name_en": "New", "code": "NEW"}
    windows = {"opens_at": "2026-01-01T00:00:00", "closes_at": "2026-02-01T00:00:00",
               "corrections_until": "2026-03-01T00:00:00"}  # fmt: skip
    sizes = {"min_photos": 1, "max_photos": 2, "requirement": "optional", "formats": ["jpeg"]}
    return {
        Region: (region, {"name_en": "Other"}, name | {"time_zone": "Asia/Shanghai"}),
        Site: (region.sites.get(), {"contact": "022-9"}, name | {"region": region.pk, "contact": "1"}),
        User: (factories.site_reviewer(region.sites.get()), {"role": "region_reviewer", "site": None},
               {"username": "new", "name": "新", "role": "region_staff", "region": region.pk, **TWICE}),
        ExamSession: (session, {"contact": "022-9"}, title | windows | {"region": region.pk}),
        Category: (session.categories.first(), {"hint_en": "Other"},
                   name | sizes | {"session": session.pk, "position": 99}),
        Reason: (factories.ReasonFactory(), {"name_en": "Other"},
                 name | {"region": region.pk, "sentence_zh": "请重拍", "sentence_en": "Again"}),
    }[model]  # fmt: skip


def editable() -> list[type]:
    user = User(role="administrator", is_active=True)
    return [
        model
        for model in admin.site._registry
        if user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")
    ]


@pytest.mark.parametrize("model", editable(), ids=lambda model: model.__name__)
def test_what_a_form_of_the_admin_writes_is_an_event(model):
    record, changes, new = fields_of(model, factories.make_session())
    user = factories.administrator()
    client = signed_in(user)
    client.defaults["REMOTE_ADDR"] = ADDRESS
    before = tables()

    response = change(client, record, **changes)

    assert response.status_code == 303, response.context["adminform"].form.errors
    assert written(before)
    event = Event.objects.latest("pk")
    assert (event.actor, event.ip_address, event.facts["new"]) == (user, ADDRESS, False)
    assert all(name in event.facts["changes"] or f"{name}_id" in event.facts["changes"] for name in changes)
    before, events = tables(), Event.objects.count()

    opened = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))

    if opened.status_code == 403:
        return
    form = opened.context["adminform"].form
    response = client.post(opened.request["PATH_INFO"], typed(form, **new))
    assert response.status_code == 303, response.context["adminform"].form.errors
    assert written(before)
    added = Event.objects.order_by("pk")[events:]
    assert [(event.actor, event.facts["new"]) for event in added] == [(user, True)]


def test_a_new_password_for_somebody_is_an_event():
    site = factories.make_session().region.sites.get()
    reviewer, lead = factories.site_reviewer(site), factories.region_lead(site.region)
    before = tables()

    response = signed_in(lead).post(
        reverse("admin:candidates_user_password", args=[reviewer.pk]),
        TWICE,
    )

    assert response.status_code == 303
    assert written(before) == {"candidates_user"}
    event = Event.objects.latest("pk")
    assert (event.actor, event.facts["code"], event.facts["changes"]) == (lead, reviewer.username, {"password": []})


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", test_dry_run.ACTS, ids=lambda act: act.__name__)
def test_what_a_command_writes_is_an_event_that_names_it(act, tmp_path, settings):
    settings.FIELD_KEYS = ["the newest of two keys", *settings.FIELD_KEYS]
    arguments = act(acts.new_session(), tmp_path)
    before, events = tables(), Event.objects.count()

    call_command(*arguments, stdout=io.StringIO())

    recorded = Event.objects.order_by("pk")[events:]
    assert recorded or not written(before)
    assert recorded
    for event in recorded:
        assert event.actor is None
        assert event.facts["command"] == arguments[0]
        assert "@" in event.facts["account"]


def test_pictures_that_time_makes_go_are_an_event():
    application = factories.draft()
    photo = factories.make_photo(application, "EDU")
    photo.superseded_at = timezone.now() - timezone.timedelta(hours=1)
    photo.save()
    before = tables()

    call_command("run_periodic", stdout=io.StringIO())

    assert "materials_photo" in written(before)
    event = Event.objects.get(action="photo_erased")
    assert (event.candidate, event.facts["photos"]) == (application.candidate, [str(photo.pk)])
