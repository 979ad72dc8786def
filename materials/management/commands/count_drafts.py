from argparse import ArgumentParser
from typing import Any

from candidates.commands import RepeatedCommand
from materials.services.closing import count_drafts, sessions_to_close, uncounted_drafts


class Command(RepeatedCommand):
    help = (
        "Where a session says so: count the complete drafts as submitted once its upload window has closed. "
        "Safe to run many at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say how many would be counted, change nothing")

    def handle(self, *args: Any, every: float | None, dry_run: bool = False, **options: Any) -> None:
        self.dry_run = dry_run
        super().handle(*args, every=every, **options)

    def act(self, *, once: bool) -> None:
        for session in sessions_to_close():
            number = uncounted_drafts(session).count() if self.dry_run else count_drafts(session)
            if number or once:
                done = "would be counted" if self.dry_run else "counted"
                self.stdout.write(f"{session.code}: {number} complete drafts {done} as submitted")
