from django.db import migrations

FILL = """
UPDATE candidates_delivery delivery
SET session_id = candidate.session_id,
    about = coalesce((SELECT kind FROM candidates_message message WHERE message.id = delivery.message_id), '')
FROM candidates_candidate candidate
WHERE candidate.id = delivery.candidate_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("candidates", "0011_delivery_session"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
