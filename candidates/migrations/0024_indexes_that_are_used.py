"""Candidates and messages have the indexes that something looks into, and no others.

Nobody waits meanwhile: indexes come and go while the tables are in use, and the foreign keys are left as they are.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("candidates", "0023_lookup_by_name"),
    ]

    operations = [
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS candidate_by_id_number", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="candidate",
            index=models.Index(fields=["id_number_hash"], name="candidate_by_id_number"),
        ),
        # Each the beginning of another index, or for a search that nobody makes.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS candidates_candidate_id_number_hash_75413253_like",
                    "CREATE INDEX CONCURRENTLY candidates_candidate_id_number_hash_75413253_like ON candidates_candidate (id_number_hash varchar_pattern_ops)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS candidates_candidate_id_number_hash_75413253",
                    "CREATE INDEX CONCURRENTLY candidates_candidate_id_number_hash_75413253 ON candidates_candidate (id_number_hash)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS candidates_candidate_session_id_1c41f5ee",
                    "CREATE INDEX CONCURRENTLY candidates_candidate_session_id_1c41f5ee ON candidates_candidate (session_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS candidates_message_candidate_id_cb571210",
                    "CREATE INDEX CONCURRENTLY candidates_message_candidate_id_cb571210 ON candidates_message (candidate_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="candidate",
                    name="id_number_hash",
                    field=models.CharField(editable=False, max_length=64),
                ),
                migrations.AlterField(
                    model_name="candidate",
                    name="session",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="candidates.examsession",
                        verbose_name="session",
                    ),
                ),
                migrations.AlterField(
                    model_name="message",
                    name="candidate",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="candidates.candidate",
                    ),
                ),
            ],
        ),
    ]
