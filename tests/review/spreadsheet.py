"""What a spreadsheet program makes of a file: LibreOffice opens it, and its cells are read from what it saves."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

PROGRAM = shutil.which("soffice")
# Separated by commas, UTF-8, from line 1, quoted cells not taken as text, special numbers (dates, …) recognised: what
# somebody gets who opens it and asks for nothing.
CSV = "CSV:44,34,76,1,,0,false,true"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def opened(file: Path, folder: Path) -> list[list[list[str]]]:
    """Sheets of rows of cells. A cell that became a number, a date or a formula fails."""
    saved = folder / "saved"
    command = [PROGRAM, f"-env:UserInstallation={(folder / 'user').as_uri()}", "--headless", "--norestore"]
    command += [f"--infilter={CSV}"] if file.suffix == ".csv" else []
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return sheets((saved / file.name).with_suffix(".xlsx"))


def sheets(file: Path) -> list[list[list[str]]]:
    with ZipFile(file) as book:
        names = sorted((n for n in book.namelist() if n.startswith("xl/worksheets/sheet")), key=lambda n: (len(n), n))
        shared = [_text(one) for one in _parsed(book, "xl/sharedStrings.xml").iter(f"{_MAIN}si")]
        return [_rows(_parsed(book, name), shared) for name in names]


def _parsed(book: ZipFile, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(book.read(name))
    except KeyError:  # a book without shared strings
        return ElementTree.Element("none")


def _rows(sheet: ElementTree.Element, shared: list[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    rewritten: list[str] = []
    for row in sheet.iter(f"{_MAIN}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place, kind, value = cell.attrib["r"], cell.get("t"), cell.find(f"{_MAIN}v")
            if value is None and kind != "inlineStr":
                continue
            if kind not in ("s", "inlineStr") or cell.find(f"{_MAIN}f") is not None:
                rewritten.append(f"{place}: {ElementTree.tostring(cell, 'unicode')}")
                continue
            cells += [""] * (ord(place[0]) - ord("A") - len(cells))
            cells.append(shared[int(value.text or "")] if value is not None else _text(cell))
        rows.append(cells)
    assert not rewritten, rewritten
    return rows


def _text(element: ElementTree.Element) -> str:
    """With the characters that XML cannot hold, which Office writes as _x000D_."""
    text = "".join(one.text or "" for one in element.iter(f"{_MAIN}t"))
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
