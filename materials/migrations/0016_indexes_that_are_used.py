"""The next one of a queue is found where the queue begins; indexes that nothing needs are gone.

Nobody waits meanwhile: indexes come and go while the tables are in use, and the foreign keys are left as they are.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("materials", "0015_erasure"),
    ]

    operations = [
        # Each the beginning of another index, or for a search that nobody makes.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS materials_application_session_id_597456d4",
                    "CREATE INDEX CONCURRENTLY materials_application_session_id_597456d4 ON materials_application (session_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS materials_application_site_id_4c7b963e",
                    "CREATE INDEX CONCURRENTLY materials_application_site_id_4c7b963e ON materials_application (site_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS materials_item_application_id_11d29987",
                    "CREATE INDEX CONCURRENTLY materials_item_application_id_11d29987 ON materials_item (application_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS materials_submission_application_id_325b421d",
                    "CREATE INDEX CONCURRENTLY materials_submission_application_id_325b421d ON materials_submission (application_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="application",
                    name="session",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="candidates.examsession",
                        verbose_name="session",
                    ),
                ),
                migrations.AlterField(
                    model_name="application",
                    name="site",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="candidates.site",
                        verbose_name="site",
                    ),
                ),
                migrations.AlterField(
                    model_name="item",
                    name="application",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="materials.application",
                    ),
                ),
                migrations.AlterField(
                    model_name="submission",
                    name="application",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="materials.application",
                    ),
                ),
            ],
        ),
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS queue_of_site", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="application",
            index=models.Index(
                models.F("stage"),
                models.F("site"),
                models.OrderBy(models.F("rounds"), descending=True),
                models.F("submitted_at"),
                models.F("id"),
                condition=models.Q(("status", "submitted")),
                name="queue_of_site",
            ),
        ),
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS queue_of_region", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="application",
            index=models.Index(
                models.F("stage"),
                models.OrderBy(models.F("rounds"), descending=True),
                models.F("submitted_at"),
                models.F("id"),
                condition=models.Q(("status", "submitted")),
                name="queue_of_region",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="application",
            name="application_queue",
        ),
    ]
