from typing import Any

from django.core.management.base import CommandParser

from candidates.commands import RehearsedCommand, SessionCommand, read_file
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from materials.services.catalogue import load_catalogue


class Command(RehearsedCommand, SessionCommand):
    help = "Load categories from a CSV into a session, or into the default catalogue that new sessions begin with."
    session_is_required = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")

    def act(self, session: ExamSession | None, *, file: str, **options: Any) -> None:
        report = load_catalogue(OPERATOR, read_file(file), session)
        for category in report.new:
            self.stdout.write(
                f"new: {category.code} {category.name_zh}: {category.min_photos} to {category.max_photos} pictures, "
                f"{category.requirement}"
            )
        for code, changes in report.changed.items():
            for field, (before, after) in changes.items():
                self.stdout.write(f"changed: {code} {field}: {as_in_file(before)} → {as_in_file(after)}")
        for code in report.left:
            self.stdout.write(f"not in the file, stays as it is: {code}")
        numbers = {"new": len(report.new), "changed": len(report.changed), "the same": report.same}
        self.stdout.write(", ".join(f"{number} {what}" for what, number in numbers.items()))


def as_in_file(value: Any) -> str:
    return ("|".join(value) if isinstance(value, list) else str(value)) or "(empty)"
