"""What the commands about one session have in common. They parse, call services and print; refusals end them."""

import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections

from .models import ExamSession
from .refusals import Refusal


class SessionCommand(BaseCommand):
    """A command with ``--session CODE``. Whatever is refused becomes lines on stderr and exit code 1."""

    session_is_required = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--session", metavar="CODE", required=self.session_is_required)

    def handle(self, *args: Any, session: str | None, **options: Any) -> None:
        found = find_session(session) if session is not None else None
        try:
            self.act(found, **options)
        except Refusal as refusal:
            raise CommandError(str(refusal.sentence)) from refusal

    def act(self, *args: Any, **options: Any) -> None:
        """Do it: ``act(session, *, the command's own options)``; session is None only where it is not required."""
        raise NotImplementedError


class RepeatedCommand(BaseCommand):
    """A command with ``--every SECONDS``: once, or again and again until stopped."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until stopped, looking this often")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.act(once=True)
            return
        while True:
            try:
                self.act(once=False)
            except (OperationalError, InterfaceError):
                # A database that restarts must not end it; without --every the operator sees it.
                self.stderr.write("The database does not answer; trying again.")
            close_old_connections()
            time.sleep(every)

    def act(self, *, once: bool) -> None:
        """Do what waits, and say what was done; ``once``: even that it was nothing."""
        raise NotImplementedError


def find_session(code: str) -> ExamSession:
    session = ExamSession.objects.select_related("region").filter(code=code).first()
    if session is None:
        raise CommandError(f"There is no session with the code {code!r}.")
    return session


def read_file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error


@contextmanager
def open_file(name: str) -> Iterator[IO[bytes]]:
    """For what is too long to be held in memory."""
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error


def write_file(name: str, lines: Iterable[str]) -> None:
    try:
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
    except OSError as error:
        raise CommandError(f"{name} cannot be written: {error.strerror}.") from error
