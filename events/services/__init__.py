"""Use cases of events and of the network."""

from events.services.newsletter import agree_to_newsletter, end_newsletter
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
from events.services.requests import Attendee, RegistrationAnswer, request_registration, send_links

__all__ = [
    "Attendee",
    "RegistrationAnswer",
    "agree_to_newsletter",
    "confirm_registration",
    "end_newsletter",
    "enqueue_due_reminders",
    "enqueue_promotions",
    "free_places",
    "promote_waiting",
    "refuse_unregistrable",
    "register_person",
    "relay_reminders",
    "request_registration",
    "send_links",
    "send_reminder",
    "waiting_position",
    "withdraw_registration",
]
