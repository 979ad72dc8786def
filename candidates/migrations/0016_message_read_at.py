import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0015_session_policy"),
    ]

    operations = [
        # What was told before counts as read now. A default that is taken away again at once: PostgreSQL keeps it for
        # the rows that are there without writing any of them.
        migrations.AddField(
            model_name="message",
            name="read_at",
            field=models.DateTimeField(default=django.utils.timezone.now, null=True),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="delivery",
            name="candidate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="candidates.candidate",
                verbose_name="candidate",
            ),
        ),
    ]
