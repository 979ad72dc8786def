"""What the log and reports of errors may say: what failed and where, never whose (docs/personal-data.md)."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from exam_portal import request_id

# From 11 to 18 digits, the last may be an X: mobile and ID numbers, in groups too. Not within a word or a UUID.
_NUMBER = re.compile(r"(?<![\w.-])\+?(?:\d[ -]?){10,17}[\dXx](?![\w-])")
# What PostgreSQL adds to an error: the row that failed, or the part of a statement.
_FROM_ROWS = re.compile(r"(DETAIL|LINE \d+):.*?(?=\n\n|\n(?:CONTEXT|HINT|Traceback|The above|During)|\Z)", re.DOTALL)


def without_numbers(text: str) -> str:
    return _NUMBER.sub("…", _FROM_ROWS.sub(r"\1: …", text))


def _request_of(record: logging.LogRecord) -> HttpRequest | None:
    """Django names it with what it says after all middleware is done."""
    named = getattr(record, "request", None)
    return named if isinstance(named, HttpRequest) else request_id.current.get()


class PersonalFormatter(logging.Formatter):
    """Leaves numbers that may be a person's out of what is said, of exceptions and of their tracebacks."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        record.message = without_numbers(record.message)
        record.request_id = request_id.of(_request_of(record)) or "-"
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return without_numbers(super().formatException(ei))


class JSONFormatter(PersonalFormatter):
    """One JSON object a line, for what collects logs. Nothing is taken from a record but what is named here."""

    def format(self, record: logging.LogRecord) -> str:
        request = _request_of(record)
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_numbers(record.getMessage()),
            "request_id": request_id.of(request),
            "view": request_id.view_of(request),
            "status": getattr(record, "status_code", None),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            said["stack"] = without_numbers(record.stack_info)
        return json.dumps({name: value for name, value in said.items() if value not in ("", None)}, ensure_ascii=False)


class NoValues(SafeExceptionReporterFilter):
    """Reports of errors, where an operator has them sent, hold neither what was posted nor any variable's value."""

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        if request is None:
            return {}
        return request.POST if not self.is_active(request) else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest, tb_frame: Any) -> Any:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
