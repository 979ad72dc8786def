from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from materials.services.reminders import send_reminders


class Command(BaseCommand):
    help = "Remind those who have not submitted or not submitted again, by days left; never twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many would be reminded, tell nobody")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        for reminder, number in send_reminders(dry_run=dry_run).items():
            status, _, days = reminder.partition(":")
            self.stdout.write(f"{status}, {days} days or fewer left: {number}{' would be' if dry_run else ''} reminded")
