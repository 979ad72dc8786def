from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from materials.services.sweep import sweep_photos


class Command(BaseCommand):
    help = "Remove stored files that no row names; list rows whose file is gone (exit code 1 if there are any)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list only, remove nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        swept = sweep_photos(dry_run=dry_run)
        if swept.removed:
            self.stdout.write(f"{swept.removed} deleted by candidates {'would go' if dry_run else 'gone'} for good")
        for name in swept.orphans:
            self.stdout.write(f"{'would remove' if dry_run else 'removed'} {name}")
        for name in swept.lost:
            self.stdout.write(f"file is gone: {name}")
        self.stdout.write(f"{len(swept.orphans)} without a row, {len(swept.lost)} without a file")
        if swept.lost:
            raise CommandError(f"{len(swept.lost)} files are gone; restore them from a backup of the store")
