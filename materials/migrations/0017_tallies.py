"""How many applications are in which state, kept by triggers.

All in one transaction: making a trigger waits for whoever is writing applications, and keeps others from it until the end, so
that the first numbers are exact. That takes as long as counting them once. Where a long transaction (a roster) is in
the way, this gives up rather than making everybody wait behind it: run ``migrate`` again.
"""

import django.db.models.deletion
from django.db import migrations, models

# An update that moves nothing from one key to another, as most do, adds no row.
FUNCTION = """
CREATE FUNCTION portal_tally_applications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO materials_applicationtally (session_id, site_id, status, stage, number)
        SELECT session_id, site_id, status, stage, count(*) FROM added GROUP BY session_id, site_id, status, stage;
    WHEN 'UPDATE' THEN
        INSERT INTO materials_applicationtally (session_id, site_id, status, stage, number)
        SELECT session_id, site_id, status, stage, sum(one) FROM (
            SELECT session_id, site_id, status, stage, 1 AS one FROM added UNION ALL SELECT session_id, site_id, status, stage, -1 FROM removed
        ) AS moved GROUP BY session_id, site_id, status, stage HAVING sum(one) <> 0;
    WHEN 'DELETE' THEN
        INSERT INTO materials_applicationtally (session_id, site_id, status, stage, number)
        SELECT session_id, site_id, status, stage, -count(*) FROM removed GROUP BY session_id, site_id, status, stage;
    ELSE
        -- Nobody adds up rows beside this, which would leave what they add up.
        LOCK TABLE materials_applicationtally IN SHARE ROW EXCLUSIVE MODE;
        DELETE FROM materials_applicationtally;
    END CASE;
    RETURN NULL;
END $$
"""
TRIGGERS = {
    "tally_inserted": "AFTER INSERT ON materials_application REFERENCING NEW TABLE AS added",
    "tally_updated": "AFTER UPDATE ON materials_application REFERENCING OLD TABLE AS removed NEW TABLE AS added",
    "tally_deleted": "AFTER DELETE ON materials_application REFERENCING OLD TABLE AS removed",
    "tally_truncated": "AFTER TRUNCATE ON materials_application",
}
# Whoever may add what is counted adds to the tally, from the moment that there are triggers: the portal goes on
# meanwhile. What else its role needs, it is granted as always (candidates/services/database_role.py).
GRANTS = """
DO $$
DECLARE
    writer regrole;
BEGIN
    FOR writer IN
        SELECT grantee::regrole FROM pg_class, aclexplode(relacl)
        WHERE oid = 'materials_application'::regclass AND privilege_type = 'INSERT' AND grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('GRANT SELECT, INSERT ON materials_applicationtally TO %s', writer);
    END LOOP;
END $$
"""
FIRST_NUMBERS = """
INSERT INTO materials_applicationtally (session_id, site_id, status, stage, number)
SELECT session_id, site_id, status, stage, count(*) FROM materials_application GROUP BY session_id, site_id, status, stage
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0024_indexes_that_are_used"),
        ("materials", "0016_indexes_that_are_used"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '3s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="ApplicationTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("status", models.CharField(max_length=10)),
                ("stage", models.CharField(max_length=10)),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="candidates.examsession",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="candidates.site",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION portal_tally_applications()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION portal_tally_applications()",
                f"DROP TRIGGER {name} ON materials_application",
            )
            for name, when in TRIGGERS.items()
        ),
        migrations.RunSQL(FIRST_NUMBERS, migrations.RunSQL.noop),
    ]
