from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0004_queue_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="examsession",
            name="second_look_percent",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Of every hundred applications that pass, about so many are judged once more by another reviewer, who does not see what the first one found. Drawn by chance at each pass; 0: none, 100: all.",
                verbose_name="second looks, in percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="examsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("second_look_percent__lte", 100)),
                name="session_second_looks_in_range",
                violation_error_message="Second looks must be from 0 to 100 percent.",
            ),
        ),
    ]
