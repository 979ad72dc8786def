"""Decisions can be added and never changed, removed or truncated (docs/product.md, rule 11)."""

from django.db import migrations

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON review_decision
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON review_decision
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0001_tables"), ("candidates", "0002_append_only")]
    operations = [
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON review_decision"),
        migrations.RunSQL(TABLE, "DROP TRIGGER append_only_table ON review_decision"),
    ]
