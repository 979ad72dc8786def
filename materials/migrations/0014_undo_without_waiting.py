"""The rest of 0013, which reads all of a large table: beside those who write to it."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

# Before 0013 nothing could be put back; files are left to sweep_photos.
REMOVED_LIKENESSES = """
DELETE FROM materials_likeness WHERE photo_id IN (
    SELECT id FROM materials_photo WHERE superseded_at IS NOT NULL AND first_submission_id IS NULL
)
"""
REMOVED_PHOTOS = "DELETE FROM materials_photo WHERE superseded_at IS NOT NULL AND first_submission_id IS NULL"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("materials", "0013_undo_and_order"),
    ]

    operations = [
        # Only for the way back, from the last to the first: what was taken out would stand in the way.
        migrations.RunSQL(migrations.RunSQL.noop, REMOVED_PHOTOS),
        migrations.RunSQL(migrations.RunSQL.noop, REMOVED_LIKENESSES),
        ValidateConstraint(model_name="photo", name="photo_position_in_range"),
        # A try that failed leaves an index that is of no use, which would stand in the way of the next.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS photo_removed", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("first_submission", None), ("superseded_at__isnull", False)),
                fields=["superseded_at"],
                name="photo_removed",
            ),
        ),
    ]
