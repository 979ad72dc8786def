import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("materials", "0004_same_picture"),
        ("review", "0004_workbench"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondLook",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("findings", models.JSONField(default=list)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settlement", models.TextField(blank=True)),
                ("taken_back_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="second_looks",
                        to="materials.application",
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="second_look", to="review.decision"
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="second_looks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "second look",
                "verbose_name_plural": "second looks",
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None), ("taken_back_at", None)),
                        fields=["drawn_at"],
                        name="second_look_waiting",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("settled_at", None), ("taken_back_at", None), models.Q(("findings", []), _negated=True)
                        ),
                        fields=["answered_at"],
                        name="second_look_unsettled",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_back_at", None)),
                        fields=("application",),
                        name="second_look_one_stands",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("expires_at", None), ("reviewer", None)),
                            models.Q(("expires_at__isnull", False), ("reviewer__isnull", False)),
                            _connector="OR",
                        ),
                        name="second_look_claimed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("findings", []), ("answered_at__isnull", False), _connector="OR"),
                        name="second_look_found_when_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("settled_by", None), ("settlement", "")),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                models.Q(("settlement", ""), _negated=True),
                                models.Q(("findings", []), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="second_look_settled_with_a_note",
                    ),
                ],
            },
        ),
    ]
