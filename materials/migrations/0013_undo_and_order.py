from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0012_phones_kept"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="photo",
            name="photo_position_in_range",
        ),
        migrations.RemoveConstraint(
            model_name="photo",
            name="photo_superseded_was_submitted",
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("first_submission", None), ("superseded_at__isnull", False)),
                fields=["superseded_at"],
                name="photo_removed",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0), ("position__lte", 50)), name="photo_position_in_range"
            ),
        ),
    ]
