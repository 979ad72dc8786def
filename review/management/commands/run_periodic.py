from typing import Any

from django.utils import timezone

from candidates.commands import DryRunCommand, RepeatedCommand
from candidates.models import DeliveryTally
from candidates.services.door_codes import delete_old_codes
from candidates.services.seals import count_unsealed, seal_events
from candidates.services.tallies import roll_up
from candidates.web_sessions import delete_expired
from materials.models import ApplicationTally
from materials.services.closing import count_drafts, sessions_to_close, uncounted_drafts
from materials.services.removed import delete_removed
from review.figures import sessions_to_count
from review.services.figures import keep_figures


class Command(DryRunCommand, RepeatedCommand):
    help = (
        "Do what time has made due: count complete drafts as submitted where their session says so and its upload "
        "window has closed; delete for good what can no longer be put back, one-time codes older than a day, and "
        "web sessions that have ended; seal the events there are; add up the numbers that are kept; count "
        "the statistics of large sessions. Safe to run many at once."
    )

    def handle(self, *args: Any, every: float | None = None, **options: Any) -> None:
        if options["dry_run"]:
            DryRunCommand.handle(self, dry_run=True, once=True)
        else:
            RepeatedCommand.handle(self, every=every)

    def act(self, *, once: bool, dry_run: bool = False) -> None:
        # First, so that a dry run can say how many: what follows adds events and rows.
        sealed = count_unsealed() if dry_run else seal_events()
        rolled_up = sum(roll_up(tally, dry_run=dry_run) for tally in (DeliveryTally, ApplicationTally))
        if once:
            self.stdout.write(f"{sealed} events sealed")
            self.stdout.write(f"{rolled_up} rows of numbers added up")
        for session in sessions_to_close():
            counted = uncounted_drafts(session).count() if dry_run else count_drafts(session)
            if counted or once:
                self.stdout.write(f"{session.code}: {counted} complete drafts counted as submitted")
        deleted = delete_removed(dry_run=dry_run)
        if deleted or once:
            self.stdout.write(f"{deleted} pictures deleted for good")
        codes = delete_old_codes(dry_run=dry_run)
        if codes or once:
            self.stdout.write(f"{codes} old one-time codes deleted")
        ended = delete_expired(dry_run=dry_run)
        if ended or once:
            self.stdout.write(f"{ended} ended web sessions deleted")
        # Last, since it takes longest.
        counted = sessions_to_count(timezone.now()).count() if dry_run else keep_figures()
        if counted or once:
            self.stdout.write(f"{counted} large sessions counted")
