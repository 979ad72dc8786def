"""The final results as CSV: columns, scope, filters, and cells that no spreadsheet runs or rewrites."""

import csv
import io
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from candidates.models import Candidate, Event, ExamSession
from candidates.services.events import OPERATOR, Actor
from candidates.spreadsheet import are_plain, csv_cell, inert, quoted
from materials.models import Application, Reason
from review.export import copying
from review.export.columns import COLUMNS
from review.models import Decision
from review.services.exports import STATUSES, export_results
from tests import factories
from tests.candidates.staff_pages import signed_in

pytestmark = pytest.mark.django_db
CODES = (
    "registration_number,name,id_number,site,track,level,status,stage,rounds,submitted_at,decided_at,reviewer,"
    "reason_codes,opinion"
)  # docs/contract.md, "Commands"


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def staff(session):
    return factories.region_staff(session.region)


def download(user, session, **query):
    return signed_in(user).get(reverse("export_results"), {"session": getattr(session, "code", session), **query})


def table(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def numbers(rows) -> set[str]:
    return {row["registration_number"] for row in rows}


def test_the_file(session, staff):
    application = factories.decided("passed", session, name="欧阳, “明”", registration_number="TJ27000001")
    factories.ReasonFactory(code="BLUR")
    reviewer = factories.region_reviewer(session.region, username="region9")
    Decision.objects.create(
        application=application, round=1, stage="region", outcome="pass", reviewer=reviewer, note="材料齐全\n同意",
        requests=[{"item": "EDU", "reason": "BLUR", "note": ""}, {"item": "ID", "reason": "BLUR", "note": ""}],
    )  # fmt: skip

    response = download(staff, session, headers="code")

    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="results-{session.code}.csv"'
    assert response.streaming
    data = b"".join(response.streaming_content)
    lines = data.decode().split("\r\n")
    assert data.startswith(b"\xef\xbb\xbf")
    assert not data.startswith(b"\xef\xbb\xbf" * 2)
    assert lines[0] == "\ufeff" + CODES
    assert lines[-1] == ""
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert row["registration_number"] == "TJ27000001"
    assert row["name"] == "欧阳, “明”"
    assert row["site"] == application.site.code
    assert (row["track"], row["level"], row["status"], row["stage"]) == ("clinical", "physician", "passed", "region")
    assert (row["rounds"], row["reviewer"], row["reason_codes"]) == ("1\t", "region9", "BLUR")
    assert row["opinion"] == "材料齐全\n同意"
    assert row["submitted_at"].endswith("+08:00")
    assert row["id_number"].rstrip("\t") == Candidate.objects.get().id_number


def test_headers_for_people(session, staff):
    factories.decided("passed", session)

    (row,) = table(download(staff, session))

    assert list(row) == [row_title for row_title in row if row_title]
    assert len(row) == len(COLUMNS)
    assert "passed" not in row.values()


def test_the_default_is_for_people_in_any_language(session, staff):
    factories.draft(session)
    client = signed_in(staff)
    query = {"session": session.code}
    chinese = b"".join(client.get(reverse("export_results"), query).streaming_content)
    client.cookies["django_language"] = "en"

    assert b"".join(client.get(reverse("export_results"), query).streaming_content) == chinese


def test_published_results_name_what_is_no_judgement(session, staff):
    for make in (factories.draft, factories.returned):
        make(session)
    before = [row["status"] for row in table(download(staff, session, headers="code"))]
    factories.publish(session)

    after = [row["status"] for row in table(download(staff, session, headers="code"))]

    assert sorted(before) == ["draft", "returned"]
    assert sorted(after) == ["not_corrected", "not_submitted"]


# --- filters and scope -----------------------------------------------------------------------------


def test_filter_by_site(session, staff):
    one = factories.draft(session)
    other = factories.draft(session, site=factories.SiteFactory(region=session.region, code="ZZ9"))

    assert numbers(table(download(staff, session, headers="code", site="ZZ9"))) == {other.candidate.registration_number}
    assert numbers(table(download(staff, session, headers="code", site=one.site.code))) == {
        one.candidate.registration_number
    }


@pytest.mark.parametrize("published", [False, True])
def test_filter_by_every_status_that_the_column_may_show(session, staff, published):
    made = {
        "draft": factories.draft(session),
        "returned": factories.returned(session),
        "passed": factories.decided("passed", session),
        "rejected": factories.decided("rejected", session),
    }
    made |= {"not_submitted": made["draft"], "not_corrected": made["returned"]}
    if published:
        factories.publish(session)
    else:
        made["submitted"] = factories.submitted(session)
        assert set(STATUSES) == set(made)

    for status, application in made.items():
        rows = table(download(staff, session, headers="code", status=status))
        assert numbers(rows) == {application.candidate.registration_number}, status


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"headers": "json"}, "json"),
        ({"status": "fine"}, "fine"),
        ({"site": "NOWHERE"}, "NOWHERE"),
        ({"site": "<script>"}, "&lt;script&gt;"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(session, staff, query, named):
    response = download(staff, session, **query)

    assert response.status_code == 400
    assert named in response.content.decode()
    assert not Event.objects.filter(action="exported").exists()


def test_a_site_of_another_region_is_a_wrong_value(session, staff):
    foreign = factories.SiteFactory(code="FOREIGN")

    assert download(staff, session, site=foreign.code).status_code == 400


def test_only_the_own_region_and_only_its_staff(session):
    factories.draft(session)
    for user, status in (
        (factories.region_staff(factories.RegionFactory()), 404),
        (factories.site_reviewer(session.region.sites.get()), 403),
        (factories.region_reviewer(session.region), 403),
        (factories.make_candidate(session).user, 302),
    ):
        assert download(user, session).status_code == status
    assert len(table(download(factories.administrator(), session, headers="code"))) == 2
    assert not Event.objects.filter(action="exported").exclude(actor__role="administrator").exists()


@pytest.mark.parametrize("code", ["NO-SUCH", "", "x" * 300])
def test_an_unknown_session_is_404(staff, code):
    assert download(staff, code).status_code == 404


def test_another_sessions_candidates_are_not_in_the_file(session, staff):
    factories.draft(factories.make_session(region=session.region))
    own = factories.draft(session)

    assert numbers(table(download(staff, session, headers="code"))) == {own.candidate.registration_number}


def test_post_is_not_a_way_to_export(session, staff):
    response = signed_in(staff).post(reverse("export_results"), {"session": session.code})
    assert response.status_code == 405


def test_every_export_is_an_event_with_its_filters_and_rows(session, staff):
    application = factories.draft(session)
    factories.submitted(session)

    download(staff, session, headers="code", status="draft", site=application.site.code)

    event = Event.objects.get(action="exported")
    assert (event.actor, event.session, event.region) == (staff, session, session.region)
    assert event.facts["rows"] == 1
    assert {"draft", application.site.code, "code"} <= set(event.facts.values())


def test_the_page_offers_the_file(session, staff):
    page = signed_in(staff).get(reverse("staff_export", args=[session.code]))

    assert page.status_code == 200
    assert reverse("export_results") in page.content.decode()
    assert (
        len(table(signed_in(staff).get(reverse("export_results"), {"session": session.code, "site": "", "status": ""})))
        == 0
    )


# --- cells -----------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM",
    "﹦1", "﹢1", "﹣1", "﹫x", " =1+1", "\u3000=1", "\u00a0+1", "\ufeff=1", "\u200b@x", "\u202e=1", "\0=1", "=", "-",
    "⁺1", '=HYPERLINK("http://example.com")', "=cmd|' /C calc'!A0", "\x0b=1", " \t ＝1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text):
    assert inert(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize(
    "text",
    [
        "12", "007", "110101199001010015", "2026-01-02", "2026/1/2", "1/2", "12:30", "1E5", "26E00001", "1.5", "50%",
        "1,000", "２０２６", "2026年1月2日", "¥5", "MAR1", "SEP-2", "1-Jan", "dec 24", "12 pm",
        "TRUE", "false", " True ",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_rewrite_gets_a_tab(text):
    assert inert(text) == text + "\t"


@pytest.mark.parametrize(
    "text",
    [
        "", "张三", "11010119900101001X", "TJ27000001", "a=b", "BLUR|NO_SEAL", "O'Neil", "2026-01-02T10:00:00+08:00",
        "见第3页", "E", "may", "…", "'", "TJ-1", "E12345678",
    ],
)  # fmt: skip
def test_other_text_stays_as_it_is(text):
    assert inert(text) == text


def test_nul_is_left_out():
    assert inert("a\0b") == "ab"


@pytest.mark.parametrize("text", ["", "a", "a,b", 'a"b', "a\rb", "a\nb", "a\r\nb", ' "', "a\tb", "䶮𬭚", "'", "\u2028"])
def test_cells_are_quoted_as_pythons_own_writer_does(text):
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([text, "x"])
    assert f"{quoted(text)},x\r\n" == line.getvalue()


@pytest.mark.parametrize(
    "text", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", "䶮𬭚", "\u202eabc", "<script>", "x" * 10_000]
)
def test_rare_text_survives_the_file(session, staff, text):
    application = factories.decided("passed", session)
    Decision.objects.create(
        application=application, round=1, stage="region", outcome="pass", note=text,
        reviewer=factories.region_reviewer(session.region),
    )  # fmt: skip

    assert table(download(staff, session, headers="code"))[0]["opinion"] == text


CHARACTERS = "=+-@aAeEX1０² \t\r\n\",.:/'年月\u3000\ufeff\u200b＝䶮½éTRUEfalsempjan"


def test_what_is_known_at_a_glance_is_what_the_rule_says():
    dice = random.Random(1)
    texts = ["".join(dice.choices(CHARACTERS, k=dice.randint(0, 7))) for _ in range(50_000)]
    texts += [chr(code) + end for code in range(0x30000) if not 0xD800 <= code < 0xE000 for end in ("", "1")]
    texts += ["TRUE", "true", "E5", "A1", "MAR1", "110101199001010015", "11010119900101001X", "1" * 17 + "x"]
    assert [text for text in texts if csv_cell(text) != quoted(inert(text))] == []


def test_many_that_are_known_at_one_glance_are_plain_each():
    dice = random.Random(2)
    letters = [chr(code) for code in range(0x30000) if chr(code).isalpha()]
    columns = [[letter, f"{letter}·", f"·{letter}", f" {letter} "] for letter in letters]
    columns += [dice.choices(("张三", "阿卜杜拉·买买提", "O", "Ana Li", ""), k=9) for _ in range(50)]
    columns += [dice.choices(("TJ26000001", "E1", "11010119900101001X"), k=9) for _ in range(50)]
    assert all(are_plain("\n".join(texts)) for texts in columns)
    odd = ("TRUE", "fal·se", "12", "=1", "a,b", '"', "MAR1", "1" * 18, "a b", "TR", "UE", "AB1", "A", "1", "\t", "")
    columns += [dice.choices(("张三", "TJ1", *odd), k=dice.randint(1, 4)) for _ in range(50_000)]

    for texts in columns:
        if are_plain("\n".join(texts)):
            assert list(map(csv_cell, texts)) == texts


# --- value by value ---------------------------------------------------------------------------------

ODD = [
    ("TJ27000001", "欧阳"), ("TJ27000002", "=1"), ("27000003", "TRUE"), ("E1", "a\tb"), ("TJ-5", "阿·买"),
    ("MAR6", "O\\n"), ("TJ27000007", "12"), ("AB8", "a\nb"),
]  # fmt: skip


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Kolkata", "America/St_Johns"])
def test_the_bytes_are_those_of_each_value_by_itself(session, monkeypatch, zone):
    session.region.time_zone = zone
    session.region.save()
    factories.ReasonFactory(code="BLUR")
    for place, (number, name) in enumerate(ODD):
        application = factories.draft(session, registration_number=number, name=name)
        moment = datetime(2026, 3, 8, 5, 29, 58, tzinfo=UTC) + timedelta(seconds=place, microseconds=place)
        Application.objects.filter(pk=application.pk).update(
            status="submitted", submitted_at=moment, rounds=place + 1, decided_at=[None, moment][place % 2]
        )
        if place % 3:
            Decision.objects.create(
                application=application, round=1, stage="site", outcome="return", note=["", name][place % 2],
                reviewer=factories.region_reviewer(session.region), reason=[None, Reason.objects.get()][place % 2],
                requests=[{"item": "ID", "reason": "DARK", "note": "\\"}] * (place % 4),
            )  # fmt: skip

    lines = [CODES, *map(value_by_value, Application.objects.order_by("candidate__registration_number"))]
    expected = "\ufeff" + "".join(f"{line}\r\n" for line in lines)
    for rows in (1, 3, 100):
        monkeypatch.setattr(copying, "ROWS", rows)
        assert file_of(session).decode() == expected


def value_by_value(application: Application) -> str:
    candidate, decision = application.candidate, application.decisions.order_by("-pk").first()
    zone = ZoneInfo(application.session.region.time_zone)
    instants = [application.submitted_at, application.decided_at]
    codes = (
        [decision.reason and decision.reason.code, *(one["reason"] for one in decision.requests)] if decision else []
    )
    values = [
        candidate.registration_number, candidate.name, candidate.id_number, application.site.code, candidate.track,
        candidate.level, application.status, application.stage, str(application.rounds),
    ]  # fmt: skip
    cells = [csv_cell(value) for value in values]
    cells += [moment.astimezone(zone).replace(microsecond=0).isoformat() if moment else "" for moment in instants]
    cells += [csv_cell(text) for text in (
        decision.reviewer.username if decision else "", "|".join(dict.fromkeys(filter(None, codes))),
        decision.note if decision else "",
    )]  # fmt: skip
    return ",".join(cells)


# --- size ------------------------------------------------------------------------------------------


def file_of(session) -> bytes:
    return b"".join(export_results(OPERATOR, Application.objects.all(), session, headers="code"))


def test_rows_come_in_blocks_and_none_is_lost_or_twice(session, monkeypatch, django_assert_num_queries):
    numbers_made = sorted(factories.draft(session).candidate.registration_number for _ in range(7))
    whole = file_of(session)
    fresh = ExamSession.objects.select_related("region").get(pk=session.pk)

    for rows in (1, 3, 7, 100):
        monkeypatch.setattr(copying, "ROWS", rows)
        with django_assert_num_queries(3):  # count, event, COPY
            assert file_of(fresh) == whole
    assert [line.split(",")[0] for line in whole.decode().splitlines()[1:]] == numbers_made


def test_nothing_is_read_before_it_is_sent(session, django_assert_num_queries):
    factories.draft(session)
    fresh = ExamSession.objects.select_related("region").get(pk=session.pk)

    with django_assert_num_queries(2):
        pieces = export_results(Actor(None), Application.objects.all(), fresh, headers="code")
        assert next(pieces).decode().startswith("\ufeffregistration_number")
