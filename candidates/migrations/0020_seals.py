"""A chain of seals over the events, as append-only as they are; what else events say; indexes for their list."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON candidates_seal
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON candidates_seal
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0019_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="event")),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["-pk"],
            },
        ),
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON candidates_seal"),
        migrations.RunSQL(TABLE, "DROP TRIGGER append_only_table ON candidates_seal"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "-id"], name="event_of_actor"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["action", "-id"], name="event_of_action"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["at"], name="event_by_time"),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="candidate",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="candidates.candidate",
                verbose_name="candidate",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="candidates.region",
                verbose_name="region",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="candidates.site",
                verbose_name="site",
            ),
        ),
    ]
