"""What staff set for a session: complete drafts at the close, days for a correction, the privacy notice."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The function is candidates/migrations/0002_append_only.py's.
ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON candidates_privacynotice
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON candidates_privacynotice
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0014_message_choices"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrivacyNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("text_zh", models.TextField(verbose_name="text (Chinese)")),
                ("text_en", models.TextField(verbose_name="text (English)")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
            ],
            options={
                "ordering": ["session", "-number"],
            },
        ),
        migrations.AddField(
            model_name="examsession",
            name="consent_since",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="examsession",
            name="correction_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="A candidate who is asked for a correction has at least so many whole days for it, even if the common deadline comes earlier. 0: the common deadline holds for all.",
                verbose_name="days for a correction, at least",
            ),
        ),
        migrations.AddField(
            model_name="examsession",
            name="drafts_at_close",
            field=models.CharField(
                choices=[("stay", "Stay unsubmitted"), ("count", "Count as submitted")],
                default="stay",
                help_text="Drafts in which nothing required is missing but which were not submitted. Candidates read on their page which of the two holds.",
                max_length=10,
                verbose_name="complete drafts at the close",
            ),
        ),
        migrations.AlterField(
            model_name="examsession",
            name="contact",
            field=models.CharField(
                blank=True,
                help_text="For candidates of sites that have none of their own.",
                max_length=200,
                verbose_name="contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="examsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("drafts_at_close__in", ["stay", "count"])), name="session_drafts_at_close_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="examsession",
            constraint=models.CheckConstraint(
                condition=models.Q(("correction_days__lte", 60)),
                name="session_correction_days_in_range",
                violation_error_message="Days for a correction must be from 0 to 60.",
            ),
        ),
        migrations.AddField(
            model_name="privacynotice",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="privacynotice",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="candidates.examsession",
                verbose_name="session",
            ),
        ),
        migrations.AddConstraint(
            model_name="privacynotice",
            constraint=models.UniqueConstraint(fields=("session", "number"), name="notice_number_once_in_session"),
        ),
        migrations.AddConstraint(
            model_name="privacynotice",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="notice_number_from_one"),
        ),
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON candidates_privacynotice"),
        migrations.RunSQL(TABLE, "DROP TRIGGER append_only_table ON candidates_privacynotice"),
    ]
