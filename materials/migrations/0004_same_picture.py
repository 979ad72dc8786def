from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0003_likeness"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(fields=["pixels_sha256"], name="photo_by_what_is_seen"),
        ),
    ]
