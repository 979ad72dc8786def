"""Events can be added and never changed, removed or truncated (docs/product.md, rule 11).

The function is general: other apps' append-only tables use it too.
"""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON candidates_event
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON candidates_event
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [("candidates", "0001_tables")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION portal_append_only()"),
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON candidates_event"),
        migrations.RunSQL(TABLE, "DROP TRIGGER append_only_table ON candidates_event"),
    ]
