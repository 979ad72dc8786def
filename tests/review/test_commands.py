"""The commands of an operator: what they print, where, and with which exit code (docs/contract.md, "Commands")."""

import csv
import io
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from candidates.models import Candidate, Event, ExamSession
from materials.models import Category
from materials.services.catalogue import DEFAULT_CATALOGUE
from review.models import Publication
from tests import factories
from tests.candidates.test_roster import csv as roster_of
from tests.candidates.test_roster import row

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    session = factories.make_session(code="TJ-2027")
    session.region.sites.update(code="TJ01")
    return session


def run(*arguments: object) -> tuple[str, str]:
    """What a good command printed: (out, err)."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refusal(*arguments: object) -> tuple[list[str], str]:
    """What a refused command said last (its lines), and what it wrote to stderr before. Exit code 1."""
    err = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(*arguments, stdout=io.StringIO(), stderr=err)
    assert refused.value.returncode == 1
    return str(refused.value).splitlines(), err.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        ("load_roster", __file__),
        ("load_catalogue", __file__),
        ("export_results",),
        ("set_windows", "--closes", "2027-01-01"),
        ("publish_results",),
        ("publish_results", "--dry-run"),
        ("withdraw_results", "--reason", "x"),
    ],
)
def test_an_unknown_session_is_one_line(arguments):
    lines, err = refusal(*arguments, "--session", "NO-SUCH")

    assert len(lines) == 1
    assert "NO-SUCH" in lines[0]
    assert err == ""


# --- load_roster -----------------------------------------------------------------------------------


def test_load_roster(session, tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(roster_of(row(1), row(2)))

    out, _err = run("load_roster", file, "--session", session.code, "--dry-run")
    assert "2" in out
    assert not Candidate.objects.exists()
    run("load_roster", str(file), "--session", session.code)

    assert Candidate.objects.count() == 2
    assert Event.objects.get(action="roster_loaded").actor is None
    run("load_roster", str(file), "--session", session.code)
    assert Event.objects.filter(action="roster_loaded").count() == 1


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_load_roster_names_every_fault_on_stderr(session, tmp_path, options):
    file = tmp_path / "roster.csv"
    file.write_bytes(roster_of(row(1), row(2, site="XX"), row(3, track="surgery", level="nurse")))

    lines, err = refusal("load_roster", str(file), "--session", session.code, *options)

    faults = err.splitlines()
    assert len(faults) == 3
    assert [
        "".join(filter(str.isdigit, fault.split("site")[0].split("track")[0].split("level")[0])) for fault in faults
    ] == ["3", "4", "4"]
    assert all(value in err for value in ("XX", "surgery", "nurse", "site", "track", "level"))
    assert len(lines) == 1
    assert not Candidate.objects.exists()


def test_load_roster_prints_no_whole_id_number_and_no_whole_phone(session, tmp_path):
    file = tmp_path / "roster.csv"
    mistyped, good = "110101199001010016", factories.id_number(2)
    bad = row(1, id_number=mistyped, phone="1381234567x")
    file.write_bytes(roster_of(bad, row(2, id_number=good), row(3, id_number=good), row(4, email="13812345679")))
    _lines, err = refusal("load_roster", str(file), "--session", session.code)
    file.write_bytes(b"\n".join(roster_of(row(2, id_number=good, phone="13812345678")).splitlines()[1:]))
    _lines, without_header = refusal("load_roster", str(file), "--session", session.code)

    assert "110*************16" in err
    assert "138****567x" in err
    for secret in (mistyped, good, "1381234567", "13812345679"):
        assert secret not in err + without_header


def test_load_roster_writes_the_faults_into_a_file(session, tmp_path):
    file, faults = tmp_path / "roster.csv", tmp_path / "faults.csv"
    file.write_bytes(roster_of(row(1, id_number="110101199001010016"), row(2, site="XX")))

    _lines, err = refusal("load_roster", str(file), "--session", session.code, "--faults", str(faults))

    assert err == ""
    found = list(csv.reader(io.StringIO(faults.read_text("utf-8-sig"))))
    assert [fault[:3] for fault in found[1:]] == [["2\t", "id_number", "110*************16"], ["3\t", "site", "XX"]]


def test_load_roster_cannot_write_the_faults(session, tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(roster_of(row(1, site="XX")))
    for name in (file, tmp_path):
        lines, _err = refusal("load_roster", str(file), "--session", session.code, "--faults", str(name))
        assert len(lines) == 1
        assert str(name) in lines[0]
    assert file.read_bytes() == roster_of(row(1, site="XX"))


def test_load_roster_shows_a_bar_on_a_terminal_only(session, tmp_path):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = tmp_path / "roster.csv"
    file.write_bytes(roster_of(row(1)))
    screen, log = Terminal(), io.StringIO()
    for stderr in (screen, log):
        call_command("load_roster", str(file), session=session.code, dry_run=True, stdout=io.StringIO(), stderr=stderr)

    assert "100 %" in screen.getvalue()
    assert log.getvalue() == ""


def test_load_roster_without_the_file(session, tmp_path):
    for name in (tmp_path / "missing.csv", tmp_path):
        lines, _err = refusal("load_roster", str(name), "--session", session.code)
        assert len(lines) == 1
        assert str(name) in lines[0]


# --- load_catalogue --------------------------------------------------------------------------------


def test_load_catalogue_into_the_default_and_into_a_session(session):
    run("load_catalogue", str(DEFAULT_CATALOGUE))
    assert Category.objects.filter(session=None).count() == 22
    out, _err = run("load_catalogue", str(DEFAULT_CATALOGUE))
    assert out.startswith("0 ")

    run("load_catalogue", str(DEFAULT_CATALOGUE), "--session", session.code)
    assert session.categories.count() == 22
    assert Event.objects.filter(action="catalogue_changed").count() == 2


HEADER = "code,name_zh,name_en,min,max,requirement,levels,tracks,flags_any,hint_zh,hint_en"


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (["A,甲,A,1,2,required,,,,,", "B,乙,B,x,2,required,,,,,", "C,丙,C,1,2,perhaps,,,,,"], ["3", "4"]),
        (["A,甲,A,3,2,required,,,,,"], ["2"]),
        (["A,甲,A,1,200,required,,,,,"], ["2"]),
        (["A,甲,A,1,2,required,nurse,,,,"], ["nurse"]),
        (["A,甲,A,1,2,required,,,,,", "A,甲,A,1,2,required,,,,,"], ["3", "A"]),
        (["A,甲,A,1,2"], ["2"]),
        (["A B,甲,A,1,2,required,,,,,"], ["2"]),
        (["A,,A,1,2,required,,,,,"], ["2"]),
        (['A,"甲,A,1,2,required,,,,,'], []),
        ([], ["hint_en"]),
    ],
)
def test_a_bad_catalogue_changes_nothing_and_names_every_row(session, tmp_path, rows, named):
    file = tmp_path / "catalogue.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    before = list(session.categories.order_by("pk").values())

    lines, _err = refusal("load_catalogue", str(file), "--session", session.code)

    assert all(any(word in line for line in lines) for word in named), lines
    assert list(session.categories.order_by("pk").values()) == before


@pytest.mark.parametrize("data", [b"\xff\xfe\xff", b"", b"\0\0", "只有中文".encode()])
def test_a_file_that_is_no_catalogue(session, tmp_path, data):
    file = tmp_path / "catalogue.csv"
    file.write_bytes(data)

    assert len(refusal("load_catalogue", str(file), "--session", session.code)[0]) == 1


def test_the_catalogue_of_a_published_session_is_frozen(session):
    factories.publish(session)

    refusal("load_catalogue", str(DEFAULT_CATALOGUE), "--session", session.code)

    assert session.categories.count() == 3


# --- set_windows -----------------------------------------------------------------------------------


def test_set_windows_in_the_regions_time_zone_or_with_an_offset(session):
    run(
        "set_windows", "--session", session.code, "--opens", "2027-03-01T08:00", "--closes", "2027-03-10T18:00+00:00",
        "--corrections", "2027-03-20",
    )  # fmt: skip

    session.refresh_from_db()
    assert session.opens_at.isoformat() == "2027-03-01T00:00:00+00:00"
    assert session.closes_at.isoformat() == "2027-03-10T18:00:00+00:00"
    assert session.corrections_until.isoformat() == "2027-03-19T16:00:00+00:00"
    event = Event.objects.get(action="session_changed")
    assert set(event.facts["changes"]) == {"opens_at", "closes_at", "corrections_until"}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--closes", "tomorrow"),
        ("--closes", "2027-13-01"),
        ("--closes", "0001-01-01T00:00+14:00"),
        ("--closes", "2001-01-01"),
        ("--corrections", "2001-01-01"),
        ("--opens", "2100-01-01"),
    ],
)
def test_windows_that_make_no_sense_are_one_line_and_change_nothing(session, options):
    before = ExamSession.objects.values().get(pk=session.pk)

    lines, _err = refusal("set_windows", "--session", session.code, *options)

    assert len(lines) == 1
    assert ExamSession.objects.values().get(pk=session.pk) == before
    assert not Event.objects.exists()


def test_windows_of_a_published_session_are_frozen(session):
    factories.publish(session)

    assert len(refusal("set_windows", "--session", session.code, "--closes", "2100-01-01")[0]) == 1


# --- publish_results, withdraw_results --------------------------------------------------------------


def test_publish_and_withdraw(session):
    factories.decided("passed", session)
    factories.close_window(session)

    out, _err = run("publish_results", "--session", session.code, "--dry-run")
    assert "passed: 1" in out
    assert not Publication.objects.exists()
    run("publish_results", "--session", session.code)
    assert Publication.objects.get().published_by is None
    assert len(refusal("publish_results", "--session", session.code)[0]) == 1
    refusal("withdraw_results", "--session", session.code, "--reason", " ")
    run("withdraw_results", "--session", session.code, "--reason", "名单有误")

    assert Publication.objects.get().withdrawal_reason == "名单有误"


def test_the_rehearsal_has_one_line_for_each_site_and_result(session):
    factories.returned(session)
    by_region = factories.submitted(session)
    factories.review(by_region, "pass")
    factories.review(by_region, "return", ask=["EDU"])
    factories.close_window(session)

    out, _err = run("publish_results", "--session", session.code, "--dry-run")

    code = session.region.sites.get().code
    assert [line for line in out.splitlines() if line.startswith(" ")] == [f"  {code} not_corrected: 2"]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_every_obstacle_is_a_line(session, options):
    factories.submitted(session)

    lines, _err = refusal("publish_results", "--session", session.code, *options)

    assert len(lines) == 3
    assert not Publication.objects.exists()


# --- export_results --------------------------------------------------------------------------------


def test_export_results(session):
    application = factories.draft(session)

    out, _err = run("export_results", "--session", session.code, "--headers", "code")
    assert out.startswith("\ufeffregistration_number,")
    assert out.endswith("\r\n")
    (line,) = csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline=""))
    assert line["registration_number"] == application.candidate.registration_number
    assert Event.objects.get(action="exported").facts["rows"] == 1
    assert len(run("export_results", "--session", session.code, "--site", "TJ01")[0].splitlines()) == 2
    assert len(refusal("export_results", "--session", session.code, "--site", "XX")[0]) == 1


def environment() -> dict[str, str]:
    """A process of its own on the tests' database."""
    database = connection.settings_dict
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE": str(database["NAME"]),
        "PYTHONIOENCODING": "ascii",
    }


SCRIPT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:], "--skip-checks"])
"""


def in_a_process(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env=environment(), cwd=settings.BASE_DIR, capture_output=True, timeout=60, check=False, **options,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_bytes_are_exact_whatever_the_terminal_speaks():
    session = factories.make_session(code="TJ-2027")
    factories.draft(session, name="䶮")

    done = in_a_process("export_results", "--session", session.code)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"\xef\xbb\xbf")
    assert done.stdout.count(b"\r\n") == 2
    assert "䶮" in done.stdout.decode("utf-8-sig")


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_stops_early_is_no_error():
    session = factories.make_session(code="TJ-2027")
    for _ in range(3):
        factories.draft(session, name="名" * 100)
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "export_results", "--session", session.code],
        env=environment(), cwd=settings.BASE_DIR, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False,
    )  # fmt: skip
    os.close(writer)

    assert done.stderr == b""
    assert done.returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_a_line_on_stderr_and_exit_code_1():
    factories.make_session(code="TJ-2027")

    done = in_a_process("withdraw_results", "--session", "TJ-2027", "--reason", "x", encoding="utf-8", errors="replace")

    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
