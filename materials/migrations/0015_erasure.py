"""An erased candidate's pictures may go though their items are locked, and the words of their submissions.

What is emptied, and when somebody counts as erased: the migration "erasure" of candidates.
"""

from django.db import migrations

# As in 0002_guards.py, but for the deletion.
PHOTO_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_photo_needs_unlocked_item() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target bigint;
    is_locked boolean;
BEGIN
    FOREACH target IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.item_id]
        WHEN 'DELETE' THEN ARRAY[OLD.item_id]
        ELSE ARRAY[OLD.item_id, NEW.item_id] END
    LOOP
        SELECT locked INTO is_locked FROM materials_item WHERE id = target FOR SHARE;
        IF is_locked {}THEN
            RAISE EXCEPTION 'item % is locked: % of a picture refused', target, TG_OP
                USING ERRCODE = 'check_violation', CONSTRAINT = 'photo_item_is_locked';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
UNLESS_ERASED = """AND NOT (TG_OP = 'DELETE' AND portal_is_erased((
            SELECT a.candidate_id FROM materials_item i JOIN materials_application a ON a.id = i.application_id
            WHERE i.id = target
        ))) """

SUBMISSION_FUNCTION = """
CREATE FUNCTION portal_submission_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed materials_submission := OLD;
BEGIN
    allowed.manifest := portal_emptied(OLD.manifest, 'reply');
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM allowed AND portal_is_erased(
        (SELECT candidate_id FROM materials_application WHERE id = OLD.application_id)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""
DROP_ROWS = "DROP TRIGGER append_only_rows ON materials_submission"
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON materials_submission
    FOR EACH ROW EXECUTE FUNCTION {}()
"""


class Migration(migrations.Migration):
    dependencies = [("materials", "0014_undo_without_waiting"), ("candidates", "0021_erasure")]
    operations = [
        migrations.RunSQL(PHOTO_FUNCTION.format(UNLESS_ERASED), PHOTO_FUNCTION.format("")),
        migrations.RunSQL(SUBMISSION_FUNCTION, "DROP FUNCTION portal_submission_erasure()"),
        migrations.RunSQL(DROP_ROWS, ROWS.format("portal_append_only")),
        migrations.RunSQL(ROWS.format("portal_submission_erasure"), DROP_ROWS),
    ]
