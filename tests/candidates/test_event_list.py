"""The list of events: found by who, what, where, when and about whom, in scope; its chain's head."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from candidates.enums import Action
from candidates.models import Event
from candidates.scoped_admin import RecordSearch
from candidates.services.events import Actor, make_event, record
from candidates.services.seals import seal_events
from tests import factories
from tests.review.desk import signed_in

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def admin() -> Client:
    return administrator()


def administrator() -> Client:
    return signed_in(factories.administrator(username="boss", name="系统管理员"))


def address(**chosen: object) -> str:
    return "/admin/candidates/event/?" + "&".join(f"{name}={value}" for name, value in chosen.items())


def listed(client: Client, **chosen: object) -> list[Event]:
    response = client.get(address(**chosen))
    assert response.status_code == 200
    # Whoever looks has signed in first, which is an event too.
    return [event for event in response.context["cl"].result_list if event.action != Action.SIGNED_IN]


def at(session, *moment: int) -> Event:
    event = make_event(Action.SUBMITTED, Actor(None), session=session)
    event.at = datetime(*moment, tzinfo=SHANGHAI)
    event.save(force_insert=True)
    return event


def test_by_who_acted(session, admin):
    reviewer = factories.site_reviewer(session.region.sites.get(), username="wang", name="王审核")
    candidate = factories.make_candidate(session)
    judged = record(Action.VERDICT_GIVEN, Actor(reviewer), candidate=candidate)
    replied = record(Action.REPLIED, Actor(candidate.user), candidate=candidate)

    for typed in ("wang", "王审核", " wang "):
        assert listed(admin, who=typed) == [judged]
    assert listed(admin, who=candidate.registration_number.lower()) == [replied]
    assert listed(admin, who="nobody") == []
    assert listed(admin, who="") == [replied, judged]


def test_by_day_as_the_list_shows_it(session):
    before, first, last, after = (
        at(session, 2026, 3, 1, 23, 59, 59),
        at(session, 2026, 3, 2),
        at(session, 2026, 3, 3, 23, 59, 59),
        at(session, 2026, 3, 4),
    )
    admin = administrator()

    chosen = {"from": "2026-03-02", "to": "2026-03-03"}
    assert listed(admin, **chosen) == [last, first]
    assert listed(admin, **{"from": "2026-03-04"}) == [after]
    assert listed(admin, to="2026-03-01") == [before]
    assert listed(admin, **{"from": "2030-01-01"}) == []
    assert len(listed(admin, to="2030-01-01")) == 4


def test_a_day_goes_by_the_region_of_who_looks(session):
    session.region.time_zone = "Asia/Urumqi"
    session.region.save()
    late = at(session, 2026, 3, 2, 1)  # 23:00 the day before there
    staff = signed_in(factories.region_staff(session.region))

    assert listed(staff, **{"from": "2026-03-01", "to": "2026-03-01"}) == [late]


def test_one_that_was_written_out_of_turn_is_on_its_day(session):
    """A key is drawn when an event is stored, its time set when it was made."""
    later = at(session, 2026, 3, 2, 0, 1)
    earlier = at(session, 2026, 3, 1, 23, 55)
    admin = administrator()
    assert listed(admin, to="2026-03-01") == [earlier]
    assert listed(admin, **{"from": "2026-03-02"}) == [later]


@pytest.mark.parametrize("typed", ["24.11.2026", "2026-02-30", "x", "9999-12-31", "0001-01-01", "２０２６-11-24"])
def test_a_day_that_is_none_is_said_and_lists_nothing(session, admin, typed):
    at(session, 2026, 3, 2)
    response = admin.get(address(**{"from": typed, "to": typed}))

    assert list(response.context["cl"].result_list) == []
    html = response.content.decode()
    assert "Type each day as year, month and day: 2026-11-30." in html
    assert f'value="{typed}"' in html


def test_what_is_typed_is_inert(admin):
    html = admin.get(address(who="%22><script>alert(1)</script>", session__id__exact="1")).content.decode()
    assert "<script>alert(1)" not in html
    assert admin.get(address(who="a%00b")).status_code in (200, 400)


def test_the_boxes_keep_what_else_is_chosen(session, admin):
    html = admin.get(address(q="TJ26", action__exact="submitted", who="wang", p="2")).content.decode()
    forms = re.findall(r'<form class="staff-typed-filter".*?</form>', html, re.DOTALL)

    kept = [dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)) for form in forms]
    assert kept == [
        {"q": "TJ26", "action__exact": "submitted"},
        {"q": "TJ26", "action__exact": "submitted", "who": "wang"},
    ]
    assert 'type="text" name="who" value="wang"' in forms[0]


def test_by_registration_number(session, admin):
    candidate, other = factories.make_candidate(session), factories.make_candidate(session)
    mine = record(Action.REPLIED, Actor(candidate.user), candidate=candidate)
    record(Action.REPLIED, Actor(other.user), candidate=other)

    assert listed(admin, q=candidate.registration_number) == [mine]
    assert len(listed(admin, q="TJ26")) == 2
    assert listed(admin, q="TJ99") == []


def test_a_beginning_that_too_many_share_asks_for_more(session, admin, monkeypatch):
    monkeypatch.setattr(RecordSearch, "MOST_FOUND", 2)
    people = [factories.make_candidate(session) for _ in range(3)]
    elsewhere = factories.make_candidate()
    events = [record(Action.REPLIED, Actor(person.user), candidate=person) for person in (*people, elsewhere)]

    for name in ("candidates/event", "candidates/delivery", "review/decision"):
        html = admin.get(f"/admin/{name}/", {"q": "TJ26"}).content.decode()
        assert "More than 2 candidates begin so" in html
    assert listed(admin, q="TJ26") == []
    assert listed(admin, q=people[0].registration_number) == events[:1]
    # Those of other regions are not counted: nobody there learns of them, and they are in nobody's way.
    staff = signed_in(factories.region_staff(elsewhere.session.region))
    assert listed(staff, q="TJ26") == events[3:]


def test_only_what_is_in_scope_whatever_is_asked_for(session):
    elsewhere = factories.make_candidate()
    record(Action.REPLIED, Actor(elsewhere.user), candidate=elsewhere)
    mine = factories.make_candidate(session)
    own = record(Action.REPLIED, Actor(mine.user), candidate=mine)
    site = session.region.sites.get()
    second_look = record(Action.SECOND_LOOK_ANSWERED, Actor(None), candidate=mine)
    number = elsewhere.registration_number

    for user in (factories.site_reviewer(site), factories.region_staff(session.region)):
        client = signed_in(user)
        seen = [own] if user.site else [second_look, own]
        assert listed(client) == seen
        for chosen in ({"q": number}, {"who": number}, {"site__id__exact": elsewhere.site_id}):
            assert listed(client, **chosen) == []
        assert listed(client, q=mine.registration_number, action__exact="replied") == [own]


def test_no_question_counts_the_table_or_reads_all_of_it(session, admin):
    """Counted is up to a bound, and searched for are the candidates first."""
    record(Action.REPLIED, Actor(None), candidate=factories.make_candidate(session))
    for query in ({}, {"q": "TJ26"}, {"who": "boss"}, {"from": "2026-03-02", "to": "2026-03-02"}):
        with CaptureQueriesContext(connection) as captured:
            listed(admin, **query)
        asked = [entry["sql"] for entry in captured.captured_queries if '"candidates_event"' in entry["sql"]]
        counts = [sql for sql in asked if "COUNT(" in sql]
        assert len(counts) == 1
        assert ("LIMIT 100" if "q" in query else "LIMIT 250") in counts[0]
        assert not [sql for sql in asked if "LIKE" in sql], "candidates are looked up before their events"


def test_the_head_is_shown_to_administrators_and_nobody_else(session, admin):
    at(session, 2026, 3, 2)
    assert "No event is sealed yet" in admin.get(address()).content.decode()
    seal_events()
    response = admin.get(address())
    newest = response.context["newest_seal"]
    assert bytes(newest.hash).hex() in response.content.decode()
    assert newest.pk == Event.objects.latest("pk").pk

    html = signed_in(factories.region_lead(session.region)).get(address()).content.decode()
    assert "verify_events" not in html
    assert bytes(newest.hash).hex() not in html


def test_the_slack_is_longer_than_a_transaction_may_be(settings):
    from candidates.event_filters import SLACK

    assert timedelta(hours=1) < SLACK < timedelta(days=1)
