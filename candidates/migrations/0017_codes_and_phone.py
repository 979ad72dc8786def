import django.db.models.deletion
from django.db import migrations, models

import candidates.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0016_message_read_at"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="onetimecode",
            name="code_has_five_tries",
        ),
        migrations.RemoveIndex(
            model_name="onetimecode",
            name="code_newest_first",
        ),
        migrations.RenameField(
            model_name="onetimecode",
            old_name="used_at",
            new_name="ended_at",
        ),
        migrations.AddField(
            model_name="candidate",
            name="phone_corrected_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="phone corrected by staff"),
        ),
        migrations.AddField(
            model_name="onetimecode",
            name="account_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="onetimecode",
            name="ip_address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="onetimecode",
            name="purpose",
            field=models.CharField(
                choices=[("activation", "Activation"), ("sign_in", "Sign-in"), ("reset", "New password")],
                default="activation",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="onetimecode",
            name="typed_number",
            field=candidates.encryption.EncryptedTextField(blank=True),
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
                    ("activated", "Account activated"),
                    ("password_changed", "Password changed"),
                    ("phone_changed", "Phone number changed"),
                    ("roster_loaded", "Roster loaded"),
                    ("registration_changed", "Registration changed"),
                    ("session_changed", "Session changed"),
                    ("catalogue_changed", "Catalogue changed"),
                    ("record_changed", "Record changed"),
                    ("deadline_extended", "Deadline extended"),
                    ("photo_added", "Picture added"),
                    ("photo_turned", "Picture turned"),
                    ("photo_deleted", "Picture deleted"),
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
                ],
                max_length=30,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("submitted", "Submitted"),
                    ("returned", "Correction asked for"),
                    ("unlocked", "One item unlocked"),
                    ("extended", "Deadline extended"),
                    ("reminder", "Reminder"),
                    ("published", "Result published"),
                    ("withdrawn", "Result withdrawn"),
                    ("circular", "Message to a list"),
                    ("password_changed", "Password changed"),
                    ("phone_changed", "Phone number changed"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="onetimecode",
            name="candidate",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="candidates.candidate"
            ),
        ),
        migrations.AlterField(
            model_name="onetimecode",
            name="code_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="onetimecode",
            index=models.Index(fields=["account_hash", "sent_at"], name="code_by_account"),
        ),
        migrations.AddIndex(
            model_name="onetimecode",
            index=models.Index(fields=["sent_at"], name="code_by_time"),
        ),
        migrations.AddConstraint(
            model_name="onetimecode",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["activation", "sign_in", "reset"]), ("tries__lte", 5)),
                name="code_is_sound",
            ),
        ),
    ]
