"""The results as a CSV and as an Excel workbook, in pieces as they leave."""

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.worksheet import Worksheet

from candidates.models import ExamSession
from candidates.spreadsheet import are_plain, csv_cell
from materials.models import Application

from .columns import Line, copy_statement, reader, titles
from .copying import copied

# What a sheet and a cell of Excel hold; a cell's are units of UTF-16.
SHEET_ROWS = 1_048_576
CELL_UNITS = 32_767
_PIECE = 256 * 1024  # bytes


def csv_pieces(applications: QuerySet[Application], session: ExamSession, headers: str) -> Generator[bytes]:
    """BOM, titles, rows; RFC 4180 with CRLF. ``headers``: "zh" or "code"."""
    lines = reader(session, headers, csv_cell, are_plain)

    def piece(rows: list[bytes]) -> bytes:
        return b"\r\n".join([*map(b",".join, lines(rows)), b""])

    yield ("\ufeff" + ",".join(titles(headers)) + "\r\n").encode()
    yield from copied(copy_statement(applications), piece, applications.db)


def xlsx_pieces(applications: QuerySet[Application], session: ExamSession, headers: str) -> Generator[bytes]:
    """The same cells as text, which Excel neither runs nor rewrites, so that they need no marks.

    What does not fit one sheet goes on in the next. Its parts are put together from temporary files, gone at the end.
    """
    with override("zh-hans" if headers == "zh" else "en"):
        cut = _("… (cut off: a cell of Excel holds no more. The CSV has all of it.)")

    def cell(text: str) -> str:
        # No character is more than two units.
        if len(text) <= CELL_UNITS // 2 or len(text.encode("utf-16-le")) // 2 <= CELL_UNITS:
            return text
        return text.encode("utf-16-le")[: 2 * (CELL_UNITS - len(cut))].decode("utf-16-le", "ignore") + cut

    lines = reader(session, headers, cell, lambda lines: len(lines) <= CELL_UNITS // 2)
    with TemporaryDirectory(prefix="portal-export-") as folder:
        file = Path(folder) / "results.xlsx"
        with (
            xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book,
            closing(copied(copy_statement(applications), lambda rows: list(lines(rows)), applications.db)) as blocks,
        ):
            _fill(book, titles(headers), (line for block in blocks for line in block))
        with file.open("rb") as data:
            while piece := data.read(_PIECE):
                yield piece


def _fill(book: xlsxwriter.Workbook, first: list[str], lines: Iterator[Line]) -> None:
    """As many sheets as it takes; "@" is Excel's number format for text, so that editing a cell does not wake it."""
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True})
    sheet: Worksheet | None = None
    for number in count():
        line = next(lines, None)
        row = number % (SHEET_ROWS - 1) + 1
        if sheet is None or (row == 1 and line is not None):
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(first) - 1, 20)
            sheet.ignore_errors({"number_stored_as_text": f"A1:Z{SHEET_ROWS}"})
            for column, title in enumerate(first):
                sheet.write_string(0, column, title, bold)
        if line is None:
            return
        for column, value in enumerate(line):
            if value:
                sheet.write_string(row, column, value.decode(), text)
