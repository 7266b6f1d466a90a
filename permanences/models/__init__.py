"""The tables of permanences, one module per aggregate; everybody imports them from here."""

from permanences.models.bookings import Booking, BookingLink, BookingQuerySet, BookingReminder
from permanences.models.feeds import AgendaFeed
from permanences.models.planning import Closure, DayPlan, Permanence, PermanenceQuerySet, Schedule, default_reminders
from permanences.models.slots import Slot, SlotQuerySet
from permanences.models.waiting import MissedRequest, SlotOffer, WaitingLink, WaitingListEntry

__all__ = [
    "AgendaFeed",
    "Booking",
    "BookingLink",
    "BookingQuerySet",
    "BookingReminder",
    "Closure",
    "DayPlan",
    "MissedRequest",
    "Permanence",
    "PermanenceQuerySet",
    "Schedule",
    "Slot",
    "SlotOffer",
    "SlotQuerySet",
    "WaitingLink",
    "WaitingListEntry",
    "default_reminders",
]
