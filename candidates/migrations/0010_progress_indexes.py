from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0009_two_persons"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(
                condition=models.Q(("activated_at", None)), fields=["session", "site"], name="candidate_not_activated"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("action__in", ["photo_added", "submitted", "reminded"])),
                fields=["session", "action", "at"],
                name="event_of_session",
            ),
        ),
    ]
