"""Use cases of events and of the network."""

from events.services.moving import add_session, cancel_event, cancel_session, concerned, move_event, move_session
from events.services.network import (
    agree_to_listing,
    archive_actor,
    edit_actor,
    end_listing,
    note_actor,
    note_exchange,
    note_link,
    remove_link,
    restore_actor,
)
from events.services.newsletter import agree_to_newsletter, end_newsletter
from events.services.planning import (
    Times,
    duplicate_event,
    edit_event,
    plan_event,
    publish_event,
    remove_draft,
    unpublish_event,
)
from events.services.presence import EARLIEST_ARRIVAL, note_all_present, note_attendance
from events.services.registrations import (
    confirm_registration,
    enqueue_promotions,
    free_places,
    promote_waiting,
    refuse_unregistrable,
    register_person,
    waiting_position,
    withdraw_registration,
)
from events.services.reminders import enqueue_due_reminders, relay_reminders, send_reminder
from events.services.requests import Attendee, RegistrationAnswer, register_somebody, request_registration, send_links
from events.services.series import cancel_rest_of_series, extend_series, plan_series

__all__ = [
    "EARLIEST_ARRIVAL",
    "Attendee",
    "RegistrationAnswer",
    "Times",
    "add_session",
    "agree_to_listing",
    "agree_to_newsletter",
    "archive_actor",
    "cancel_event",
    "cancel_rest_of_series",
    "cancel_session",
    "concerned",
    "confirm_registration",
    "duplicate_event",
    "edit_actor",
    "edit_event",
    "end_listing",
    "end_newsletter",
    "enqueue_due_reminders",
    "enqueue_promotions",
    "extend_series",
    "free_places",
    "move_event",
    "move_session",
    "note_actor",
    "note_all_present",
    "note_attendance",
    "note_exchange",
    "note_link",
    "plan_event",
    "plan_series",
    "promote_waiting",
    "publish_event",
    "refuse_unregistrable",
    "register_person",
    "register_somebody",
    "relay_reminders",
    "remove_draft",
    "remove_link",
    "request_registration",
    "restore_actor",
    "send_links",
    "send_reminder",
    "unpublish_event",
    "waiting_position",
    "withdraw_registration",
]
