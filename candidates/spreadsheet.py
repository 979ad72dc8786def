"""CSV that people open in a spreadsheet: no cell of it is run, and none is rewritten."""

import csv
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

# What spreadsheets take for the beginning of a formula; compared after NFKC, which makes the full-width,
# small and superscript forms plain.
FORMULA_STARTS = "=+-@"
# Invisible characters that a spreadsheet may skip before it looks: marks of direction, zero-width ones.
SKIPPED = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
# What a spreadsheet would make a number, a date or a time of: digits with signs between them (2026-01,
# 1/2, 12:30, 1E5, 50%), and digits behind the name of a month (MAR1 is a code here and a date there).
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
NUMBER = re.compile(
    rf"(?:{MONTH}[-/. ]?)?[\d.,:/\-%$¥￥()+ 年月日时分秒]*(?:(?<=[\d.])e[-+]?\d+|{MONTH}[\d.,:/\-+ ]*)?(?: ?[ap]m)?",
    re.IGNORECASE,
)


def inert(value: Any) -> str:
    """A cell that no spreadsheet runs or rewrites.

    What may be taken for a formula gets an apostrophe in front; what may be taken for a number or a
    date, digits alone first of all, one TAB behind it, which keeps it text. NUL is left out.
    """
    text = str(value).replace("\0", "")
    seen = text.lstrip(SKIPPED + string.whitespace + "\u00a0\u3000")
    if text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", seen[:1])[:1] in tuple(FORMULA_STARTS):
        return f"'{text}"
    return f"{text}\t" if NUMBER.fullmatch(text) and any(map(str.isdigit, text)) else text


class _Echo:
    def write(self, text: str) -> str:
        return text


def lines_of(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A file line by line: BOM, titles, rows of inert cells; RFC 4180 with CRLF."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow(titles)
    for row in rows:
        yield writer.writerow([inert(value) for value in row])
