from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from candidates.models import ExamSession
from review.demo import SESSION, accounts, load_demo


class Command(BaseCommand):
    help = "Make the demonstration: region 天津, session TJ-2026, and accounts in every state."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts-only", action="store_true", help="print the accounts, make nothing")

    def handle(self, *args: Any, accounts_only: bool, **options: Any) -> None:
        if not (settings.EMBEDDED or settings.DEBUG):
            raise CommandError(
                "The demonstration's passwords are public: it is only made with DEBUG on or in the embedded database."
            )
        if not ExamSession.objects.filter(code=SESSION).exists():
            if accounts_only:
                return
            load_demo()
        for line in accounts():
            self.stdout.write(line)
