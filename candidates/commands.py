"""What the commands have in common. They parse, call services and print; refusals end them."""

import os
import pwd
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.utils.translation import gettext as _

from .interruption import interrupt_behind
from .models import ExamSession
from .refusals import Refusal
from .services.events import by_command


class RecordedCommand(BaseCommand):
    """A command whose events say that it was one, and who ran it, where."""

    def execute(self, *args: Any, **options: Any) -> Any:
        with by_command(self.__module__.rpartition(".")[2], _who_and_where()):
            return super().execute(*args, **options)


def _who_and_where() -> str:
    """``account@host``, as the operating system knows them; nobody has signed in to the portal."""
    try:
        account = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        account = str(os.getuid())
    return f"{account}@{socket.gethostname()}"


class PortalCommand(RecordedCommand):
    """A command whose ``act`` is handed the options. Whatever is refused becomes lines on stderr and exit code 1."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.act(**options)
        except Refusal as refusal:
            raise CommandError(str(refusal.sentence)) from refusal

    def act(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError


class SessionCommand(PortalCommand):
    """One with ``--session CODE``, handed on as the session; as None only where it is not required."""

    session_is_required = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--session", metavar="CODE", required=self.session_is_required)

    def handle(self, *args: Any, session: str | None, **options: Any) -> None:
        super().handle(*args, session=find_session(session) if session is not None else None, **options)


class DryRunCommand(PortalCommand):
    """One with ``--dry-run``: it then says the same and refuses the same, and writes nothing."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say exactly what would happen, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            # First, so that nobody reads on in fright.
            self.stdout.write(_("Dry run: nothing is written. What follows is what would be done."))
        super().handle(*args, **options)


class RehearsedCommand(DryRunCommand):
    """One whose act is one transaction: a dry run does all of it, and takes it back. Named before SessionCommand."""

    def handle(self, *args: Any, **options: Any) -> None:
        with rehearsal() if options["dry_run"] else nullcontext():
            super().handle(*args, **options)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Whatever is written within is refused as ever, and gone at the end; what waits for its commit never happens."""
    with transaction.atomic():
        yield
        connection.check_constraints()  # those that wait for the commit
        transaction.set_rollback(True)


class RepeatedCommand(RecordedCommand):
    """A command with ``--every SECONDS``: once, or again and again until stopped."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on until stopped, looking this often")

    def handle(self, *args: Any, every: float | None, **options: Any) -> None:
        if every is None:
            self.act(once=True)
            return
        try:
            self._repeat(every)
        except BaseException as error:
            if interrupt_behind(error) is None:  # else it ends as it is meant to
                raise

    def _repeat(self, every: float) -> None:
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
