import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0012_fill_delivery_session"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="session",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="candidates.examsession",
                verbose_name="session",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["session", "about", "status"], name="delivery_outcome"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("error", ""), _negated=True), fields=["session", "-id"], name="delivery_in_trouble"
            ),
        ),
    ]
