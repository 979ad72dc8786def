"""How many deliveries are in which state, kept by triggers.

All in one transaction: making a trigger waits for whoever is writing deliveries, and keeps others from it until the end, so
that the first numbers are exact. That takes as long as counting them once. Where a long transaction (a roster) is in
the way, this gives up rather than making everybody wait behind it: run ``migrate`` again.
"""

import django.db.models.deletion
from django.db import migrations, models

# An update that moves nothing from one key to another, as most do, adds no row.
FUNCTION = """
CREATE FUNCTION portal_tally_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO candidates_deliverytally (session_id, about, status, number)
        SELECT session_id, about, status, count(*) FROM added GROUP BY session_id, about, status;
    WHEN 'UPDATE' THEN
        INSERT INTO candidates_deliverytally (session_id, about, status, number)
        SELECT session_id, about, status, sum(one) FROM (
            SELECT session_id, about, status, 1 AS one FROM added UNION ALL SELECT session_id, about, status, -1 FROM removed
        ) AS moved GROUP BY session_id, about, status HAVING sum(one) <> 0;
    WHEN 'DELETE' THEN
        INSERT INTO candidates_deliverytally (session_id, about, status, number)
        SELECT session_id, about, status, -count(*) FROM removed GROUP BY session_id, about, status;
    ELSE
        -- Nobody adds up rows beside this, which would leave what they add up.
        LOCK TABLE candidates_deliverytally IN SHARE ROW EXCLUSIVE MODE;
        DELETE FROM candidates_deliverytally;
    END CASE;
    RETURN NULL;
END $$
"""
TRIGGERS = {
    "tally_inserted": "AFTER INSERT ON candidates_delivery REFERENCING NEW TABLE AS added",
    "tally_updated": "AFTER UPDATE ON candidates_delivery REFERENCING OLD TABLE AS removed NEW TABLE AS added",
    "tally_deleted": "AFTER DELETE ON candidates_delivery REFERENCING OLD TABLE AS removed",
    "tally_truncated": "AFTER TRUNCATE ON candidates_delivery",
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
        WHERE oid = 'candidates_delivery'::regclass AND privilege_type = 'INSERT' AND grantee NOT IN (0, relowner)
    LOOP
        EXECUTE format('GRANT SELECT, INSERT ON candidates_deliverytally TO %s', writer);
    END LOOP;
END $$
"""
FIRST_NUMBERS = """
INSERT INTO candidates_deliverytally (session_id, about, status, number)
SELECT session_id, about, status, count(*) FROM candidates_delivery GROUP BY session_id, about, status
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0024_indexes_that_are_used"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '3s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="DeliveryTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
                ("about", models.CharField(max_length=60)),
                ("status", models.CharField(max_length=10)),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="candidates.examsession",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION portal_tally_deliveries()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {name} {when} FOR EACH STATEMENT EXECUTE FUNCTION portal_tally_deliveries()",
                f"DROP TRIGGER {name} ON candidates_delivery",
            )
            for name, when in TRIGGERS.items()
        ),
        migrations.RunSQL(FIRST_NUMBERS, migrations.RunSQL.noop),
    ]
