"""The lists of the admin: in scope, found by number or name, the same number of queries at one row and at three."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import Candidate, Delivery, Event, ExamSession, Region, Site, User
from candidates.scoped_admin import BoundedPaginator, ScopedAdmin
from candidates.services.events import Actor
from candidates.services.messages import tell
from materials.models import Application, Category, Reason
from review.models import Decision, Publication
from review.services.claims import claim
from review.services.publication import publish_results, withdraw_results
from tests import factories
from tests.candidates.staff_pages import change_address, signed_in

pytestmark = pytest.mark.django_db
LISTS = [
    Application, Candidate, Category, Decision, Delivery, Event, ExamSession, Publication, Reason, Region, Site, User,
]  # fmt: skip


def list_address(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def make_row(model) -> object:
    """One more row of a kind, in a session of its own, so that nothing is shared between rows."""
    if model is User:
        return factories.region_staff(factories.RegionFactory())
    if model is Reason:
        return factories.ReasonFactory(region=factories.RegionFactory())
    session = factories.make_session()
    if model in (Region, Site, ExamSession, Category):
        return session
    application = factories.submitted(session)
    reviewer = factories.site_reviewer(application.site)
    if model is Application:
        return claim(Actor(reviewer), application.pk)
    if model is Decision:
        return Decision.objects.create(
            application=application, round=1, stage="site", outcome="unlock", reviewer=reviewer,
            reason=factories.ReasonFactory(), requests=[{"item": "EDU", "reason": "A", "note": ""}],
        )  # fmt: skip
    if model is Publication:
        return Publication.objects.create(
            session=session, number=1, counts={"passed": 1}, published_by=factories.region_staff(session.region)
        )
    return application


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as context:
        assert client.get(address).status_code == 200
    return len(context)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_the_same_at_one_row_and_at_three(model):
    client = signed_in(factories.administrator())
    make_row(model)
    address = list_address(model)
    client.get(address)
    at_one = queries(client, address)
    make_row(model)
    make_row(model)

    assert queries(client, address) == at_one
    assert at_one <= 10


def test_an_applications_page_costs_the_same_with_one_picture_and_with_many():
    client = signed_in(factories.administrator())
    small, big = factories.returned(), factories.returned()
    for code in ("EDU", "EDU"):
        factories.make_photo(big, code)
    client.get(change_address(small))

    assert queries(client, change_address(big)) == queries(client, change_address(small))


def test_every_list_of_ours_is_scoped_and_bounded():
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label in ("candidates", "materials", "review"):
            assert isinstance(model_admin, ScopedAdmin), model
            assert model_admin.show_full_result_count is False
            assert model_admin.paginator is BoundedPaginator


# --- scope --------------------------------------------------------------------------------------


@pytest.fixture
def two_regions():
    """An application each in two regions, and one more of the first region in another site."""
    session = factories.make_session()
    own = factories.submitted(session, name="张三")
    neighbour = factories.submitted(session, site=factories.SiteFactory(region=session.region), name="张四")
    foreign = factories.submitted(name="张五")
    return own, neighbour, foreign


def shown(client, model, query: str = "") -> set[object]:
    response = client.get(list_address(model) + query)
    assert response.status_code == 200, response.status_code
    return {row.pk for row in response.context["cl"].result_list}


def test_staff_see_their_own_site_or_region(two_regions):
    own, neighbour, foreign = two_regions
    region = own.session.region
    everything = {own.pk, neighbour.pk, foreign.pk}

    assert shown(signed_in(factories.site_reviewer(own.site)), Application) == {own.pk}
    assert shown(signed_in(factories.region_reviewer(region)), Application) == {own.pk, neighbour.pk}
    assert shown(signed_in(factories.region_staff(region)), Application) == {own.pk, neighbour.pk}
    assert shown(signed_in(factories.administrator()), Application) == everything


@pytest.mark.parametrize("model", [Candidate, Event, Application])
def test_a_site_reviewer_sees_nothing_of_the_neighbours(two_regions, model):
    own, neighbour, foreign = two_regions
    client = signed_in(factories.site_reviewer(own.site))

    html = client.get(list_address(model)).content.decode()

    assert own.candidate.registration_number in html
    for hidden in (neighbour, foreign):
        assert hidden.candidate.registration_number not in html
        assert str(hidden.site) not in html  # nor in the filters


def test_a_record_out_of_scope_does_not_exist(two_regions):
    own, neighbour, foreign = two_regions
    tell(foreign.candidate, "published")
    client = signed_in(factories.site_reviewer(own.site))
    staff = signed_in(factories.region_staff(own.session.region))
    missing = [
        (client, [neighbour, neighbour.candidate, Event.objects.filter(candidate=neighbour.candidate).first()]),
        (staff, [foreign, foreign.candidate, Event.objects.filter(candidate=foreign.candidate).first(),
                 Delivery.objects.filter(candidate=foreign.candidate).first()]),
    ]  # fmt: skip

    for browser, records in missing:
        for record in records:
            address = change_address(record)
            assert browser.get(address).status_code == 404, record
            assert browser.get(address.replace("/change/", "/history/")).status_code == 404
            assert browser.post(address, {}).status_code in (403, 404)
    for garbage in ("0", "x", "9" * 30):
        address = reverse("admin:candidates_candidate_change", args=[garbage])
        assert client.get(address).status_code == 404


def test_a_forged_filter_shows_nothing_more(two_regions):
    own, _neighbour, foreign = two_regions
    client = signed_in(factories.site_reviewer(own.site))

    assert shown(client, Application, f"?site__id__exact={foreign.site_id}") <= {own.pk}
    assert shown(client, Application, f"?session__id__exact={foreign.session_id}") <= {own.pk}


@pytest.mark.parametrize("lookup", ["user__password__startswith", "candidate__user__password__startswith"])
def test_a_list_does_not_answer_questions_about_passwords(two_regions, lookup):
    client = signed_in(factories.administrator())

    assert client.get(f"{list_address(Application)}?{lookup}=md5").status_code in (302, 400)
    assert client.get(f"{list_address(Candidate)}?{lookup}=md5").status_code in (302, 400)


def test_autocomplete_is_scoped(two_regions):
    _own, _neighbour, foreign = two_regions
    client = signed_in(factories.region_staff(_own.session.region))

    response = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "materials", "model_name": "application", "field_name": "site", "term": ""},
    )

    found = str(response.content.decode("unicode_escape", errors="replace"))
    assert response.status_code in (200, 403)
    assert foreign.site.code not in found


# --- search -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Candidate, Application, Event, Decision, Delivery])
def test_search_by_number_or_name_and_never_by_id_number(two_regions, model):
    own, _neighbour, foreign = two_regions
    client = signed_in(factories.administrator())
    for application in (own, foreign):
        tell(application.candidate, "published")
        Decision.objects.create(
            application=application, round=1, stage="site", outcome="pass", reviewer=factories.site_reviewer(own.site)
        )
    candidate = Candidate.objects.get(pk=own.candidate_id)

    def found(term):
        rows = client.get(list_address(model), {"q": term}).context["cl"].result_list
        if model is Candidate:
            return {row.pk for row in rows}
        return {(row.application if model is Decision else row).candidate_id for row in rows}

    assert found(candidate.registration_number) == {candidate.pk}
    assert found("张三") == {candidate.pk}
    assert found(candidate.id_number) == set(), "a search stands in the address"
    assert found(candidate.id_number[:10]) == set()
    assert found("没有") == set()
    assert found("'; DROP TABLE x; --1") == set()


def test_id_numbers_and_phones_are_masked_and_texts_are_not_shown():
    application = factories.submitted(phone="13812345678", email="someone@example.com")
    candidate = Candidate.objects.get(pk=application.candidate_id)
    client = signed_in(factories.administrator())
    delivery = Delivery.objects.filter(candidate=candidate).first()

    for address in (
        list_address(Candidate), change_address(candidate), list_address(Application), change_address(application),
        list_address(Delivery), change_address(delivery), list_address(Event),
    ):  # fmt: skip
        html = client.get(address).content.decode()
        for secret in (candidate.id_number, "13812345678", "someone@example.com"):
            assert secret not in html, address
    assert candidate.id_number[:3] + "*" in client.get(change_address(candidate)).content.decode()


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (Application, "?status__exact=submitted&stage__exact=site"),
        (Candidate, "?level__exact=physician&track__exact=clinical&activated=yes"),
        (Event, "?action__exact=submitted"),
        (Delivery, "?status__exact=waiting"),
    ],
)
def test_filters(two_regions, model, query):
    assert shown(signed_in(factories.administrator()), model, query)


def test_a_list_counts_no_further_than_it_needs(monkeypatch, two_regions):
    monkeypatch.setattr(BoundedPaginator, "MOST", 2)
    response = signed_in(factories.administrator()).get(list_address(Application))

    assert response.context["cl"].result_count == 2
    assert response.context["cl"].paginator.is_cut_off
    assert "仅列出前 2 条" in response.content.decode()


def test_a_list_counts_some_pages_ahead_of_the_one_shown(monkeypatch):
    session = factories.make_session()
    for _number in range(4):
        factories.draft(session)
    client = signed_in(factories.region_staff(session.region))
    monkeypatch.setattr(BoundedPaginator, "AHEAD", 1)
    monkeypatch.setattr(ScopedAdmin, "list_per_page", 1)

    def listed(page: str) -> tuple[int, bool, bool]:
        response = client.get(f"{list_address(Application)}{page}")
        paginator = response.context["cl"].paginator
        goes_on = "继续翻页会显示后面的页" in response.content.decode()
        return paginator.count, goes_on, paginator.is_cut_off

    assert listed("") == (2, True, False)
    assert listed("?p=2") == (3, True, False)
    assert listed("?p=3") == (4, True, False)
    assert listed("?p=4") == (4, False, False)
    assert listed("?p=x") == (2, True, False)
    monkeypatch.setattr(BoundedPaginator, "AHEAD", 2)
    everybody = Candidate.objects.values_list("name", flat=True)[0][:1]
    assert listed("") == (3, True, False)
    assert listed(f"?q={everybody}") == (2, True, False)
    assert listed("?q=") == (3, True, False)
    assert listed(f"?p={'9' * 5000}")[0] == 4


def test_complete_drafts_are_looked_for_in_the_order_of_the_list():
    session = factories.make_session()
    complete = [factories.draft(session) for _number in range(2)]
    for application in complete:
        factories.fill(application)
    client = signed_in(factories.region_staff(session.region))

    def count(progress: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            listed = client.get(f"{list_address(Application)}?progress={progress}").context["cl"]
        [sql] = [query["sql"] for query in queries if "COUNT(*) FROM (SELECT" in query["sql"]]
        return listed.result_count, sql

    number, sql = count("complete")
    assert number == 2
    assert 'ORDER BY "candidates_candidate"."registration_number"' in sql
    assert "ORDER BY" not in count("draft")[1]


# --- an application's page ------------------------------------------------------------------------


def test_an_applications_page_shows_its_history():
    application = factories.returned(note="请补盖章")
    client = signed_in(factories.site_reviewer(application.site))

    response = client.get(change_address(application))

    html = response.content.decode()
    photo = application.items.get(category__code="EDU").photos.get()
    assert "请补盖章" in html
    assert reverse("photo", args=[photo.pk]) in html
    assert f"{application.candidate.registration_number}-1" in html
    assert reverse("review_screen", args=[application.pk]) in html
    assert 'name="_save"' not in html
    assert reverse("staff_extension", args=[application.pk]) not in html
    staff = signed_in(factories.region_staff(application.session.region))
    assert reverse("staff_extension", args=[application.pk]) in staff.get(change_address(application)).content.decode()
    assert client.get(change_address(application).replace("/change/", "/history/")).status_code == 302


def test_nothing_can_be_added_changed_or_deleted_by_hand():
    application = factories.returned()
    client = signed_in(factories.administrator())
    event = Event.objects.first()

    for record in (application, application.candidate, event):
        address = change_address(record)
        assert client.post(address, {"status": "passed", "name": "x"}).status_code == 403
        assert client.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
        assert client.get(list_address(type(record)) + "add/").status_code == 403
        assert client.post(list_address(type(record)), {"action": "delete_selected", "_selected_action": record.pk})
    assert Application.objects.filter(pk=application.pk, status="returned").exists()
    assert Event.objects.filter(pk=event.pk).exists()
    assert not LogEntry.objects.exists()


def test_a_publications_page_tells_who_and_why():
    application = factories.decided("passed")
    factories.close_window(application.session)
    staff = factories.region_staff(application.session.region, name="孙考务")
    publish_results(Actor(staff), application.session.code)
    withdraw_results(Actor(staff), application.session.code, "名单有误")

    html = signed_in(staff).get(change_address(Publication.objects.get())).content.decode()

    assert "孙考务" in html
    assert "名单有误" in html


@pytest.mark.parametrize("given", ["x", "9" * 30, "\x00"])
def test_a_list_asked_for_nonsense_is_a_list(given):
    session = factories.make_session()  # of one there is no filter, and nothing of Django's that refuses first
    factories.submitted(session)
    client = signed_in(factories.region_staff(session.region))
    for model in (Application, Candidate, Category, Decision, Delivery, Event, ExamSession, Publication, Reason):
        names = {"q", "p", "session__id__exact", "site__id__exact"}
        for spec in client.get(list_address(model)).context_data["cl"].filter_specs:
            names.update(spec.expected_parameters())
        for name in names:
            assert client.get(list_address(model), {name: given}).status_code in (200, 302, 400), (model, name)
