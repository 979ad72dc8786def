from typing import Any

from candidates.commands import DryRunCommand, RepeatedCommand
from materials.services.closing import count_drafts, sessions_to_close, uncounted_drafts


class Command(DryRunCommand, RepeatedCommand):
    help = (
        "Where a session says so: count the complete drafts as submitted once its upload window has closed. "
        "Safe to run many at once."
    )

    def handle(self, *args: Any, every: float | None = None, **options: Any) -> None:
        if options["dry_run"]:
            DryRunCommand.handle(self, dry_run=True, once=True)
        else:
            RepeatedCommand.handle(self, every=every)

    def act(self, *, once: bool, dry_run: bool = False) -> None:
        for session in sessions_to_close():
            number = uncounted_drafts(session).count() if dry_run else count_drafts(session)
            if number or once:
                self.stdout.write(f"{session.code}: {number} complete drafts counted as submitted")
