from django.db import migrations


class Migration(migrations.Migration):
    """A booking's slot belongs to the booking's permanence: the partial unique indexes rely on it."""

    dependencies = [("permanences", "0002_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE permanences_booking ADD CONSTRAINT permanences_booking_slot_in_permanence
            FOREIGN KEY (slot_id, permanence_id) REFERENCES permanences_slot (id, permanence_id)
            DEFERRABLE INITIALLY IMMEDIATE
            """,
            "ALTER TABLE permanences_booking DROP CONSTRAINT permanences_booking_slot_in_permanence",
        )
    ]
