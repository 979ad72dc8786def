from typing import Any

from candidates.commands import DryRunCommand
from materials.services.reminders import send_reminders


class Command(DryRunCommand):
    help = "Remind those who have not submitted or not submitted again, by days left; never twice."

    def act(self, *, dry_run: bool, **options: Any) -> None:
        for reminder, number in send_reminders(dry_run=dry_run).items():
            status, _, days = reminder.partition(":")
            self.stdout.write(f"{status}, {days} days or fewer left: {number} reminded")
