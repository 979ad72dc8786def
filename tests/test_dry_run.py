"""``--dry-run`` of every command that changes much: it says what the act then does, refuses what it refuses, and
writes nothing.
"""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from materials.models import Application, photo_storage
from materials.rules import why_closed
from materials.selectors import counts_by_windows
from materials.services.catalogue import DEFAULT_CATALOGUE
from tests import acts, factories
from tests.candidates.test_roster import row
from tests.stored import stored
from tests.test_consistency import APPS

pytestmark = pytest.mark.django_db

# What has no --dry-run, and why.
WITHOUT = {
    "load_demo": "only ever fills a database without one",
    "make_load": "only ever adds a session of its own, where no real one is",
    "load_rosters": "what waits was confirmed on the page, which checks it first",
    "send_messages": "what waits is listed on the session's page of messages",
    "export_results": "changes nothing but adds its event",
    "draw_examples": "has --check",
    "migrate": "has --plan",
    "seal_events": "what it would seal is what verify_events says is not sealed yet",
    "verify_events": "changes nothing",
}


@pytest.fixture
def session(settings):
    settings.FIELD_KEYS = ["newer", *settings.FIELD_KEYS]
    return acts.new_session()


ACTS = [
    acts.load_roster, acts.load_catalogue, acts.set_windows, acts.publish_results, acts.withdraw_results,
    acts.send_reminders, acts.sweep_photos, acts.run_periodic, acts.remove_second_factor,
    acts.grant_application_role,
    acts.purge_session, acts.rotate_keys,
]  # fmt: skip

# Each makes something that is refused.


def a_bad_roster(session, folder):
    return acts.a_roster(session, folder, row(1, site="XX"), row(2))


def a_published_session(session, folder):
    factories.publish(session)
    return ["set_windows", "--session", session.code, "--closes", "2100-01-01"]


def windows_without_sense(session, folder):
    return ["set_windows", "--session", session.code, "--closes", "2001-01-01"]


def a_catalogue_of_a_published_session(session, folder):
    factories.publish(session)
    return ["load_catalogue", str(DEFAULT_CATALOGUE), "--session", session.code]


def open_windows(session, folder):
    factories.submitted(session)
    return ["publish_results", "--session", session.code]


def two_persons(session, folder):
    session.two_persons = True
    session.save()
    factories.close_window(session)
    return ["publish_results", "--session", session.code]


def nothing_to_withdraw(session, folder):
    return ["withdraw_results", "--session", session.code, "--reason", "x"]


def no_reason(session, folder):
    factories.publish(session)
    return ["withdraw_results", "--session", session.code, "--reason", " "]


def a_lost_file(session, folder):
    photo = factories.make_photo(factories.draft(session), "ID")
    photo_storage().delete(photo.file.name)
    return ["sweep_photos"]


def nothing_to_remove(session, folder):
    return ["remove_second_factor", factories.region_staff(session.region).username]


def too_early_to_purge(session, folder):
    factories.publish(session)
    return ["purge_session", "--session", session.code]


def evidence(session, folder):
    factories.submitted(session)
    return ["purge_session", "--session", session.code]


REFUSED = [
    a_bad_roster, a_published_session, windows_without_sense, a_catalogue_of_a_published_session, open_windows,
    two_persons, nothing_to_withdraw, no_reason, a_lost_file, nothing_to_remove,
    too_early_to_purge, evidence,
]  # fmt: skip


def run(arguments: list[str]) -> tuple[list[str], str, str | None]:
    """What it printed to both ends, and how it was refused."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as refusal:
        return out.getvalue().splitlines(), err.getvalue(), str(refusal)
    return out.getvalue().splitlines(), err.getvalue(), None


def test_every_command_has_one_or_needs_none():
    commands = {name: load_command_class(app, name) for name, app in get_commands().items() if app in APPS}
    flags = {name: set(command.create_parser("manage.py", name)._option_string_actions) for name, command in
             commands.items()}  # fmt: skip

    assert {name for name in commands if "--dry-run" in flags[name]} == {act.__name__ for act in ACTS}
    assert {name for name in commands if "--dry-run" not in flags[name]} == set(WITHOUT)


@pytest.mark.parametrize("act", ACTS)
def test_it_says_what_the_act_then_does_and_writes_nothing(act, session, tmp_path):
    arguments = act(session, tmp_path)
    before = stored()

    (first, *rehearsed), err, refusal = run([*arguments, "--dry-run"])

    assert stored() == before
    assert (err, refusal) == ("", None)
    assert first.startswith("试运行")
    assert (rehearsed, "", None) == run(arguments)
    assert stored() != before


@pytest.mark.parametrize("act", REFUSED)
def test_it_refuses_what_the_act_refuses(act, session, tmp_path):
    arguments = act(session, tmp_path)
    before = stored()

    (_first, *rehearsed), *refused = run([*arguments, "--dry-run"])

    assert refused[1]
    assert (rehearsed, *refused) == run(arguments)
    assert stored() == before


def lines_of(act, session, folder) -> list[str]:
    return run([*act(session, folder), "--dry-run"])[0]


def test_of_windows_it_says_before_and_after_and_who_is_affected(session, tmp_path):
    lines = lines_of(acts.set_windows, session, tmp_path)

    assert [line.partition(":")[0] for line in lines[1:]] == ["opens", "closes", "corrections", "drafts", "returned"]
    assert lines[1].endswith("as before")
    assert " → " in lines[2]
    assert lines[4] == "drafts: 1; may upload now: 1 → 0"
    assert lines[5] == "returned: 1; may correct now: 1 → 1; keep a later deadline of their own: 1"


def test_of_a_catalogue_it_says_every_change_field_by_field(session, tmp_path):
    lines = lines_of(acts.load_catalogue, session, tmp_path)

    assert lines[1:] == [
        "new: ID 身份证明: 2 to 2 pictures, required",
        "changed: IDCHG min_photos: 3 → 1",
        "changed: IDCHG levels: assistant → (empty)",
        "not in the file, stays as it is: OLD",
        "1 new, 1 changed, 1 the same",
    ]


def test_of_a_roster_it_says_what_changes(session, tmp_path):
    lines = lines_of(acts.load_roster, session, tmp_path)

    assert {"changed name: 1", "changed phone: 1"} <= set(lines)


def test_of_a_withdrawal_it_says_who_is_told_and_what_will_not_leave(session, tmp_path):
    lines = lines_of(acts.withdraw_results, session, tmp_path)

    assert {"rejected: 1", "not_submitted: 1", "told: 2"} <= set(lines)
    assert "messages about the results that will not leave any more: 2" in lines


def test_of_a_publication_it_says_the_sum_of_the_list(session, tmp_path):
    arguments = acts.publish_results(session, tmp_path)
    (rehearsed,) = [line for line in run([*arguments, "--dry-run"])[0] if line.startswith("SHA-256")]

    run(arguments)

    assert rehearsed.endswith(session.publications.get().sha256)


def test_who_is_affected_by_windows_is_what_the_rule_says(session):
    factories.draft(session)
    factories.submitted(session)
    factories.returned(session)
    own = factories.returned(session)
    own.corrections_until = session.corrections_until + timedelta(days=9)
    own.save()
    moments = [session.opens_at, session.closes_at, session.corrections_until, own.corrections_until]
    for now in [moment + timedelta(seconds=seconds) for moment in moments for seconds in (-1, 0, 1)]:
        free = [one.status for one in Application.objects.all() if why_closed(one, session, now) is None]

        counts = counts_by_windows(session, now)

        assert (counts.may_upload, counts.may_correct) == (free.count("draft"), free.count("returned"))
        assert (counts.drafts, counts.returned, counts.extended) == (1, 2, 1)
