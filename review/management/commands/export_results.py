import os
import sys
from collections.abc import Generator
from contextlib import closing
from typing import Any

from django.core.management.base import CommandError, CommandParser

from candidates.commands import SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from materials.models import Application
from review.services.exports import FORMATS, Chosen, export_results


class Command(SessionCommand):
    help = "Write a session's results to standard output: as CSV (UTF-8 with BOM, CRLF) or as an Excel workbook."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--site", metavar="CODE", default="")
        parser.add_argument("--headers", choices=["zh", "code"], default="zh")
        parser.add_argument("--format", choices=FORMATS, default="csv")

    def act(self, session: ExamSession, *, site: str, headers: str, **options: Any) -> None:
        if site and not session.region.sites.filter(code=site).exists():
            raise CommandError(f"There is no site {site!r} in the region of {session.code}.")
        kind = options["format"]
        pieces = export_results(
            OPERATOR, Application.objects.all(), session, headers=headers, kind=kind, chosen=Chosen(site=site)
        )
        try:
            with closing(pieces):
                self._write(pieces)
        except BrokenPipeError:
            # Whoever read has enough. What is still buffered must not fail once more when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _write(self, pieces: Generator[bytes]) -> None:
        """As bytes, so that no platform changes line ends or encoding."""
        buffer: Any = getattr(self.stdout, "buffer", None)
        for piece in pieces:
            if buffer is None:
                self.stdout.write(piece.decode(), ending="")
            else:
                buffer.write(piece)
        (buffer or self.stdout).flush()
