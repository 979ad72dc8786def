import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from candidates.commands import SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from materials.models import Application
from review.services.exports import export_results


class Command(SessionCommand):
    help = "Write a session's results to standard output as CSV: UTF-8 with BOM, CRLF."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--site", metavar="CODE", default="")
        parser.add_argument("--headers", choices=["zh", "code"], default="zh")

    def act(self, session: ExamSession, *, site: str, headers: str, **options: Any) -> None:
        if site and not session.region.sites.filter(code=site).exists():
            raise CommandError(f"There is no site {site!r} in the region of {session.code}.")
        lines = export_results(OPERATOR, Application.objects.all(), session, headers=headers, site=site)
        try:
            self._write(lines)
        except BrokenPipeError:
            # Whoever read has enough. What is still buffered must not fail once more when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _write(self, lines: Iterator[str]) -> None:
        """As bytes, so that no platform changes line ends or encoding."""
        buffer: Any = getattr(self.stdout, "buffer", None)
        for line in lines:
            if buffer is None:
                self.stdout.write(line, ending="")
            else:
                buffer.write(line.encode())
        (buffer or self.stdout).flush()
