"""The list that was published is known by its SHA-256, and nothing but its withdrawal is added to a publication."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PUBLICATION_COLUMNS = ("session_id", "number", "published_at", "published_by_id", "proposed_by_id", "counts", "sha256")
PUBLICATION_TRIGGER = """
CREATE TRIGGER what_was_published_stays BEFORE UPDATE OF {columns} ON review_publication FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION portal_append_only()
""".format(
    columns=", ".join(PUBLICATION_COLUMNS),
    old=", ".join(f"OLD.{column}" for column in PUBLICATION_COLUMNS),
    new=", ".join(f"NEW.{column}" for column in PUBLICATION_COLUMNS),
)
PUBLICATION_ROWS = """
CREATE TRIGGER publication_stays BEFORE DELETE ON review_publication
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0005_second_look"),
        ("materials", "0009_what_lists_say"),
        ("candidates", "0007_what_lists_say"),
    ]
    operations = [
        migrations.AddField(
            model_name="publication",
            name="sha256",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="SHA-256"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publication",
            name="proposed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="proposed by",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proposed_by", None),
                    models.Q(
                        ("published_by__isnull", False),
                        models.Q(("proposed_by", models.F("published_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="publication_by_two_is_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="publication",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256", ""), ("sha256__regex", "^[0-9a-f]{64}$"), _connector="OR"),
                name="publication_sum_is_hexadecimal",
            ),
        ),
        migrations.RunSQL(PUBLICATION_TRIGGER, "DROP TRIGGER what_was_published_stays ON review_publication"),
        migrations.RunSQL(PUBLICATION_ROWS, "DROP TRIGGER publication_stays ON review_publication"),
    ]
