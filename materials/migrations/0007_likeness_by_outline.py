import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0006_fill_likenesses"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="photo",
            name="likeness",
        ),
        migrations.AlterField(
            model_name="likeness",
            name="photo",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="likeness",
                serialize=False,
                to="materials.photo",
            ),
        ),
        migrations.AddIndex(
            model_name="likeness",
            index=models.Index(
                fields=["session", *(f"outline_{number}" for number in range(1, 9))],
                include=("photo",),
                name="likeness_by_outline",
            ),
        ),
    ]
