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
from permanences.services.callers import book_for_caller
from permanences.services.feeds import create_feed, revoke_feed
from permanences.services.missed import miss_request, serve_missed_request
from permanences.services.offers import OFFERS_AT_MOST, accept_offer, decline_offer, lapse_offers, offer_free_slots
from permanences.services.presence import record_outcome, write_note
from permanences.services.reminders import enqueue_due_reminders, schedule_reminders, send_reminder, stop_reminders
from permanences.services.requests import BookingAnswer, Contact, recognise_request, request_booking
from permanences.services.tending import release_unconfirmed, tend_waiting_list, tend_waiting_lists
from permanences.services.waiting import (
    close_waiting_list,
    confirm_waiting,
    join_waiting_list,
    leave_waiting_list,
    send_waiting_links,
    serve_waiting_entry,
    tell_waiting_of_move,
    waiting_position,
)
from permanences.services.waiting_requests import WaitingAnswer, request_waiting

__all__ = [
    "BOOKING_RELATIONS",
    "OFFERS_AT_MOST",
    "BookingAnswer",
    "Contact",
    "WaitingAnswer",
    "accept_offer",
    "book_for_caller",
    "book_slot",
    "cancel_booking",
    "close_waiting_list",
    "confirm_booking",
    "confirm_waiting",
    "create_feed",
    "decline_offer",
    "enqueue_due_reminders",
    "enqueue_expired_holds",
    "join_waiting_list",
    "lapse_offers",
    "leave_waiting_list",
    "lock_booking",
    "miss_request",
    "move_booking",
    "offer_free_slots",
    "recognise_request",
    "record_outcome",
    "release_booking",
    "release_expired_hold",
    "release_unconfirmed",
    "request_booking",
    "request_waiting",
    "revoke_feed",
    "schedule_reminders",
    "send_links",
    "send_reminder",
    "send_waiting_links",
    "serve_missed_request",
    "serve_waiting_entry",
    "stop_reminders",
    "tell_waiting_of_move",
    "tend_waiting_list",
    "tend_waiting_lists",
    "waiting_position",
    "write_note",
]
