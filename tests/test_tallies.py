"""How many are in which state, kept by triggers: the same as counted, whoever wrote, and read without counting."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from candidates.models import Delivery, DeliveryTally, ExamSession
from candidates.refusals import Refusal
from candidates.selectors import outcomes_of
from candidates.services.events import OPERATOR, Actor
from candidates.services.messages import send_waiting, tell, try_again
from candidates.services.tallies import TALLIES_LOCK, roll_up
from materials.models import Application, ApplicationTally
from materials.selectors import counts_by_state, recounted_by_state
from review.services.erasure import erase_candidate
from review.services.publication import plan_publication, publish_results, withdraw_results
from review.services.verdicts import unlock_item
from tests import acts, factories
from tests.candidates.test_roster import row
from tests.concurrency import at_once
from tests.review.desk import signed_in
from tests.stored import tables

pytestmark = pytest.mark.django_db
AT_ONCE = pytest.mark.django_db(transaction=True)
OPERATIONS = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text("utf-8")
TALLIES = (ApplicationTally, DeliveryTally)
STATE = "INSERT INTO materials_applicationtally (session_id, site_id, status, stage, number)"


def recount() -> int:
    """What docs/operations.md says how to do; how many numbers were wrong."""
    (script,) = re.findall(r"```sql\n(INSERT INTO materials_applicationtally.*?)```", OPERATIONS, re.DOTALL)
    wrong = 0
    with connection.cursor() as cursor:
        for statement in filter(str.strip, script.split(";")):
            cursor.execute(statement)
            wrong += cursor.rowcount
    return wrong


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def rows() -> int:
    return sum(tally.objects.count() for tally in TALLIES)


# --- after every act -------------------------------------------------------------------------------


def another_site(session: ExamSession, folder: Path) -> None:
    factories.SiteFactory(region=session.region, code="TJ02")
    call_command(*acts.a_roster(session, folder, row(1), row(2)))
    call_command(*acts.a_roster(session, folder, row(1, site="TJ02"), row(2, phone="13900000000")))


def unlocking(session: ExamSession, folder: Path) -> None:
    passed = factories.decided("passed", session)
    reason = factories.ReasonFactory().code
    actor = Actor(factories.region_reviewer(session.region))
    unlock_item(actor, passed.pk, "EDU", version=passed.version, reason=reason, note="电话")


def publishing_and_withdrawing(session: ExamSession, folder: Path) -> None:
    for status in ("passed", "rejected"):
        factories.decided(status, session)
    factories.returned(session)
    factories.publish(session)
    send_waiting(limit=2)
    withdraw_results(OPERATOR, session.code, "名单有误")


def trying_again(session: ExamSession, folder: Path) -> None:
    for _ in range(2):
        tell(factories.make_candidate(session), "published")
    Delivery.objects.update(status="failed", error="no such number")
    assert try_again(OPERATOR, session) == 2


def erasing(session: ExamSession, folder: Path) -> None:
    candidate = factories.draft(session, email="a@example.com").candidate
    tell(candidate, "published")
    staff = Actor(factories.region_staff(session.region))
    typed = candidate.registration_number
    erase_candidate(staff, candidate.pk, version=candidate.version, typed=typed, reason="本人申请")


def a_command(act: Callable[[ExamSession, Path], list[str]]) -> Callable[[ExamSession, Path], None]:
    def run_it(session: ExamSession, folder: Path) -> None:
        call_command(*act(session, folder))

    run_it.__name__ = act.__name__
    return run_it


ACTS = [
    another_site, unlocking, publishing_and_withdrawing, trying_again, erasing, a_command(acts.run_periodic),
    a_command(acts.purge_session), a_command(acts.send_reminders),
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_after_every_act_they_are_what_one_counts(act, tmp_path, capsys):
    session = acts.new_session()

    act(session, tmp_path)

    found = {(entry.status, entry.stage, entry.site): entry.number for entry in counts_by_state([session])}
    assert found == {(entry.status, entry.stage, entry.site): entry.number for entry in recounted_by_state(session)}
    assert sum(found.values()) == session.candidates.count() > 0
    assert recount() == 0


@pytest.mark.parametrize(
    ("sql", "added"),
    [
        ("UPDATE materials_application SET stage = 'region'", 4),
        ("UPDATE materials_application SET version = version + 1", 0),
        ("UPDATE materials_application SET stage = 'site' WHERE false", 0),
        # Two that change places: nothing moved.
        (
            "UPDATE materials_application SET status = CASE status WHEN 'draft' THEN 'submitted' ELSE 'draft' END,"
            " rounds = 1 - rounds, submitted_at = CASE status WHEN 'draft' THEN now() END",
            0,
        ),
        (
            "INSERT INTO materials_application SELECT * FROM materials_application"
            " ON CONFLICT (id) DO UPDATE SET stage = 'region'",
            4,
        ),
        ("DELETE FROM candidates_delivery", 1),
        ("UPDATE candidates_delivery SET status = 'failed', error = 'x'", 2),
        ("UPDATE candidates_delivery SET attempts = attempts + 1, error = 'x'", 0),
        ("INSERT INTO candidates_delivery OVERRIDING SYSTEM VALUE SELECT * FROM candidates_delivery WHERE false", 0),
    ],
)
def test_whatever_is_written_by_plain_sql(sql, added):
    session = factories.make_session()
    two = factories.draft(session), factories.draft(session)
    Application.objects.filter(pk=two[0].pk).update(status="submitted", rounds=1, submitted_at=session.opens_at)
    for application in two:
        tell(application.candidate, "published")
    assert recount() == 0
    before = rows()

    run(sql)

    assert rows() - before == added
    assert recount() == 0


def test_what_is_rolled_back_never_was():
    session = factories.make_session()
    factories.draft(session)
    with transaction.atomic():
        factories.submitted(session)
        transaction.set_rollback(True)

    assert [(entry.status, entry.number) for entry in counts_by_state([session])] == [("draft", 1)]
    assert recount() == 0


def test_what_is_gone_is_not_a_nought():
    session = factories.make_session()
    for _ in range(2):
        tell(factories.draft(session).candidate, "published")
    Delivery.objects.all().delete()
    Application.objects.all().delete()

    assert counts_by_state([session]) == []
    assert outcomes_of(session) == {}


# --- adding up -------------------------------------------------------------------------------------


def test_many_rows_become_one_for_each_number_and_then_nothing_is_written():
    session, other = factories.make_session(), factories.make_session()
    for _ in range(2):
        factories.submitted(session)
        factories.draft(other)
    counted = counts_by_state()
    parts = [roll_up(tally, dry_run=True) for tally in TALLIES]
    assert min(parts) > 1

    assert [roll_up(tally) for tally in TALLIES] == parts

    assert Counter(counts_by_state()) == Counter(counted)
    assert ApplicationTally.objects.count() == len(counted) == 2
    assert recount() == 0
    before = tables()
    assert [roll_up(tally) for tally in TALLIES] == [0, 0]
    assert tables() == before


@pytest.fixture
def beside() -> Iterator[Callable[[str], None]]:
    """Somebody else, with a connection and a transaction of their own."""
    theirs = connection.get_new_connection(connection.get_connection_params())
    theirs.autocommit = True
    with theirs.cursor() as cursor:
        yield cursor.execute
    theirs.close()


@AT_ONCE
def test_adding_up_while_somebody_writes_loses_nothing_and_waits_for_nobody(beside):
    session = factories.make_session()
    first, second, third = (factories.draft(session) for _ in range(3))
    to_region = "BEGIN; UPDATE materials_application SET stage = 'region' WHERE id = '{}'"
    run("SET lock_timeout = '2s'")
    beside(to_region.format(first.pk))

    assert roll_up(ApplicationTally) == 3
    run(to_region.format(second.pk) + "; COMMIT")
    assert {entry.stage: entry.number for entry in counts_by_state()} == {"site": 2, "region": 1}
    assert recount() == 0

    beside("COMMIT")
    assert {entry.stage: entry.number for entry in counts_by_state()} == {"site": 1, "region": 2}
    beside(to_region.format(third.pk))
    roll_up(ApplicationTally)
    beside("ROLLBACK")
    roll_up(ApplicationTally)
    assert {entry.stage: entry.number for entry in counts_by_state()} == {"site": 1, "region": 2}
    assert recount() == 0


@AT_ONCE
def test_many_may_add_up_at_once():
    session = factories.make_session()
    for _ in range(4):
        factories.draft(session)

    added_up = at_once(*[lambda: roll_up(ApplicationTally)] * 4, lambda: factories.draft(session))

    assert sum(added_up[:4]) >= 4
    assert [entry.number for entry in counts_by_state()] == [5]
    assert recount() == 0


@AT_ONCE
def test_while_somebody_adds_up_others_leave_it_to_them(beside):
    """Two that delete the same rows in another order would wait for each other."""
    session = factories.make_session()
    for _ in range(2):
        factories.draft(session)
    beside(f"BEGIN; SELECT pg_advisory_xact_lock({TALLIES_LOCK}, hashtext('{ApplicationTally._meta.db_table}'))")

    assert roll_up(ApplicationTally) == 0
    beside("COMMIT")
    assert roll_up(ApplicationTally) == 2


@AT_ONCE
def test_what_is_emptied_at_one_go_counts_nothing():
    """Only the tables' owner can. Applications cannot be: what they lead to is append-only."""
    tell(factories.draft().candidate, "published")

    run("TRUNCATE candidates_delivery")

    assert not DeliveryTally.objects.exists()
    tell(factories.draft().candidate, "published")
    assert recount() == 0


# --- what they are good for, and what not ----------------------------------------------------------


def test_a_wrong_number_is_shown_and_decides_nothing():
    """One that waits for review is hidden from the page; the act finds it. Recounting finds what was wrong."""
    waiting = factories.submitted()
    session = waiting.session
    factories.close_window(session)
    run(f"{STATE} VALUES ({session.pk}, {waiting.site_id}, 'submitted', 'site', -1)")
    run(f"{STATE} VALUES ({session.pk}, {waiting.site_id}, 'passed', 'region', 7)")

    shown = plan_publication(session, tallied=True)
    assert (shown.counts["passed"], shown.obstacles) == (7, [])
    with pytest.raises(Refusal) as refused:
        publish_results(Actor(factories.region_staff(session.region)), session.code)
    assert refused.value.code == "obstacles"
    assert plan_publication(session).counts["passed"] == 0

    assert recount() == 2
    assert plan_publication(session, tallied=True).obstacles
    assert recount() == 0


@pytest.mark.parametrize("page", ["admin:index", "staff_setup", "staff_publish", "staff_messages"])
def test_no_page_counts_what_grows(page):
    session = factories.make_session()
    tell(factories.draft(session).candidate, "published")
    client = signed_in(factories.region_staff(session.region))
    address = reverse(page, args=[] if page == "admin:index" else [session.code])

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200

    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert any("tally" in query["sql"] for query in queries)
    assert not [sql for sql in counting if re.search(r'FROM "(materials_application|candidates_delivery)" ', sql)]
