from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from candidates.commands import RehearsedCommand
from candidates.enums import Action
from candidates.services.database_role import connected_as, grant_application_role
from candidates.services.events import OPERATOR, record


class Command(RehearsedCommand):
    help = (
        "As the owner of the tables (DATABASE_OWNER_URL, else DATABASE_URL): give the role that the portal runs as the "
        "rights it needs on every table, and none by which it could change or remove what is append-only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "role", nargs="?", help="left out: the role of DATABASE_URL, where DATABASE_OWNER_URL is set"
        )

    def handle(self, *args: Any, role: str | None, **options: Any) -> None:
        owner = settings.DATABASE_OWNER
        if role is None and owner is None:
            raise CommandError("Name the role, or set DATABASE_OWNER_URL: then it is the one of DATABASE_URL.")
        role = role or str(connection.settings_dict["USER"])
        with connected_as(owner) if owner else nullcontext():
            super().handle(*args, role=role, **options)

    def act(self, *, role: str, **options: Any) -> None:
        for table, rights in grant_application_role(role).items():
            self.stdout.write(f"{table}: {rights}")
        record(Action.COMMAND_RUN, OPERATOR, role=role)
