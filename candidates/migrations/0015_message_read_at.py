from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0014_message_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
    ]
