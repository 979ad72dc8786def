"""The instruments themselves: that the bench measures what it says, and that the fuzzer notices what it is for."""

import csv
import io
import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection
from PIL import Image

from bench import export, fuzz, intake, mutate, report, scale
from bench.__main__ import failed, measured
from bench.others import compare
from candidates.encryption import decrypt
from candidates.models import ExamSession
from materials.intake import Policy, Prepared, Refused, Unavailable, take
from materials.models import Application
from review.export.files import csv_pieces
from tests import factories, pictures

POLICY = Policy(frozenset({"jpeg", "png", "heic"}), 204_800, fit_oversized=True)
PLAIN_VISIT = """
import json, sys, django
django.setup()
from django.core.management import call_command
from django.contrib.auth.models import User
from django.test import Client
from bench.plain.models import Submission
call_command("migrate", verbosity=0)
call_command("fill", sys.argv[1], password="a-bench-and-a-half")
staff, candidate = Client(SERVER_NAME="127.0.0.1"), Client(SERVER_NAME="127.0.0.1")
staff.force_login(User.objects.get(is_staff=True))
opened = max(Submission.objects.all(), key=lambda one: one.photos.count())
candidate.force_login(opened.candidate.user)
addresses = ("/admin/plain/submission/", f"/admin/plain/submission/{opened.pk}/change/", "/results.csv", "/next/")
print(*[staff.get(one).status_code for one in addresses], candidate.get("/photos/").status_code)
"""
PARTS = [
    report.Part(
        "speed",
        [report.of_runs("ours ÷ floor", [3.0, 1.0, 2.0], "×", most=1.5), report.Figure("read", 99.0, "%", least=98)],
        ["a note"],
    )
]


# --- the report -----------------------------------------------------------------------------------


def test_the_table_gives_medians_and_marks_what_misses_its_goal():
    lines = report.as_text(PARTS, {"cores": "2"}).splitlines()
    assert lines[0] == "cores 2"
    assert [line.split() for line in lines[3:]] == [
        ["ours", "÷", "floor", "2", "×", "≤", "1.5", "MISSED"],
        ["read", "99", "%", "≥", "98"],
        ["a", "note"],
    ]


def test_what_was_kept_can_be_compared_with():
    kept = json.loads(report.as_json(PARTS, report.machine(), datetime(2026, 1, 2, tzinfo=UTC)))
    assert kept["parts"][0]["figures"][0]["runs"] == [3.0, 1.0, 2.0]
    now = [report.Part("speed", [report.Figure("ours ÷ floor", 1.0, "×"), report.Figure("new", 1.0, "×")])]
    header, line = report.changes(now, kept).splitlines()
    assert header.startswith("Compared with 2026-01-02")
    assert "-50 %" in line
    assert "2 → 1" in line


def test_a_part_that_fails_says_so_and_keeps_what_came_before():
    def parts():
        yield PARTS[0]
        raise RuntimeError("no room")

    kept, broken = measured("export", parts())
    assert kept is PARTS[0]
    assert not failed(kept)
    assert failed(broken)
    assert report.as_text([broken], {}).splitlines()[-2:] == ["export: FAILED", "  no room"]


def test_a_list_that_shows_more_rows_than_before_is_not_held_to_the_goal():
    def visited(rows: int, seconds: float) -> dict[str, object]:
        return {"kind": "constant", "seconds": seconds, "least": seconds, "queries": 5, "rows": rows}

    before = {"same": visited(50, 0.01), "longer": visited(2, 0.01)}
    after = {"same": visited(50, 0.03), "longer": visited(50, 0.03)}
    same, longer = scale._figures(before, after, "constant")
    assert "MISSED" in same.goal
    assert longer.goal == ""
    assert "shows 2 → 50 rows" in longer.name


# --- floors ---------------------------------------------------------------------------------------


def test_the_floors_do_one_decode_and_one_encode():
    picture = pictures.document(400, 560)
    jpeg = pictures.encoded(picture, quality=88)
    assert intake.decoded(jpeg).size == (400, 560)
    assert intake.half(jpeg).size == (200, 280)
    encoded = intake.encoded(picture, 63)
    assert encoded == take.encode.jpeg(picture, 63)
    assert intake.quality_of(encoded) == 63


def test_the_naive_portal_fits_a_picture_with_many_encodes():
    noisy = pictures.encoded(pictures.document(400, 560, noise=40), quality=95)
    data, encodes = intake.naive(noisy, limit=12_000)
    assert len(data) <= 12_000 < len(noisy)
    assert encodes > 5


def test_steps_are_timed_in_turns_and_the_first_run_is_thrown_away():
    done: list[str] = []
    taken = intake.timed({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, 2, lambda: done.append("-"))
    assert "".join(done) == "a-b-" * 3
    assert [len(times) for times in taken.values()] == [2, 2]


@pytest.mark.django_db
def test_the_floor_of_the_export_has_the_same_rows_and_columns():
    session = factories.make_session()
    factories.ReasonFactory()
    factories.region_reviewer(session.region, username="region1")
    factories.draft(session)
    plain = io.StringIO()
    with connection.cursor() as cursor:
        cursor.execute(export._ROWS, {"rows": 20})
        cursor.copy_expert(export._FLOORS["COPY in the same order"], plain)
    made = ExamSession.objects.get(code="BENCH")
    ours = b"".join(csv_pieces(Application.objects.filter(session=made), made, "code")).decode("utf-8-sig")

    floor_rows = list(csv.reader(io.StringIO(plain.getvalue(), newline="")))
    [titles, *rows] = csv.reader(io.StringIO(ours, newline=""))
    assert len(rows) == len(floor_rows) == 20
    for row, floor in zip(rows, floor_rows, strict=True):
        del floor[-2]  # what is asked for is part of our reason codes
        assert len(row) == len(floor)
        alike = {
            "registration_number",
            "name",
            "site",
            "track",
            "level",
            "status",
            "reviewer",
            "reason_codes",
            "opinion",
        }
        for title, ours_is, floor_is in zip(titles, row, floor, strict=True):
            assert ours_is == floor_is or title not in alike
        assert decrypt(floor[2]) == row[2].rstrip("\t")


# --- the others -----------------------------------------------------------------------------------


def test_pretalx_is_left_out_with_a_line_where_it_fails():
    def fill():
        raise RuntimeError("pretalx_fill.py: status 1\nno such column")

    notes: list[str] = []
    assert compare._third(fill, notes) is None
    assert notes == ["pretalx is left out: no such column"]


@pytest.mark.django_db(transaction=True)
def test_the_plain_project_is_filled_and_its_pages_open(tmp_path):
    """In a process and a schema of its own: it is another Django project."""
    (tmp_path / "counts.json").write_text("[3, 0]")  # the second of them waits
    settings = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.plain.settings",
        "PLAIN_DATABASE": settings["NAME"],
        "PGOPTIONS": "-c search_path=bench_plain",
        **{f"PLAIN_{name}": str(settings[name]) for name in ("USER", "HOST", "PORT")},
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bench_plain")
    try:
        command = [sys.executable, "-c", PLAIN_VISIT, str(tmp_path / "counts.json")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA bench_plain CASCADE")
    assert done.stdout.splitlines()[-1:] == ["200 200 200 302 200"], done.stderr[-2000:]


# --- the fuzzer -----------------------------------------------------------------------------------


def judged(error: Exception | None = None, prepared: Prepared | None = None) -> fuzz.Outcome:
    def take_in(_data: bytes, _policy: Policy, _turn: int) -> Prepared:
        if error is not None:
            raise error
        assert prepared is not None
        return prepared

    return fuzz.judge(7, b"", POLICY, 1, take_in)


def prepared() -> Prepared:
    return take.take_in(pictures.encoded(pictures.document(200, 280)), POLICY)


def test_cases_are_the_same_every_time():
    assert mutate.case(1, 5) == mutate.case(1, 5)
    assert mutate.case(1, 5) != mutate.case(2, 5)


@pytest.mark.parametrize("name", mutate.whole_files())
def test_whole_files_are_whole(name):
    assert fuzz.judge(0, mutate.whole_files()[name], POLICY, 1, take.take_in)[1::3] == ("taken", "")


def test_a_good_picture_and_a_plain_refusal_are_expected():
    assert judged(prepared=prepared()) == fuzz.Outcome(7, "taken", 0, 0, "")
    assert judged(Refused("corrupt", reason="x")) == fuzz.Outcome(7, "refused: corrupt", 0, 0, "")


@pytest.mark.parametrize(
    "error", [KeyError("planted"), Refused("corrupt", unforeseen="planted"), Unavailable("planted")]
)
def test_an_unexpected_exception_is_found(error):
    assert "planted" in judged(error).unexpected


def test_a_broken_promise_is_found():
    good = prepared()
    behind = replace(good, data=good.data + b"more")
    commented = replace(good, data=pictures.with_segments(good.data, pictures.segment(0xFE, b"who took it")))
    cut = replace(good, data=good.data[:-400])
    with_text = pictures.with_chunks(pictures.encoded(Image.new("L", (200, 280)), "PNG"), pictures.chunk(b"tEXt", b"x"))
    broken = {
        "bytes stored": replace(good, data=good.data + bytes(POLICY.max_bytes)),
        "bytes behind the end": behind,
        "marker FE": commented,
        "does not decode": cut,
        "said jpeg 9 × 280": replace(good, width=9),
        "tEXt": replace(good, data=with_text, format="png"),
        "is CMYK": replace(good, data=pictures.encoded(Image.new("CMYK", (200, 280)))),
        "the thumbnail is": replace(good, thumbnail=pictures.encoded(Image.new("L", (400, 280)))),
    }
    for said, one in broken.items():
        assert said in judged(prepared=one).unexpected


def test_what_a_process_cost_is_counted(monkeypatch):
    monkeypatch.setattr(fuzz.wire, "MEMORY", 1024)
    page = pictures.encoded(pictures.document(64, 64))
    assert "KiB" in fuzz.judge(1, page, POLICY, 1).unexpected


def test_a_worker_that_dies_is_found_and_replaced(monkeypatch):
    def judge(number: int, *_arguments: object) -> fuzz.Outcome:
        if number == 1:
            raise SystemExit
        return fuzz.Outcome(number, "taken", 0, 0, "")

    monkeypatch.setattr(fuzz, "judge", judge)
    monkeypatch.setattr(logging, "disable", lambda _level: None)
    found = {outcome.number: outcome.what for outcome in fuzz.run(1, [0, 1, 2], workers=1)}
    assert found == {0: "taken", 1: "the calling process died", 2: "taken"}


def test_a_picture_of_metadata_only_in_the_original_keeps_its_promises():
    stream = io.BytesIO()
    pictures.document(64, 64).save(stream, "JPEG", comment=b"x", exif=pictures.exif(1), icc_profile=pictures.srgb())
    assert judged(prepared=take.take_in(stream.getvalue(), POLICY)).unexpected == ""
