"""What the log and reports of errors may say: what failed and where, never whose (docs/personal-data.md)."""

import logging
import re
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

# From 11 to 18 digits, the last may be an X: mobile and ID numbers, in groups too. Not within a word or a UUID.
_NUMBER = re.compile(r"(?<![\w.-])\+?(?:\d[ -]?){10,17}[\dXx](?![\w-])")
# What PostgreSQL adds to an error: the row that failed, or the part of a statement.
_FROM_ROWS = re.compile(r"(DETAIL|LINE \d+):.*?(?=\n\n|\n(?:CONTEXT|HINT|Traceback|The above|During)|\Z)", re.DOTALL)


def without_numbers(text: str) -> str:
    return _NUMBER.sub("…", _FROM_ROWS.sub(r"\1: …", text))


class PersonalFormatter(logging.Formatter):
    """Leaves numbers that may be a person's out of what is said, of exceptions and of their tracebacks."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        record.message = without_numbers(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return without_numbers(super().formatException(ei))


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
