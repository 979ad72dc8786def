"""Editing sessions and what belongs to them in the admin: versions, scope, forged fields (docs/product.md, 10, 13)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from candidates.models import Event, ExamSession, Region, Site, User
from candidates.refusals import Stale
from candidates.services.events import Actor
from candidates.services.notices import add_notice
from candidates.services.sessions import save_account, save_record
from materials.models import Category, Reason
from materials.services.catalogue import save_session
from tests import factories
from tests.candidates.staff_pages import change, change_address, open_form, signed_in, typed
from tests.concurrency import at_once

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


def test_a_change_is_stored_and_recorded(session, staff, client):
    response = change(client, session, contact="022-9999")

    assert response.status_code == 303
    session.refresh_from_db()
    assert (session.contact, session.version) == ("022-9999", 2)
    event = Event.objects.get(action="session_changed")
    assert event.actor == staff
    assert event.region == session.region
    assert event.facts["changes"] == {"contact": ["022-1111111", "022-9999"]}


def test_how_many_second_looks_is_policy(session, client):
    assert change(client, session, second_look_percent="20").status_code == 303
    assert Event.objects.get(action="session_changed").facts["changes"] == {"second_look_percent": [0, 20]}

    refused = change(client, session, second_look_percent="101").content.decode()
    assert "抽查比例须在 0 到 100 之间。" in refused
    change(client, session, second_look_percent="-1")
    session.refresh_from_db()
    assert session.second_look_percent == 20


def test_saving_without_a_change_records_nothing(session, client):
    assert change(client, session).status_code == 303

    session.refresh_from_db()
    assert session.version == 1
    assert not Event.objects.exclude(action="signed_in").exists()


def test_a_stale_save_keeps_what_was_typed_and_says_who_was_faster(session, client):
    data = typed(open_form(client, session), title_zh="我的标题")
    other = factories.region_staff(session.region, name="钱考务")
    change(signed_in(other), session, title_zh="别人的标题")

    response = client.post(change_address(session), data)

    assert response.status_code == 409
    html = response.content.decode()
    assert 'value="我的标题"' in html
    assert "钱考务" in html
    assert "别人的标题" in html  # what is stored now
    session.refresh_from_db()
    assert (session.title_zh, session.version) == ("别人的标题", 2)
    assert Event.objects.filter(action="session_changed").count() == 1


def test_after_a_stale_save_the_form_can_be_sent_again_on_purpose(session, client):
    data = typed(open_form(client, session), title_zh="我的标题")
    change(client, session, contact="1")
    again = client.post(change_address(session), data).context["adminform"].form

    response = client.post(change_address(session), data | {"version": again["version"].value()})

    assert response.status_code == 303
    session.refresh_from_db()
    assert session.title_zh == "我的标题"


@pytest.mark.parametrize("version", [None, "", "x", "0", "-1"])
def test_a_form_without_its_version_stores_nothing(session, client, version):
    response = client.post(change_address(session), typed(open_form(client, session), contact="9", version=version))

    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()
    session.refresh_from_db()
    assert session.contact == "022-1111111"


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_one_wins_and_the_other_is_told():
    session = factories.make_session()
    staff = [factories.region_staff(session.region) for _ in range(2)]

    def save(user, title):
        client = signed_in(user)
        data = typed(open_form(client, session), title_zh=title) | {"version": "1"}
        return lambda: client.post(change_address(session), data).status_code

    answers = at_once(save(staff[0], "一"), save(staff[1], "二"))

    assert sorted(answers) == [303, 409]
    session.refresh_from_db()
    assert session.version == 2


def test_windows_that_make_no_sense_are_refused_with_a_sentence(session, client):
    later = timezone.localtime(session.closes_at + timedelta(days=1))
    response = change(client, session, opens_at=f"{later:%Y-%m-%dT%H:%M}")

    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()
    session.refresh_from_db()
    assert session.version == 1


def test_times_are_in_the_regions_time_zone(session):
    Region.objects.filter(pk=session.region_id).update(time_zone="Asia/Urumqi")
    client = signed_in(factories.region_staff(session.region))
    change(client, session, opens_at="2026-01-01T08:00")

    session.refresh_from_db()
    assert session.opens_at == datetime(2026, 1, 1, 2, tzinfo=UTC)
    html = client.get(change_address(session)).content.decode()
    assert 'value="2026-01-01T08:00:00"' in html


def test_a_published_session_is_frozen(session, client):
    factories.publish(session)

    response = change(client, session, contact="9")

    assert response.status_code == 409
    session.refresh_from_db()
    assert session.contact == "022-1111111"


def test_stages_stay_once_something_is_submitted(session, client):
    factories.submitted(session)

    response = change(client, session, stages="region")

    assert response.status_code == 422
    session.refresh_from_db()
    assert session.stages == "site_then_region"


def test_stages_may_change_while_all_are_drafts(session, client):
    application = factories.draft(session)
    assert change(client, session, stages="region").status_code == 303

    factories.submit(application)
    assert application.stage == "region"


def test_a_new_session_gets_its_own_catalogue_and_only_in_the_own_region(session, staff, client):
    factories.load_catalogue(None, ["ID", "EDU"])
    address = reverse("admin:candidates_examsession_add")
    data = typed(client.get(address).context["adminform"].form) | {
        "code": "NEW-1", "title_zh": "新批次", "stages": "site", "max_bytes": "204800",
        "opens_at": "2027-01-01T08:00", "closes_at": "2027-01-10T08:00", "corrections_until": "2027-01-20T08:00",
    }  # fmt: skip
    foreign = factories.RegionFactory()

    assert client.post(address, data | {"region": foreign.pk}).status_code == 200
    assert not ExamSession.objects.filter(code="NEW-1").exists()
    assert client.post(address, data | {"region": session.region_id}).status_code == 303
    assert ExamSession.objects.get(code="NEW-1").categories.count() == 2
    # The code is taken now.
    response = client.post(address, data | {"region": session.region_id})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["code"]


@pytest.mark.parametrize("what", ["session", "site", "category", "reason"])
def test_what_belongs_to_another_region_does_not_exist(client, what):
    foreign = factories.make_session()
    record = {
        "session": lambda: foreign,
        "site": lambda: foreign.region.sites.get(),
        "category": lambda: foreign.categories.first(),
        "reason": lambda: factories.ReasonFactory(region=foreign.region),
    }[what]()
    address = change_address(record)

    assert client.get(address).status_code == 404
    assert client.post(address, {"version": "1", "name_zh": "x"}).status_code == 404
    assert client.get(address.replace("/change/", "/history/")).status_code == 404
    assert client.get(address.replace("/change/", "/delete/")).status_code in (403, 404)


def test_nothing_moves_to_another_region_by_a_forged_field(session, client):
    foreign = factories.make_session()
    site, category = session.region.sites.get(), session.categories.first()
    reason = factories.ReasonFactory(region=session.region)

    for record, forged in (
        (session, {"region": foreign.region_id, "code": "FORGED", "published_at": "2026-01-01", "version": "1"}),
        (site, {"region": foreign.region_id}),
        (category, {"session": foreign.pk, "code": "FORGED"}),
        (reason, {"region": foreign.region_id, "code": "FORGED"}),
    ):
        before = type(record).objects.filter(pk=record.pk).values().get()
        assert change(client, record, **forged).status_code == 303
        assert type(record).objects.filter(pk=record.pk).values().get() == before


def test_a_new_reason_is_for_the_own_region_and_never_for_all(session, client):
    foreign = factories.RegionFactory()
    address = reverse("admin:materials_reason_add")
    data = {
        "code": "NEW",
        "use": "change",
        "name_zh": "新",
        "sentence_zh": "请重拍。",
        "position": "1",
        "is_active": "on",
    }

    for region in ("", foreign.pk):
        assert client.post(address, data | {"region": region}).status_code == 200
    assert not Reason.objects.filter(code="NEW").exists()
    assert client.post(address, data | {"region": session.region_id}).status_code == 303
    assert Reason.objects.get(code="NEW").region == session.region


def test_what_every_region_shares_is_the_administrators(session, client):
    shared = factories.ReasonFactory(region=None)
    default = factories.load_catalogue(None, ["ID"])[0]

    assert client.get(change_address(shared)).status_code == 200
    assert client.post(change_address(shared), {"version": "1", "name_zh": "x"}).status_code == 403
    assert client.get(change_address(default)).status_code == 404
    admin = signed_in(factories.administrator())
    assert change(admin, shared, name_zh="新名").status_code == 303
    assert change(admin, default, hint_zh="新提示").status_code == 303


def test_a_category_with_a_code_that_is_there_is_refused_with_a_sentence(session):
    admin = signed_in(factories.administrator())
    address = reverse("admin:materials_category_add")
    data = {
        "code": "ID", "position": "1", "name_zh": "x", "min_photos": "1", "max_photos": "2",
        "requirement": "required", "formats": ["jpeg"],
    }  # fmt: skip
    factories.load_catalogue(None, ["ID"])

    for chosen in (session.pk, ""):
        response = admin.post(address, data | {"session": chosen})
        assert response.status_code == 200
        assert response.context["adminform"].form.non_field_errors()
    assert Category.objects.filter(code="ID").count() == 2


def test_the_categories_of_a_published_session_are_frozen(session, client):
    factories.publish(session)
    category = session.categories.first()

    assert change(client, category, name_zh="x").status_code == 409


@pytest.mark.parametrize("make", [factories.site_reviewer, factories.region_reviewer])
def test_reviewers_edit_nothing(session, make):
    site = session.region.sites.get()
    client = signed_in(make(site if make is factories.site_reviewer else session.region))

    for record in (session, site, session.categories.first()):
        assert client.get(change_address(record)).status_code in (403, 404)
        assert client.post(change_address(record), {"version": "1"}).status_code in (403, 404)


def test_nothing_is_deleted_by_hand(session):
    admin = signed_in(factories.administrator())
    site = factories.SiteFactory(region=session.region)
    address = change_address(site).replace("/change/", "/delete/")

    assert admin.post(address, {"post": "yes"}).status_code == 403
    assert Site.objects.filter(pk=site.pk).exists()


def test_a_service_compares_the_version_in_the_update_itself(session, staff):
    one, two = ExamSession.objects.get(pk=session.pk), ExamSession.objects.get(pk=session.pk)
    one.contact, two.contact = "1", "2"
    save_record(Actor(staff), one, 1)

    with pytest.raises(Stale):
        save_record(Actor(staff), two, 1)

    session.refresh_from_db()
    assert session.contact == "1"


def test_a_form_sets_back_nothing_that_it_does_not_have(session, staff):
    typed = ExamSession.objects.get(pk=session.pk)
    add_notice(Actor(staff), session.code, number=0, text_zh="新", text_en="New", ask_again=True)
    typed.contact = "9"
    save_session(Actor(staff), typed, typed.version)
    session.refresh_from_db()
    assert (session.contact, session.consent_since) == ("9", 1)

    account = User.objects.get(pk=staff.pk)
    now = timezone.now()
    User.objects.filter(pk=staff.pk).update(last_login=now)
    account.name = "李考务"
    save_account(Actor(factories.administrator()), account, account.version)
    staff.refresh_from_db()
    assert (staff.name, staff.last_login) == ("李考务", now)
    assert Event.objects.get(action="record_changed").facts["changes"] == {"name": ["孙考务", "李考务"]}
