import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0013_delivery_outcome"),
        ("review", "0008_decision_by_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Circular",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                (
                    "states",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("not_activated", "Not activated"),
                                ("draft", "Draft"),
                                ("complete", "Draft, complete but not submitted"),
                                ("at_site", "Waiting at the site"),
                                ("at_region", "Waiting at the region"),
                                ("returned", "Returned for correction"),
                                ("passed", "Passed"),
                                ("rejected", "Rejected"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                (
                    "sites",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("title_zh", models.CharField(max_length=60)),
                ("title_en", models.CharField(max_length=60)),
                ("text_zh", models.TextField()),
                ("text_en", models.TextField()),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("number", models.PositiveIntegerField(verbose_name="recipients")),
                ("written", models.PositiveIntegerField(default=0)),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent by",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="circulars",
                        to="candidates.examsession",
                        verbose_name="session",
                    ),
                ),
            ],
            options={
                "verbose_name": "message to a list",
                "verbose_name_plural": "messages to lists",
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("written__lte", models.F("number"))), name="circular_written_to_its_list"
                    )
                ],
            },
        ),
    ]
