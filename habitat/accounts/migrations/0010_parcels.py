from django.db import migrations, models

# What waits to go out by itself gets its parcel; what waits for the day's message gets it when that is put together.
PACK = """
    UPDATE accounts_outboxmessage SET parcel = gen_random_uuid()
    WHERE sent_at IS NULL AND withheld_at IS NULL AND NOT is_daily
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_exports")]

    operations = [
        migrations.AddField("outboxmessage", "parcel", models.UUIDField(null=True)),
        migrations.AddField("outboxmessage", "retry_at", models.DateTimeField(null=True)),
        migrations.RunSQL(PACK, migrations.RunSQL.noop),
    ]
