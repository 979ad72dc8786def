"""Decisions have the indexes that something looks into, and no others.

Nobody waits meanwhile: indexes come and go while the tables are in use, and the foreign keys are left as they are.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("review", "0011_erasure"),
    ]

    operations = [
        # Each the beginning of another index, or for a search that nobody makes.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS review_decision_application_id_37850572",
                    "CREATE INDEX CONCURRENTLY review_decision_application_id_37850572 ON review_decision (application_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS review_decision_reviewer_id_789905ab",
                    "CREATE INDEX CONCURRENTLY review_decision_reviewer_id_789905ab ON review_decision (reviewer_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="decision",
                    name="application",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="materials.application",
                        verbose_name="application",
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="reviewer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reviewer",
                    ),
                ),
            ],
        ),
    ]
