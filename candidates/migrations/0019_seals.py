"""A chain of seals over the events, as append-only as they are; what else events say; indexes for their list."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROWS = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON candidates_seal
    FOR EACH ROW EXECUTE FUNCTION portal_append_only()
"""
TABLE = """
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON candidates_seal
    FOR EACH STATEMENT EXECUTE FUNCTION portal_append_only()
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0018_what_is_told_and_recorded"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="event")),
                ("previous", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "seal",
                "verbose_name_plural": "seals",
                "ordering": ["-pk"],
            },
        ),
        migrations.RunSQL(ROWS, "DROP TRIGGER append_only_rows ON candidates_seal"),
        migrations.RunSQL(TABLE, "DROP TRIGGER append_only_table ON candidates_seal"),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["actor", "-id"], name="event_of_actor"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["action", "-id"], name="event_of_action"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["at"], name="event_by_time"),
        ),
        migrations.AlterField(
            model_name="event",
            name="action",
            field=models.CharField(
                choices=[
                    ("signed_in", "Signed in"),
                    ("sign_in_failed", "Sign-in failed"),
                    ("signed_out", "Signed out"),
                    ("code_sent", "One-time code sent"),
                    ("code_not_sent", "One-time code asked for, none sent"),
                    ("activated", "Account activated"),
                    ("consented", "Privacy notice agreed to"),
                    ("notice_changed", "Privacy notice changed"),
                    ("password_changed", "Password changed"),
                    ("phone_changed", "Phone number changed"),
                    ("language_changed", "Language of messages changed"),
                    ("roster_taken_in", "Roster handed in"),
                    ("roster_checked", "Roster checked"),
                    ("roster_loaded", "Roster loaded"),
                    ("registration_changed", "Registration changed"),
                    ("session_changed", "Session changed"),
                    ("catalogue_changed", "Catalogue changed"),
                    ("record_changed", "Record changed"),
                    ("deadline_extended", "Deadline extended"),
                    ("photo_added", "Picture added"),
                    ("photo_turned", "Picture turned"),
                    ("photo_deleted", "Picture deleted"),
                    ("photo_erased", "Deleted pictures erased"),
                    ("photo_restored", "Picture put back"),
                    ("photo_moved", "Picture moved to another place"),
                    ("photo_refused", "Picture refused"),
                    ("photo_viewed", "Picture viewed"),
                    ("photo_shown_turned", "Picture shown turned to reviewers"),
                    ("not_applicable_set", "Marked as not applicable"),
                    ("replied", "Written reply"),
                    ("submitted", "Submitted"),
                    ("claimed", "Claimed for review"),
                    ("kept_ahead", "Kept for review next"),
                    ("taken_over", "Claim taken over"),
                    ("skipped", "Skipped for now"),
                    ("released", "Given back to the queue"),
                    ("verdict_given", "Verdict given"),
                    ("finished", "Review finished"),
                    ("unlocked", "Item unlocked"),
                    ("proposed", "Publication proposed"),
                    ("proposal_taken_back", "Proposal taken back"),
                    ("published", "Results published"),
                    ("withdrawn", "Results withdrawn"),
                    ("exported", "Results exported"),
                    ("reminded", "Reminders sent"),
                    ("circular_sent", "Message to a list sent"),
                    ("delivery_retried", "Failed message tried again"),
                    ("second_look_claimed", "Second look claimed"),
                    ("second_look_answered", "Second look answered"),
                    ("second_look_settled", "Disagreement settled"),
                    ("command_run", "Command run"),
                ],
                max_length=30,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="candidate",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="candidates.candidate",
                verbose_name="candidate",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="region",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="candidates.region",
                verbose_name="region",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="candidates.site",
                verbose_name="site",
            ),
        ),
    ]
