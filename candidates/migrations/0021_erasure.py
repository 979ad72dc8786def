"""Personal data that goes: when, by what trace, and what the database then lets be emptied, and nothing else.

No role and no session variable opens anything: what may be written is worked out here from what is there, so whoever
writes can do an erasure's own effect on what is erased already, and nothing besides.
"""

from django.db import migrations, models

# --- who is erased, and how one becomes it ------------------------------------------------------------

IS_ERASED = """
CREATE FUNCTION portal_is_erased(candidate bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM candidates_candidate WHERE id = candidate AND erased_at IS NOT NULL)
$$
"""
# A session's retention has ended, or the candidate's own erasure is an event, which nobody can remove.
CANDIDATE_FUNCTION = """
CREATE FUNCTION portal_candidate_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'candidate % is erased and stays so', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'candidate_stays_erased';
    END IF;
    IF (NEW.name, NEW.id_number, NEW.phone, NEW.email) IS DISTINCT FROM ('', '', '', '')
        OR NOT EXISTS (SELECT FROM candidates_event WHERE candidate_id = NEW.id AND action = 'erased')
        AND NOT EXISTS (
            SELECT FROM candidates_examsession WHERE id = NEW.session_id
            AND coalesce(published_at, corrections_until) + make_interval(days => retention_days) <= now()
        )
    THEN
        RAISE EXCEPTION 'candidate % cannot be called erased', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'candidate_erasure_is_due';
    END IF;
    RETURN NEW;
END $$
"""
CANDIDATE_TRIGGER = """
CREATE TRIGGER erased_is_erased BEFORE UPDATE ON candidates_candidate FOR EACH ROW
    WHEN (OLD.erased_at IS NOT NULL OR NEW.erased_at IS NOT NULL) EXECUTE FUNCTION portal_candidate_erasure()
"""
SESSION_FUNCTION = """
CREATE FUNCTION portal_session_purge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.purged_at IS NOT NULL OR EXISTS (
        SELECT FROM candidates_candidate WHERE session_id = OLD.id AND erased_at IS NULL
    ) THEN
        RAISE EXCEPTION 'session % is purged when all its candidates are, and for good', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'session_purge_is_whole';
    END IF;
    RETURN NEW;
END $$
"""
SESSION_TRIGGER = """
CREATE TRIGGER purged_is_purged BEFORE UPDATE OF purged_at ON candidates_examsession FOR EACH ROW
    WHEN (OLD.purged_at IS DISTINCT FROM NEW.purged_at) EXECUTE FUNCTION portal_session_purge()
"""

# --- what an erasure leaves ---------------------------------------------------------------------------

EMPTIED = """
CREATE FUNCTION portal_emptied(list jsonb, key text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        jsonb_agg(CASE WHEN entry ? key THEN entry || jsonb_build_object(key, '') ELSE entry END ORDER BY place), '[]')
    FROM jsonb_array_elements(list) WITH ORDINALITY AS entries (entry, place)
$$
"""
FACTS_LEFT = """
CREATE FUNCTION portal_facts_left(action text, facts jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE action
        WHEN 'phone_changed' THEN facts - 'phone' - 'reason'
        WHEN 'deadline_extended' THEN facts - 'reason'
        WHEN 'withdrawn' THEN facts - 'reason'
        WHEN 'second_look_settled' THEN facts - 'note'
        WHEN 'exported' THEN facts - 'of_search'
        ELSE facts
    END
$$
"""
# Of an event: written facts and the address, once its candidate is erased; where it has none, written facts once its
# session is purged. The event that says that somebody was erased stays whole.
EVENT_FUNCTION = """
CREATE FUNCTION portal_event_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed candidates_event := OLD;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.action <> 'erased' THEN
        allowed.facts := portal_facts_left(OLD.action, OLD.facts);
        IF OLD.candidate_id IS NOT NULL THEN
            allowed.ip_address := NULL;
            IF NEW IS NOT DISTINCT FROM allowed AND portal_is_erased(OLD.candidate_id) THEN
                RETURN NEW;
            END IF;
        ELSIF NEW IS NOT DISTINCT FROM allowed AND EXISTS (
            SELECT FROM candidates_examsession WHERE id = OLD.session_id AND purged_at IS NOT NULL
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""
DROP_ROWS = "DROP TRIGGER append_only_rows ON candidates_event"
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON candidates_event
    FOR EACH ROW EXECUTE FUNCTION {}()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0020_seals"),
    ]

    operations = [
        migrations.AddField(
            model_name="candidate",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="personal data removed"),
        ),
        migrations.AddField(
            model_name="examsession",
            name="purged_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="personal data removed"),
        ),
        migrations.AddField(
            model_name="examsession",
            name="retention_days",
            field=models.PositiveSmallIntegerField(
                default=730,
                help_text="So many days after the results are published, pictures and personal data may be removed (purge_session). What the privacy notice promises.",
                verbose_name="retention, in days",
            ),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", False)), fields=["session"], name="candidate_erased"
            ),
        ),
        migrations.AddConstraint(
            model_name="examsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("retention_days__range", (30, 7300))),
                name="session_retention_in_range",
                violation_error_message="Retention must be from 30 to 7300 days (20 years).",
            ),
        ),
        migrations.RunSQL(IS_ERASED, "DROP FUNCTION portal_is_erased(bigint)"),
        migrations.RunSQL(CANDIDATE_FUNCTION, "DROP FUNCTION portal_candidate_erasure()"),
        migrations.RunSQL(CANDIDATE_TRIGGER, "DROP TRIGGER erased_is_erased ON candidates_candidate"),
        migrations.RunSQL(SESSION_FUNCTION, "DROP FUNCTION portal_session_purge()"),
        migrations.RunSQL(SESSION_TRIGGER, "DROP TRIGGER purged_is_purged ON candidates_examsession"),
        migrations.RunSQL(EMPTIED, "DROP FUNCTION portal_emptied(jsonb, text)"),
        migrations.RunSQL(FACTS_LEFT, "DROP FUNCTION portal_facts_left(text, jsonb)"),
        migrations.RunSQL(EVENT_FUNCTION, "DROP FUNCTION portal_event_erasure()"),
        migrations.RunSQL(DROP_ROWS, ROWS.format("portal_append_only")),
        migrations.RunSQL(ROWS.format("portal_event_erasure"), DROP_ROWS),
    ]
