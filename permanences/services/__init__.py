"""The use cases of permanences, one module per aggregate; entry points call them from here."""

from permanences.services.booking import (
    BOOKING_RELATIONS,
    book_slot,
    cancel_booking,
    confirm_booking,
    enqueue_expired_holds,
    lock_booking,
    move_booking,
    release_booking,
    release_expired_hold,
    send_links,
)
from permanences.services.reminders import enqueue_due_reminders, schedule_reminders, send_reminder, stop_reminders
from permanences.services.requests import BookingAnswer, Contact, recognise_request, request_booking
from permanences.services.waiting import miss_request, serve_missed_request, serve_waiting_entry

__all__ = [
    "BOOKING_RELATIONS",
    "BookingAnswer",
    "Contact",
    "book_slot",
    "cancel_booking",
    "confirm_booking",
    "enqueue_due_reminders",
    "enqueue_expired_holds",
    "lock_booking",
    "miss_request",
    "move_booking",
    "recognise_request",
    "release_booking",
    "release_expired_hold",
    "request_booking",
    "schedule_reminders",
    "send_links",
    "send_reminder",
    "serve_missed_request",
    "serve_waiting_entry",
    "stop_reminders",
]
