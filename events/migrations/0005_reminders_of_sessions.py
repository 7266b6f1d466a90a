import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A reminder says of which session; no reminder has been laid so far."""

    dependencies = [("events", "0004_events_have_sessions")]

    operations = [
        migrations.RemoveConstraint(model_name="registrationreminder", name="events_registrationreminder_once"),
        migrations.AddField(
            model_name="registrationreminder",
            name="session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminders",
                to="events.eventsession",
                verbose_name="séance",
            ),
        ),
        migrations.AddConstraint(
            model_name="registrationreminder",
            constraint=models.UniqueConstraint(
                fields=("registration", "session", "minutes_before"),
                name="events_registrationreminder_once",
                violation_error_code="reminder_exists",
                violation_error_message="Ce rappel existe déjà.",
            ),
        ),
    ]
