"""What reviewers wrote of an erased candidate goes from decisions; what was decided, why by its code, and by whom stays.

What is emptied, and when somebody counts as erased: the migration "erasure" of candidates.
"""

from django.db import migrations

DECISION_FUNCTION = """
CREATE FUNCTION portal_decision_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed review_decision := OLD;
BEGIN
    allowed.note := '';
    allowed.requests := portal_emptied(OLD.requests, 'note');
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM allowed AND portal_is_erased(
        (SELECT candidate_id FROM materials_application WHERE id = OLD.application_id)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""
DROP_ROWS = "DROP TRIGGER append_only_rows ON review_decision"
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON review_decision
    FOR EACH ROW EXECUTE FUNCTION {}()
"""


class Migration(migrations.Migration):
    dependencies = [("review", "0010_decision_names_its_application"), ("materials", "0015_erasure")]
    operations = [
        migrations.RunSQL(DECISION_FUNCTION, "DROP FUNCTION portal_decision_erasure()"),
        migrations.RunSQL(DROP_ROWS, ROWS.format("portal_append_only")),
        migrations.RunSQL(ROWS.format("portal_decision_erasure"), DROP_ROWS),
    ]
