"""The rest of what a published list says: an application's site, rounds and times, and the codes of reasons."""

from django.db import migrations

DROP = "DROP TRIGGER published_is_frozen ON materials_application"
CREATE = """
CREATE TRIGGER published_is_frozen BEFORE UPDATE OF {columns} ON materials_application FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION portal_published_is_frozen()
"""
BEFORE = ("status", "stage", "corrections_until")
AFTER = (*BEFORE, "candidate_id", "session_id", "site_id", "rounds", "submitted_at", "decided_at")

REASON_TRIGGER = """
CREATE TRIGGER code_stays BEFORE UPDATE OF code ON materials_reason FOR EACH ROW
    WHEN (OLD.code IS DISTINCT FROM NEW.code) EXECUTE FUNCTION portal_stays()
"""


def freezing(columns: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return CREATE.format(columns=", ".join(columns), old=old, new=new)


class Migration(migrations.Migration):
    dependencies = [("materials", "0008_roster_load"), ("candidates", "0007_what_lists_say")]
    operations = [
        migrations.RunSQL(DROP, freezing(BEFORE)),
        migrations.RunSQL(freezing(AFTER), DROP),
        migrations.RunSQL(REASON_TRIGGER, "DROP TRIGGER code_stays ON materials_reason"),
    ]
