"""What a published list says of a place or an account cannot change while it stands (docs/product.md, rule 9).

The share lock makes such a change and a publication wait for each other.
"""

from django.db import migrations

PLACE_FUNCTION = """
CREATE FUNCTION portal_place_is_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    region bigint;
BEGIN
    IF TG_TABLE_NAME = 'candidates_region' THEN region := OLD.id; ELSE region := OLD.region_id; END IF;
    PERFORM 1 FROM candidates_examsession WHERE region_id = region ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT FROM candidates_examsession s
        WHERE s.region_id = region AND s.published_at IS NOT NULL AND (
            TG_TABLE_NAME = 'candidates_region'
            OR EXISTS (SELECT FROM candidates_candidate c WHERE c.session_id = s.id AND c.site_id = OLD.id)
        )
    ) THEN
        RAISE EXCEPTION 'published results name this row of %', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_published';
    END IF;
    RETURN NEW;
END $$
"""
SITE_TRIGGER = """
CREATE TRIGGER published_is_frozen BEFORE UPDATE OF code, region_id ON candidates_site FOR EACH ROW
    WHEN ((OLD.code, OLD.region_id) IS DISTINCT FROM (NEW.code, NEW.region_id))
    EXECUTE FUNCTION portal_place_is_published()
"""
REGION_TRIGGER = """
CREATE TRIGGER published_is_frozen BEFORE UPDATE OF time_zone ON candidates_region FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION portal_place_is_published()
"""

STAYS_FUNCTION = """
CREATE FUNCTION portal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this column of % never changes', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_' || TG_NAME;
END $$
"""
# A candidate's is the registration number, personal data that goes when it is no longer needed.
USER_NAME_TRIGGER = """
CREATE TRIGGER username_stays BEFORE UPDATE OF username ON candidates_user FOR EACH ROW
    WHEN (OLD.username IS DISTINCT FROM NEW.username AND OLD.role <> 'candidate') EXECUTE FUNCTION portal_stays()
"""


class Migration(migrations.Migration):
    dependencies = [("candidates", "0006_review_events")]
    operations = [
        migrations.RunSQL(PLACE_FUNCTION, "DROP FUNCTION portal_place_is_published()"),
        migrations.RunSQL(SITE_TRIGGER, "DROP TRIGGER published_is_frozen ON candidates_site"),
        migrations.RunSQL(REGION_TRIGGER, "DROP TRIGGER published_is_frozen ON candidates_region"),
        migrations.RunSQL(STAYS_FUNCTION, "DROP FUNCTION portal_stays()"),
        migrations.RunSQL(USER_NAME_TRIGGER, "DROP TRIGGER username_stays ON candidates_user"),
    ]
