from django.contrib.postgres.operations import AddConstraintNotValid
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
        # Every picture is within it already; looking at each is left to 0014, which holds up nobody.
        AddConstraintNotValid(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 0), ("position__lte", 50)), name="photo_position_in_range"
            ),
        ),
    ]
