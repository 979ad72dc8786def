"""A site's applications are counted and found by their candidates from an index alone.

Nobody waits meanwhile: one index comes before the other goes, while the table is in use.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("materials", "0018_own_deadlines"),
    ]

    operations = [
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS candidates_of_site", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="application",
            index=models.Index(fields=["site", "status", "candidate"], name="candidates_of_site"),
        ),
        RemoveIndexConcurrently(
            model_name="application",
            name="application_of_site",
        ),
    ]
