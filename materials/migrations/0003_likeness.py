from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0002_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="likeness",
            field=models.BinaryField(default=b""),
        ),
        migrations.AddField(
            model_name="photo",
            name="similar_to",
            field=models.UUIDField(editable=False, null=True),
        ),
    ]
