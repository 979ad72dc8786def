from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0018_what_is_told_and_recorded"),
    ]

    operations = [
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
                    ("consented", "Privacy notice agreed to"),
                    ("notice_changed", "Privacy notice changed"),
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
    ]
