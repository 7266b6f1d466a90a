from django.db import migrations


class Migration(migrations.Migration):
    """Every event known so far was public and had one session; a presence is of one event on both sides."""

    dependencies = [("events", "0003_sessions_and_network")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO events_eventsession (event_id, title, starts_at, ends_at, uid, sequence, cancel_reason)
            SELECT id, '', starts_at, ends_at, gen_random_uuid(), 0, '' FROM events_event;
            UPDATE events_event SET published_at = now() WHERE published_at IS NULL
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            """
            ALTER TABLE events_attendance ADD CONSTRAINT events_attendance_registration_of_event
            FOREIGN KEY (registration_id, event_id) REFERENCES events_registration (id, event_id)
            DEFERRABLE INITIALLY IMMEDIATE;
            ALTER TABLE events_attendance ADD CONSTRAINT events_attendance_session_of_event
            FOREIGN KEY (session_id, event_id) REFERENCES events_eventsession (id, event_id)
            DEFERRABLE INITIALLY IMMEDIATE
            """,
            """
            ALTER TABLE events_attendance DROP CONSTRAINT events_attendance_registration_of_event;
            ALTER TABLE events_attendance DROP CONSTRAINT events_attendance_session_of_event
            """,
        ),
    ]
