from argparse import ArgumentParser
from typing import Any

from candidates.commands import SessionCommand, read_file
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from materials.services.catalogue import load_catalogue


class Command(SessionCommand):
    help = "Load categories from a CSV into a session, or into the default catalogue that new sessions begin with."
    session_is_required = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE")

    def act(self, session: ExamSession | None, *, file: str, **options: Any) -> None:
        number = load_catalogue(OPERATOR, read_file(file), session)
        self.stdout.write(f"{number} categories new or changed")
