"""Of a site, those whose name begins so are counted and found from an index, however many share it elsewhere."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("candidates", "0025_tallies"),
    ]

    operations = [
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS candidate_of_site_by_name", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="candidate",
            index=models.Index(
                fields=["site", "name"], opclasses=["int8_ops", "varchar_pattern_ops"], name="candidate_of_site_by_name"
            ),
        ),
    ]
