from typing import Any

from django.core.management.base import CommandError

from candidates.commands import DryRunCommand
from materials.services.sweep import sweep_photos


class Command(DryRunCommand):
    help = "Remove stored files that no row names; list rows whose file is gone (exit code 1 if there are any)."

    def act(self, *, dry_run: bool, **options: Any) -> None:
        swept = sweep_photos(dry_run=dry_run)
        if swept.removed:
            self.stdout.write(f"{swept.removed} deleted by candidates {'would go' if dry_run else 'gone'} for good")
        for name in swept.orphans:
            self.stdout.write(f"removed {name}")
        for name in swept.lost:
            self.stdout.write(f"file is gone: {name}")
        self.stdout.write(f"{len(swept.orphans)} without a row, {len(swept.lost)} without a file")
        if swept.lost:
            raise CommandError(f"{len(swept.lost)} files are gone; restore them from a backup of the store")
