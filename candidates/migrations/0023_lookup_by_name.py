"""Names and staff accounts are found by an index, made without keeping anybody waiting."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("candidates", "0022_what_is_recorded"),
    ]

    operations = [
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS candidate_by_name", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="candidate",
            index=models.Index(fields=["name"], name="candidate_by_name", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS user_of_staff", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                condition=models.Q(("role", "candidate"), _negated=True), fields=["username"], name="user_of_staff"
            ),
        ),
    ]
