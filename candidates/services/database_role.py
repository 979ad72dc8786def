"""Two roles of one database: the tables' owner, who migrates, and the application's, who cannot take guards away.

An owner can disable a trigger, truncate and alter. So the portal runs as somebody else, who has of each table what its
work needs: of append-only tables reading and adding, of tallies deleting rows too, of the others also changing them, of
none more.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from ..refusals import Refusal

ADD_ONLY, CHANGE = "SELECT, INSERT", "SELECT, INSERT, UPDATE, DELETE"
# What an erasure empties of append-only tables; their triggers let it do that and nothing else (the migrations
# "erasure").
ERASED = {
    "candidates_event": "facts, ip_address",
    "materials_submission": "manifest",
    "review_decision": "note, requests",
}
# What has rights of its own: what only a migration writes; and what triggers write and is added up, which decides
# nothing (materials/selectors.py, counts_by_state).
OWN_RIGHTS = {
    "django_migrations": "SELECT",
    "candidates_deliverytally": "SELECT, INSERT, DELETE",
    "materials_applicationtally": "SELECT, INSERT, DELETE",
}
# A table is append-only when it has the trigger that says so (candidates/migrations/0002_append_only.py).
TABLES = """
SELECT relname, EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgname = 'append_only_rows')
FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY relname
"""
# Whether a role can become the owner of the tables, or has been made almighty.
TOO_MIGHTY = """
SELECT rolsuper OR EXISTS (
    SELECT FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND pg_has_role(pg_roles.oid, relowner, 'MEMBER')
) FROM pg_roles WHERE rolname = %s
"""


@contextmanager
def connected_as(role: Mapping[str, Any]) -> Iterator[None]:
    """Within, this thread's connection is another role's; ``role``: what differs of Django's connection settings."""
    before = connection.settings_dict
    connection.close()
    connection.settings_dict = {**before, **role}  # a dict of its own: other threads' connections keep theirs
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@transaction.atomic
def grant_application_role(role: str) -> dict[str, str]:
    """Let ``role`` do with each table what the portal does, and nothing else; table to rights. For the tables' owner.

    Again after every migration, for new tables; ``migrate`` does that itself where it knows both roles. Raises Refusal.
    """
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(TOO_MIGHTY, [role])
        found = cursor.fetchone()
        _refuse_unfit(role, found)
        cursor.execute(TABLES)
        tables = {
            table: OWN_RIGHTS.get(table, ADD_ONLY if is_append_only else CHANGE)
            for table, is_append_only in cursor.fetchall()
        }
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
        # Since PostgreSQL 15 that is so from the start; who may make tables may make functions too.
        cursor.execute(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {name}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
        for table, rights in tables.items():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM PUBLIC, {name}")
            cursor.execute(f"GRANT {rights} ON {quoted} TO {name}")
            if table in ERASED:
                cursor.execute(f"GRANT UPDATE ({ERASED[table]}) ON {quoted} TO {name}")
    return tables


def _refuse_unfit(role: str, found: tuple[bool] | None) -> None:
    if found is None:
        raise Refusal(
            "role", format_lazy(_("There is no role {role} in this database server. Create it first."), role=role)
        )
    if found[0]:
        raise Refusal(
            "role",
            format_lazy(
                _("{role} owns the tables, or can become their owner, and so cannot be held back. Use another role."),
                role=role,
            ),
        )
