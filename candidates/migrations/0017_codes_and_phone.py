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
        # On the way back: codes that were unknown before would stand in the way, or activate somebody.
        migrations.RunSQL(
            migrations.RunSQL.noop,
            "DELETE FROM candidates_onetimecode WHERE candidate_id IS NULL OR purpose <> 'activation'",
        ),
    ]
