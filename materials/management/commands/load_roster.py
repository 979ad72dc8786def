from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from candidates.commands import DryRunCommand, SessionCommand, open_file, write_file
from candidates.models import ExamSession
from candidates.roster import fault_lines
from candidates.services.events import OPERATOR
from materials.services.roster import Progress, load_roster, phones_kept_sentence


class Command(DryRunCommand, SessionCommand):
    help = "Load a roster CSV into a session: all or nothing; every bad row is named at once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--faults", metavar="FILE", help="write every bad row into this CSV rather than to stderr")

    def act(self, session: ExamSession, *, file: str, dry_run: bool, faults: str | None, **options: Any) -> None:
        if faults is not None and Path(faults).resolve() == Path(file).resolve():
            raise CommandError(f"{faults} is the roster itself; name another file for the faults.")
        with open_file(file) as content:
            report = load_roster(OPERATOR, session, content, dry_run=dry_run, progress=self.progress())
        if faults is None:
            for fault in report.faults:
                self.stderr.write(str(fault.masked()))
        else:
            write_file(faults, fault_lines(report.faults))
        counts = {"new": report.new, "changed": report.changed, "same": report.same, "refused": report.refused}
        line = _("%(new)s new, %(changed)s changed, %(same)s the same, %(refused)s refused") % counts
        if report.faults:
            raise CommandError(_("%(counts)s; nothing was written.") % {"counts": line})
        for column, number in sorted(report.fields.items()):
            self.stdout.write(f"changed {column}: {number}")
        self.stdout.write(line)
        if report.phones_kept:
            self.stdout.write(phones_kept_sentence(report.phones_kept))

    def progress(self) -> Progress | None:
        """A bar on a terminal; in a job's log it would only be noise."""
        if not self.stderr.isatty():
            return None

        def show(percent: int) -> None:
            bar = "█" * (percent // 4)
            self.stderr.write(f"\r{bar:░<25} {percent:3} %", ending="\n" if percent == 100 else "")

        return show
