"""What staff read in lists and on records: in their language, and no link that leads to a refusal."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_list import result_headers
from django.urls import reverse

from candidates.models import Delivery
from candidates.services.messages import tell
from materials.models import Application
from review.models import Decision, Publication
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NAMES_OF_STANDARDS = {"SHA", "CSV"}


def list_address(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def english(text: str) -> set[str]:
    return set(re.findall("[A-Za-z]{2,}", text)) - NAMES_OF_STANDARDS


@pytest.fixture
def application():
    application = factories.decided("passed", flags=["fresh_graduate"])
    tell(application.candidate, "reminder", status="draft", until="2026-01-01T00:00:00+08:00")
    factories.close_window(application.session)
    factories.publish(application.session)
    return application


def test_only_what_is_ours_is_in_the_menu():
    assert {model._meta.app_label for model in MODELS} == {"candidates", "materials", "review"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_headings_are_in_chinese(application, model):
    page = signed_in(factories.administrator()).get(list_address(model))
    headings = [str(heading["text"]) for heading in result_headers(page.context["cl"])]
    assert {heading for heading in headings if english(heading)} == set()
    assert page.context["title"] == model._meta.verbose_name_plural


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_labels_of_a_record_are_in_chinese(application, model):
    user = factories.administrator()
    record = admin.site._registry[model].in_scope(user).first()
    page = signed_in(user).get(change_address(record))
    fields = [field for fieldset in page.context["adminform"] for line in fieldset for field in line]
    labels = [
        str(field.field["label"] if field.is_readonly else field.field.label)
        for field in fields
        if field.is_readonly or not field.field.is_hidden
    ]
    assert {label for label in labels if english(label)} == set()


def test_a_registration_is_told_in_words_and_in_the_regions_time(application):
    candidate = application.candidate
    html = signed_in(factories.region_staff(candidate.session.region)).get(change_address(candidate)).content.decode()
    assert "应届毕业生" in html
    assert "fresh_graduate" not in html
    assert "+00:00" not in html


def test_a_registration_and_its_application_lead_to_each_other(application):
    client = signed_in(factories.site_reviewer(application.site))
    assert change_address(application) in client.get(change_address(application.candidate)).content.decode()
    assert change_address(application.candidate) in client.get(change_address(application)).content.decode()


@pytest.mark.parametrize("make", [factories.site_reviewer, factories.region_reviewer, factories.region_staff])
def test_no_record_links_to_what_may_not_be_opened(application, make):
    place = application.site if make is factories.site_reviewer else application.session.region
    user = make(place)
    client = signed_in(user)
    records = [application, application.candidate, Decision.objects.first(), application.candidate.events.first()]
    if make is factories.region_staff:
        records += [Publication.objects.get(), Delivery.objects.first()]
    for record in records:
        content = client.get(change_address(record)).content.decode().split('id="content-main"')[1]
        for address in set(re.findall(r'href="(/admin/[^"?#]+/change/)"', content)):
            assert client.get(address).status_code == 200, (record, address)


def test_a_deadline_is_offered_only_where_one_can_be_set(application):
    session = factories.make_session()
    returned, draft = factories.returned(session), factories.draft(session)
    html = signed_in(factories.region_staff(session.region)).get(list_address(Application)).content.decode()
    assert reverse("staff_extension", args=[returned.pk]) in html
    assert reverse("staff_extension", args=[draft.pk]) not in html


@pytest.mark.parametrize(("value", "number"), [("yes", 1), ("no", 1), ("", 2), ("moon", 2)])
def test_candidates_are_found_by_whether_they_are_activated(value, number):
    session = factories.make_session()
    factories.make_candidate(session)
    factories.make_candidate(session, activated=False)
    client = signed_in(factories.region_staff(session.region))
    page = client.get(reverse("admin:candidates_candidate_changelist"), {"activated": value} if value else {})
    assert len(page.context["cl"].result_list) == number
