import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import Exact


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0001_tables"),
        ("materials", "0004_same_picture"),
    ]

    operations = [
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        # Its name, "likeness", is still taken by the column of the picture.
                        related_name="+",
                        serialize=False,
                        to="materials.photo",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="candidates.examsession",
                    ),
                ),
                ("grid", models.BinaryField()),
                *[(f"outline_{number}", models.SmallIntegerField()) for number in range(1, 9)],
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Exact(Length("grid"), 1024), name="likeness_is_whole"),
                ],
            },
        ),
    ]
