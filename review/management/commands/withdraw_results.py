from argparse import ArgumentParser
from typing import Any

from candidates.commands import SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from review.services.publication import withdraw_results


class Command(SessionCommand):
    help = "Withdraw the results that a session has published; they are hidden again and reviews can go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, help="recorded with the withdrawal")

    def act(self, session: ExamSession, *, reason: str, **options: Any) -> None:
        publication = withdraw_results(OPERATOR, session.code, reason)
        self.stdout.write(f"withdrawn: {publication}")
