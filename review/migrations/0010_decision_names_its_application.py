import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0010_application_by_state"),
        ("review", "0009_circular"),
    ]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="materials.application",
                verbose_name="application",
            ),
        ),
    ]
