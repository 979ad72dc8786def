from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from candidates.commands import SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from review.services.publication import COLUMNS, plan_publication, publish_results


class Command(SessionCommand):
    help = "Publish a session's results: one act for the whole session. With --dry-run only say what it would do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, publish nothing")

    def act(self, session: ExamSession, *, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            publication = publish_results(OPERATOR, session.code)
            self._print_counts(publication.counts)
            self.stdout.write(f"published: {publication}")
            self.stdout.write(f"SHA-256 of the list: {publication.sha256}")
            self.stdout.write(f"to check: export_results --session {session.code} --headers code | sha256sum")
            return
        plan = plan_publication(session)
        self._print_counts(plan.counts)
        for _site, code, _name, numbers in plan.sites:
            for result, number in zip(COLUMNS, numbers, strict=True):
                if number:
                    self.stdout.write(f"  {code} {result}: {number}")
        self.stdout.write(f"would be told: {plan.told}")
        if plan.obstacles:
            raise CommandError("\n".join(str(obstacle) for obstacle in plan.obstacles))

    def _print_counts(self, counts: dict[str, int]) -> None:
        for result, number in counts.items():
            self.stdout.write(f"{result}: {number}")
