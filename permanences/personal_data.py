from datetime import datetime

from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, register
from permanences.models import (
    AgendaFeed,
    Booking,
    BookingLink,
    BookingReminder,
    SlotOffer,
    WaitingLink,
    WaitingListEntry,
)


def coming_appointment(person: Person, at: datetime) -> str | None:
    coming = person.bookings.standing().filter(slot__ends_at__gt=at).exists()
    return "un rendez-vous est à venir" if coming else None


def place_on_waiting_list(person: Person, at: datetime) -> str | None:
    waiting = person.waiting_entries.waiting().filter(permanence__held_on__gte=timezone.localdate(at)).exists()
    return "une inscription en liste d’attente est en cours" if waiting else None


register(
    Booking,
    person="person",
    export={
        "rendez-vous le": "slot.starts_at",
        "lieu": "permanence.venue.name",
        "projet": "project.title",
        "pris le": "booked_at",
        "ce que la personne a écrit": "message",
        "notes de l’équipe": "staff_note",
        "adresse confirmée le": "confirmed_at",
        "annulé le": "cancelled_at",
        "motif d’annulation": "cancel_reason",
        "libéré le": "released_at",
        "présence": "get_outcome_display",
    },
    erase={"message": "", "staff_note": "", "cancel_reason": ""},
    blocks_erasure=coming_appointment,
)
register(BookingLink, person="booking__person", erase=DELETE)
register(BookingReminder, person="booking__person", kept="Des dates ; le message du rappel, lui, est effacé.")
register(
    WaitingListEntry,
    person="person",
    export={
        "permanence du": "permanence.held_on",
        "projet": "project.title",
        "inscrit le": "joined_at",
        "ce que la personne a écrit": "message",
        "retiré le": "left_at",
        "servi le": "served_at",
    },
    erase={"message": ""},
    blocks_erasure=place_on_waiting_list,
)
register(WaitingLink, person="entry__person", erase=DELETE)
register(SlotOffer, person="entry__person", kept="Des dates et un créneau : un chiffre.")
register(AgendaFeed, user="user", erase=DELETE)
