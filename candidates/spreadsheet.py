"""CSV that people open in a spreadsheet: no cell of it is run, and none is rewritten (docs/contract.md)."""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

# What spreadsheets take for the beginning of a formula; compared after NFKC, which makes the full-width,
# small and superscript forms plain.
FORMULA_STARTS = ("=", "+", "-", "@")
# Invisible characters that a spreadsheet may skip before it looks: marks of direction, zero-width ones; and space.
SKIPPED = "\ufeff\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
SKIPPED += string.whitespace + "\u00a0\u3000"
# What a spreadsheet would make a number, a date or a time of: digits with signs between them (2026-01,
# 1/2, 12:30, 1E5, 50%), and digits behind the name of a month (MAR1 is a code here and a date there).
# What was matched is never given back (*+), since that could only cost time; of single characters alone, because
# Python before 3.11.5 gets repeated groups wrong (CPython issue 106052).
MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*+"
NUMBER = re.compile(
    rf"(?:{MONTH}[-/. ]?)?[\d.,:/\-%$¥￥()+ 年月日时分秒]*+"
    rf"(?:(?<=[\d.])e[-+]?\d++|{MONTH}[\d.,:/\-+ ]*+)?(?: ?[ap]m)?",
    re.IGNORECASE,
)
# What a spreadsheet takes for a yes or a no.
TRUTHS = ("TRUE", "FALSE")
# As registration and ID numbers mostly are.
_PLAIN = re.compile(r"[A-Za-z]{1,2}[0-9]+|[0-9]{17}X")
_PLAIN_LINES = re.compile(rf"(?:(?:{_PLAIN.pattern})\n)*(?:{_PLAIN.pattern})")
_NEEDS_QUOTES = re.compile('[",\r\n]')


def inert(text: str) -> str:
    """A cell that no spreadsheet runs or rewrites.

    What may be taken for a formula gets an apostrophe in front; what may be taken for a number, a date or a
    truth, digits alone first of all, one TAB behind it, which keeps it text. NUL is left out.
    """
    text = text.replace("\0", "")
    first = text.lstrip(SKIPPED)[:1]
    if not first.isascii():
        first = unicodedata.normalize("NFKC", first)[:1]
    if first in FORMULA_STARTS or text[:1] in ("\t", "\r", "\n"):
        return f"'{text}"
    is_number = NUMBER.fullmatch(text) and any(map(str.isdigit, text))
    return f"{text}\t" if is_number or text.strip().upper() in TRUTHS else text


def csv_cell(text: str) -> str:
    """``quoted(inert(text))``, known at a glance for most cells: this is where the time of an export goes."""
    if text.isdecimal():
        return f"{text}\t"
    if _PLAIN.fullmatch(text) or (text.isalpha() and text.upper() not in TRUTHS):
        return text
    return quoted(inert(text))


def are_plain(lines: str) -> bool:
    """Whether ``csv_cell`` leaves each of these lines as it is: many of them known at a glance.

    No is no answer: one of them may not be plain, or all of them plain in another way.
    """
    letters = lines.replace("\n", "").replace("·", "").replace(" ", "")
    if letters.isalpha():
        return not any(truth in letters.upper() for truth in TRUTHS)
    return _PLAIN_LINES.fullmatch(lines) is not None


def quoted(text: str) -> str:
    """A cell as RFC 4180 wants it."""
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def lines_of(titles: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A file line by line: BOM, titles, rows; RFC 4180 with CRLF."""
    yield "\ufeff" + ",".join(map(quoted, titles)) + "\r\n"
    for row in rows:
        yield ",".join(csv_cell(str(value)) for value in row) + "\r\n"
