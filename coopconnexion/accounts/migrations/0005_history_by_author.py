from django.db import migrations


class Migration(migrations.Migration):
    """What an account changed lately is asked of the contexts, by their author."""

    dependencies = [("accounts", "0004_officials_end"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX accounts_history_author ON pghistory_context ((metadata -> 'user'), created_at DESC)",
            "DROP INDEX accounts_history_author",
        )
    ]
