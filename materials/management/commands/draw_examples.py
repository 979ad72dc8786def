"""Write the example picture of every category, or check that the files are up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from materials.examples import CODES, draw_example


class Command(BaseCommand):
    """``manage.py draw_examples [--check] [--to FOLDER]``."""

    help = "Draws the example picture of every material category into static/examples."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="instead of static/examples")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the files that differ; with --check, name them and fail."""
        folder: Path = options["to"] or Path(settings.BASE_DIR) / "static" / "examples"
        drawn = {folder / f"{code}.svg": draw_example(code).encode() for code in CODES}
        differing = [file for file, content in drawn.items() if not file.is_file() or file.read_bytes() != content]
        if options["check"]:
            stray = sorted(set(folder.glob("*.svg")) - set(drawn))
            if differing or stray:
                names = ", ".join(file.name for file in [*differing, *stray])
                raise CommandError(f"not what would be drawn: {names}; run manage.py draw_examples")
            self.stdout.write(f"{len(drawn)} examples are up to date")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for file in differing:
            # Under its name it is whole at any moment.
            draft = file.with_suffix(".part")
            draft.write_bytes(drawn[file])
            draft.rename(file)
        self.stdout.write(f"{len(drawn)} examples, {len(differing)} written to {folder}")
