from typing import Any

from django.core.management.base import CommandParser

from candidates.commands import RehearsedCommand, SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from review.services.publication import withdraw_results


class Command(RehearsedCommand, SessionCommand):
    help = "Withdraw the results that a session has published; they are hidden again and reviews can go on."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--reason", required=True, help="recorded with the withdrawal")

    def act(self, session: ExamSession, *, reason: str, **options: Any) -> None:
        withdrawal = withdraw_results(OPERATOR, session.code, reason)
        for result, number in withdrawal.publication.counts.items():
            self.stdout.write(f"{result}: {number}")
        self.stdout.write(f"messages about the results that will not leave any more: {withdrawal.called_off}")
        self.stdout.write(f"told: {withdrawal.told}")
        self.stdout.write(f"withdrawn: {withdrawal.publication}")
