"""Who may still correct after the common deadline is found without looking at everybody who may not."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("materials", "0017_tallies"),
    ]

    operations = [
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS application_own_deadline", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="application",
            index=models.Index(
                condition=models.Q(("corrections_until__isnull", False), ("status", "returned")),
                fields=["session", "corrections_until"],
                name="application_own_deadline",
            ),
        ),
    ]
