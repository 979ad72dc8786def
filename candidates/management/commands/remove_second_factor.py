from typing import Any

from django.core.management.base import CommandError, CommandParser

from candidates.commands import RehearsedCommand
from candidates.models import User
from candidates.services.events import OPERATOR
from candidates.services.second_factor import remove_second_factor


class Command(RehearsedCommand):
    help = "Remove the second factor of a staff account that lost it, where nobody else can: the only administrator's."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username")

    def act(self, *, username: str, **options: Any) -> None:
        account = User.objects.filter(username=username).first()
        if account is None:
            raise CommandError(f"There is no account with the user name {username!r}.")
        remove_second_factor(OPERATOR, account)
        self.stdout.write(f"removed: {username} sets up a new one at the next sign-in")
