from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0009_what_lists_say"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["session", "site", "status", "stage"], name="application_by_state"),
        ),
        migrations.RemoveIndex(
            model_name="application",
            name="application_by_status",
        ),
    ]
