from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0007_proposal"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["decided_at"], name="decision_by_time"),
        ),
    ]
