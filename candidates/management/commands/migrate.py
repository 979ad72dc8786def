from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection

from candidates.services.database_role import connected_as, grant_application_role


class Command(migrate.Command):
    """Django's, as the owner of the tables where that is another role than the portal's own (DATABASE_OWNER_URL).

    New tables are then granted to the portal's, so that no deployment can forget it.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_OWNER is None or options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        role = str(connection.settings_dict["USER"])
        with connected_as(settings.DATABASE_OWNER):
            super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                grant_application_role(role)
