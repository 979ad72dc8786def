"""Reading a roster: a CSV becomes rows and faults, one after the other, however long it is. Writes nothing."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from .enums import Flag, Level, Track
from .models import CODE_PATTERN
from .rules import (
    clean_id_number,
    is_chinese_id_number,
    is_phone,
    is_travel_document_number,
    mask_id_number,
    mask_phone,
)
from .spreadsheet import lines_of

COLUMNS = ("registration_number", "name", "id_number", "phone", "email", "site", "track", "level", "flags")
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One good row. ``line`` is its line in the file, counted from 1, the header's being 1."""

    line: int
    registration_number: str
    name: str
    id_number: str
    phone: str
    email: str
    site: str
    track: str
    level: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place of the file, and why, in the language in which it was read."""

    line: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return _("Line {line}, column {column}, “{value}”: {reason}").format(
            line=self.line,
            column=self.column,
            value=self.value,
            reason=self.reason,
        )

    def masked(self) -> Self:
        """For what stays behind in a terminal, a job's log or a folder: without whole ID numbers and phones."""
        mask = {"phone": mask_phone, "id_number": mask_id_number}.get(self.column, _mask_numbers)
        return replace(self, value=mask(self.value), reason=_mask_numbers(self.reason))


def _mask_numbers(text: str) -> str:
    """For cells that slipped into another column, or a file without its first line."""
    return re.sub(r"[0-9]{11,}[Xx]?", lambda found: mask_id_number(found[0]), text)


def fault_lines(faults: Iterable[Fault]) -> Iterator[str]:
    """The faults, masked, as a CSV line by line, in the language in which this is called."""
    titles = (_("Line"), _("Column"), _("Value"), _("What is wrong"))
    return lines_of(
        titles, ((fault.line, fault.column, fault.value, fault.reason) for fault in map(Fault.masked, faults))
    )


def encoding_of(file: IO[bytes]) -> str | None:
    """UTF-8 with or without BOM, or GB18030; None when it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def decode(data: bytes) -> str | None:
    """All of a short file; None as above."""
    encoding = encoding_of(io.BytesIO(data))
    return data.decode(encoding) if encoding else None


def read_roster(file: IO[bytes], site_codes: set[str]) -> Iterator[Row | Fault]:
    """Every good row and every fault, in the order of the file (docs/contract.md, "Roster columns").

    ``file`` is read from its beginning, whatever was read of it before, and stays open.
    """
    encoding = encoding_of(file)
    if encoding is None:
        yield Fault(1, "-", "", _("The file is neither UTF-8 nor GB18030 text. Save it as CSV UTF-8."))
        return
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    reader = csv.reader(text, strict=True)
    try:
        yield from _read_lines(reader, site_codes)
    except csv.Error as error:
        reason = _("The file cannot be read as CSV from here on: {error}.").format(error=str(error))
        yield Fault(reader.line_num, "-", "", reason)
    finally:
        text.detach()


def _read_lines(reader: Any, site_codes: set[str]) -> Iterator[Row | Fault]:
    header = [cell.strip() for cell in next(reader, [])]
    if sorted(header) != sorted(COLUMNS):
        reason = _("The first line must name these columns: {columns}.").format(columns=", ".join(COLUMNS))
        yield Fault(1, "-", ",".join(header)[:200], reason)
        return
    seen: dict[str, dict[str, int]] = {"registration_number": {}, "id_number": {}}
    is_empty = True
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        is_empty = False
        if len(cells) != len(header):
            reason = _("{found} cells instead of {expected}.").format(found=len(cells), expected=len(header))
            yield Fault(line, "-", "", reason)
            continue
        values = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        values["id_number"] = clean_id_number(values["id_number"])
        faults = [*_faults_of(line, values, site_codes), *_repeats(line, values, seen)]
        yield from faults
        if not faults:
            flags = tuple(sorted(set(filter(None, (flag.strip() for flag in values.pop("flags").split("|"))))))
            yield Row(line=line, flags=flags, **values)
    if is_empty:
        yield Fault(1, "-", "", _("The file has no rows."))


def _repeats(line: int, values: dict[str, str], seen: dict[str, dict[str, int]]) -> Iterator[Fault]:
    for column, lines in seen.items():
        first = lines.setdefault(values[column], line)
        if first != line and values[column]:
            yield Fault(line, column, values[column], _("Already on line {first}.").format(first=first))


def _faults_of(line: int, values: dict[str, str], site_codes: set[str]) -> Iterator[Fault]:
    def fault(column: str, reason: str) -> Fault:
        return Fault(line, column, values[column][:100], reason)

    for column, text in values.items():
        if "\0" in text:
            yield fault(column, _("Contains a NUL character. Remove it."))
    if not values["registration_number"]:
        yield fault("registration_number", _("Must not be empty."))
    elif len(values["registration_number"]) > 40 or not re.fullmatch(CODE_PATTERN, values["registration_number"]):
        yield fault("registration_number", _("May have up to 40 letters, digits, - and _ only."))
    if not values["name"]:
        yield fault("name", _("Must not be empty."))
    elif len(values["name"]) > 100:
        yield fault("name", _("Is longer than 100 characters."))
    flags = {flag.strip() for flag in values["flags"].split("|")} - {""}
    yield from _id_number_faults(fault, values["id_number"], flags)
    if not is_phone(values["phone"]):
        yield fault("phone", _("Must be a phone number: 6 to 15 digits, with + in front for abroad."))
    if values["email"]:
        try:
            validate_email(values["email"])
        except ValidationError:
            yield fault("email", _("Is not an e-mail address. Correct it or leave it empty."))
    if values["site"] not in site_codes:
        yield fault("site", _("No site of this region has this code."))
    for column, allowed in (("track", Track.values), ("level", Level.values)):
        if values[column] not in allowed:
            yield fault(column, _("Must be one of: {allowed}.").format(allowed=", ".join(allowed)))
    unknown = flags - set(Flag.values)
    if unknown:
        yield fault("flags", _("Unknown: {unknown}.").format(unknown=", ".join(sorted(unknown))))


def _id_number_faults(fault: Any, number: str, flags: set[str]) -> Iterator[Fault]:
    if is_chinese_id_number(number):
        return
    if Flag.HMT_OR_FOREIGN in flags:
        if not is_travel_document_number(number):
            yield fault("id_number", _("Must be a passport or permit number: 5 to 18 letters and digits."))
    elif len(number) != 18:
        yield fault(
            "id_number",
            _("Must have 18 characters, this has {length}. (Passports need the flag hmt_or_foreign.)").format(
                length=len(number),
            ),
        )
    else:
        yield fault("id_number", _("The check character or the date of birth is wrong: a digit was mistyped."))
