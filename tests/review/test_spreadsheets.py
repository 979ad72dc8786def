"""Spreadsheet programs show every cell of an export as it was, and run none."""

import csv
import io
import shutil
from datetime import datetime
from itertools import zip_longest

import pytest

from candidates.services.events import OPERATOR
from materials.models import Application
from review.export import files
from review.export.columns import COLUMNS
from review.models import Decision
from review.services.exports import Chosen, export_results
from tests import factories
from tests.review import spreadsheet

pytestmark = pytest.mark.django_db
needs_office = pytest.mark.skipif(
    spreadsheet.PROGRAM is None, reason="no LibreOffice on this machine (Debian: apt-get install libreoffice-calc)"
)
NAMES = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.com","点我")', "＝1+1",
    "＋1+1", "－1", "＠SUM(1)", "﹦1", "⁺1", "\u200b=1+1", "\u3000=1", "\u202e=1", " =1+1", "\t=1", "\n=1", "\r=1",
    '"=1+1"', "'=1+1", ";=1+1", ",=1+1", "=1+1;", "%0A=1", "1,000", "007", "1E5", "1e-3", "0x1F", "１２３", "½",
    "2026-01-02", "2026/1/2", "1/2", "1-2", "12:30", "12:30 pm", "MAR1", "SEP-2", "1-Jan", "2026年1月2日", "50%", "¥5",
    "$5", "(5)", "TRUE", "FALSE", "NULL", "#REF!", "#N/A", "张三\n李四", "张三\r\n李四", "欧阳, “明”", 'O"Neil',
    "O'Neil", "䶮𬭚", "𠮷田", "\u202eabc", "e\u0301", "<b>&amp;", "_x0041_", " 张三 ", "a\tb", "a\\tb", "\\", "\\.",
    "A;B", "é", "=DDE(1)", "=1\t+1", "\ufeff=1", "张三\ufeff",
]  # fmt: skip
ID_NUMBERS = [
    "110101199001010015", "11010119900101001X", "000000000000000019", "E12345678", "H1234567(8)", "007", "26E00001",
    "MAR1", "1-2", "0", "K1234567",
]  # fmt: skip
REGISTRATION_NUMBERS = ["00012345", "26E00002", "MAR-1", "2026-01-02", "1-2", "1E5", "7", "110101199001010015"]


def judge(application, reviewer, note):
    Decision.objects.create(
        application=application, round=1, stage="site", outcome="pass", note=note, reviewer=reviewer
    )


@pytest.fixture
def session():
    return factories.make_session()


@pytest.fixture
def values(session) -> dict[str, dict[str, str]]:
    """What every candidate's file should say, by registration number."""
    reviewer = factories.region_reviewer(session.region, username="2026-1")
    made = {}
    for number, (name, id_number, registration) in enumerate(zip_longest(NAMES, ID_NUMBERS, REGISTRATION_NUMBERS)):
        registration = registration or f"TJ{number:08}"
        fields = {"id_number": id_number} if id_number else {}
        application = factories.draft(session, name=name, registration_number=registration, **fields)
        judge(application, reviewer, name)
        made[registration] = {
            "registration_number": registration,
            "name": name,
            "id_number": application.candidate.id_number,
            "site": application.site.code,
            "rounds": "0",
            "reviewer": "2026-1",
            "opinion": name,
        }
    factories.submitted(session, registration_number="ZZ1")
    return made


def written(session, folder, kind, **chosen):
    file = folder / f"results.{kind}"
    pieces = export_results(
        OPERATOR, Application.objects.all(), session, headers="code", kind=kind, chosen=Chosen(**chosen)
    )
    file.write_bytes(b"".join(pieces))
    return file


def in_columns(rows: list[list[str]]) -> list[dict[str, str]]:
    first, *others = rows
    assert first == [column.name for column in COLUMNS]
    return [dict(zip_longest(first, row, fillvalue="")) for row in others]


def shown(cells: dict[str, str]) -> dict[str, str]:
    """A cell has one kind of line break; from another LibreOffice makes its own."""
    return {name: text.replace("\r\n", "\n").replace("\r", "\n") for name, text in cells.items()}


@needs_office
def test_the_csv_is_the_same_in_libreoffice(session, values, tmp_path):
    file = written(session, tmp_path, "csv")
    [rows] = spreadsheet.opened(file, tmp_path)

    found = in_columns(rows)
    in_file = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert len(found) == len(values) + 1
    for cells, expected in zip(found, in_file, strict=True):
        assert cells == shown(expected)
    for row in in_file[:-1]:
        for name, text in values[row["registration_number"].rstrip("\t")].items():
            assert row[name] in (text, f"'{text}", f"{text}\t"), name


@needs_office
def test_the_workbook_is_the_same_in_libreoffice(session, values, tmp_path):
    [rows] = spreadsheet.opened(written(session, tmp_path, "xlsx"), tmp_path)

    found = in_columns(rows)
    assert len(found) == len(values) + 1
    for row in found[:-1]:
        expected = values[row["registration_number"]]
        assert shown({name: row[name] for name in expected}) == shown(expected)
    assert datetime.fromisoformat(found[-1]["submitted_at"]).utcoffset() is not None


def test_the_workbook_holds_text_alone(session, values, tmp_path):
    [rows] = spreadsheet.sheets(written(session, tmp_path, "xlsx"))

    for row in in_columns(rows)[:-1]:
        expected = values[row["registration_number"]]
        assert {name: row[name] for name in expected} == expected


def test_what_does_not_fit_a_sheet_goes_on_in_the_next(session, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "SHEET_ROWS", 4)
    made = sorted(factories.draft(session).candidate.registration_number for _ in range(6))

    two = spreadsheet.sheets(written(session, tmp_path, "xlsx"))
    one = spreadsheet.sheets(written(session, tmp_path, "xlsx", search=made[0]))
    none = spreadsheet.sheets(written(session, tmp_path, "xlsx", site="NOBODY"))

    assert [[row["registration_number"] for row in in_columns(sheet)] for sheet in two] == [made[:3], made[3:]]
    assert [len(sheet) for sheet in one] == [2]
    assert [len(sheet) for sheet in none] == [1]


@pytest.mark.parametrize("character", ["长", "𬭚"])
def test_a_cell_that_holds_no_more_says_so(session, tmp_path, character):
    units = len(character.encode("utf-16-le")) // 2
    for length, is_cut in ((32_767 // units, False), (32_767 // units + 1, True)):
        application = factories.draft(session)
        judge(application, factories.region_reviewer(session.region), character * length)
        number = application.candidate.registration_number
        [rows] = spreadsheet.sheets(written(session, tmp_path, "xlsx", search=number))
        opinion = in_columns(rows)[0]["opinion"]

        assert (opinion != character * length) == is_cut
        assert opinion.startswith(character * 10_000)
        assert opinion.endswith("The CSV has all of it.)") == is_cut
        assert len(opinion.encode("utf-16-le")) // 2 <= 32_767


def test_nothing_is_left_behind(session, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    factories.draft(session)
    written(session, tmp_path, "xlsx")
    assert list(folder.iterdir()) == []

    pieces = export_results(OPERATOR, Application.objects.all(), session, headers="zh", kind="xlsx")
    next(pieces)
    assert list(folder.iterdir()) != []
    pieces.close()
    assert list(folder.iterdir()) == []
    shutil.rmtree(folder)
