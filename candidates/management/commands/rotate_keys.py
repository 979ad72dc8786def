from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from candidates.commands import DryRunCommand
from candidates.services.keys import encrypted_columns, rotate_keys


class Command(DryRunCommand):
    help = (
        "Encrypt every personal field, and hash ID numbers, with the newest of FIELD_KEYS. The portal goes on "
        "meanwhile; ended anywhere, the next run does the rest."
    )

    def act(self, *, dry_run: bool, **options: Any) -> None:
        for column in encrypted_columns():
            self.stdout.write(f"{column}: {rotate_keys(column, dry_run=dry_run)}")
        if len(settings.FIELD_KEYS) > 1:
            self.stdout.write(_("When a run finds 0 everywhere, the older keys can be taken out of FIELD_KEYS."))
