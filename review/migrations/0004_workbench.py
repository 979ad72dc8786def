import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0004_same_picture"),
        ("review", "0003_skip"),
    ]

    operations = [
        migrations.AddField(
            model_name="claim",
            name="ahead",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="PictureTurn",
            fields=[
                (
                    "photo",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="materials.photo",
                    ),
                ),
                ("degrees", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name": "turned picture",
                "verbose_name_plural": "turned pictures",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("degrees__in", [0, 90, 180, 270])), name="picture_turn_is_a_quarter"
                    )
                ],
            },
        ),
    ]
