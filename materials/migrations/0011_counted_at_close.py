"""Which submissions were counted at the close, without anybody pressing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0010_application_by_state"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="at_close",
            field=models.BooleanField(default=False, verbose_name="counted at the close"),
        ),
    ]
