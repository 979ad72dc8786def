import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0011_counted_at_close"),
    ]

    operations = [
        migrations.AddField(
            model_name="rosterload",
            name="phones_kept",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, default=list, size=None
            ),
        ),
    ]
