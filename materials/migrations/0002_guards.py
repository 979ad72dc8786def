"""What the database itself refuses, whoever writes (docs/product.md, rules 4, 9 and 12)."""

from django.db import migrations

# FOR SHARE waits for a submission that is locking the item at this moment; the foreign key's own
# lock (FOR KEY SHARE) would not.
PHOTO_FUNCTION = """
CREATE FUNCTION portal_photo_needs_unlocked_item() RETURNS trigger LANGUAGE plpgsql AS $$
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
        IF is_locked THEN
            RAISE EXCEPTION 'item % is locked: % of a picture refused', target, TG_OP
                USING ERRCODE = 'check_violation', CONSTRAINT = 'photo_item_is_locked';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
PHOTO_TRIGGER = """
CREATE TRIGGER photo_needs_unlocked_item BEFORE INSERT OR UPDATE OR DELETE ON materials_photo
    FOR EACH ROW EXECUTE FUNCTION portal_photo_needs_unlocked_item()
"""

# The share lock on the session makes a decision and a publication wait for each other.
FREEZE_FUNCTION = """
CREATE FUNCTION portal_published_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published timestamptz;
BEGIN
    SELECT published_at INTO published FROM candidates_examsession WHERE id = OLD.session_id FOR SHARE;
    IF published IS NOT NULL THEN
        RAISE EXCEPTION 'the results of session % are published', OLD.session_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'application_session_is_published';
    END IF;
    RETURN NEW;
END $$
"""
FREEZE_TRIGGER = """
CREATE TRIGGER published_is_frozen BEFORE UPDATE OF status, stage, corrections_until ON materials_application
    FOR EACH ROW
    WHEN ((OLD.status, OLD.stage, OLD.corrections_until) IS DISTINCT FROM (NEW.status, NEW.stage, NEW.corrections_until))
    EXECUTE FUNCTION portal_published_is_frozen()
"""

SUBMISSION_ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON materials_submission
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
SUBMISSION_TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON materials_submission
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [("materials", "0001_tables"), ("candidates", "0002_append_only")]
    operations = [
        migrations.RunSQL(PHOTO_FUNCTION, "DROP FUNCTION portal_photo_needs_unlocked_item()"),
        migrations.RunSQL(PHOTO_TRIGGER, "DROP TRIGGER photo_needs_unlocked_item ON materials_photo"),
        migrations.RunSQL(FREEZE_FUNCTION, "DROP FUNCTION portal_published_is_frozen()"),
        migrations.RunSQL(FREEZE_TRIGGER, "DROP TRIGGER published_is_frozen ON materials_application"),
        migrations.RunSQL(SUBMISSION_ROWS, "DROP TRIGGER append_only_rows ON materials_submission"),
        migrations.RunSQL(SUBMISSION_TABLE, "DROP TRIGGER append_only_table ON materials_submission"),
    ]
