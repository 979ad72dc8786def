from typing import Any

from candidates.commands import RehearsedCommand, SessionCommand
from candidates.models import ExamSession
from candidates.services.events import OPERATOR
from review.services.publication import COLUMNS, plan_publication, publish_results


class Command(RehearsedCommand, SessionCommand):
    help = "Publish a session's results: one act for the whole session."

    def act(self, session: ExamSession, **options: Any) -> None:
        plan = plan_publication(session)
        for result, number in plan.counts.items():
            self.stdout.write(f"{result}: {number}")
        for _site, code, _name, numbers in plan.sites:
            for result, number in zip(COLUMNS, numbers, strict=True):
                if number:
                    self.stdout.write(f"  {code} {result}: {number}")
        publication = publish_results(OPERATOR, session.code)
        self.stdout.write(f"told: {plan.told}")
        self.stdout.write(f"published: {publication}")
        self.stdout.write(f"SHA-256 of the list: {publication.sha256}")
        self.stdout.write(f"to check: export_results --session {session.code} --headers code | sha256sum")
