from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, register
from coopconnexion.french import day_words
from permanences.enums import CancelledBy
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


DOUBLE = "Doublon : la même personne avait deux fiches."


def join_bookings(kept: Person, gone: Person, at: datetime) -> None:
    """Of two appointments at one permanence that is over, one stays; to come, somebody must say which."""
    theirs = {booking.permanence_id: booking for booking in kept.bookings.standing()}
    for booking in gone.bookings.standing().select_related("permanence", "slot").order_by("pk"):
        if twin := theirs.get(booking.permanence_id):
            _settle_two_bookings(twin, booking, at)
    gone.bookings.update(person=kept)


def _settle_two_bookings(one: Booking, other: Booking, at: datetime) -> None:
    if other.permanence.held_on >= timezone.localdate(at):
        raise ValidationError(
            "Les deux fiches ont un rendez-vous à la permanence du"
            f" {day_words(other.permanence.held_on)} : annulez d’abord celui qui est de trop.",
            code="two_bookings",
        )
    if one.outcome and other.outcome:
        raise ValidationError(
            "Les deux fiches ont une présence notée à la permanence du"
            f" {day_words(other.permanence.held_on)} : effacez d’abord celle qui est de trop.",
            code="two_outcomes",
        )
    excess = one if other.outcome else other
    Booking.objects.filter(pk=excess.pk).update(cancelled_at=at, cancelled_by=CancelledBy.COOP, cancel_reason=DOUBLE)


def join_waiting_entries(kept: Person, gone: Person, at: datetime) -> None:
    """Whoever waited twice for one permanence keeps the better place: the one with an offer, else the first."""
    theirs = {entry.permanence_id: entry for entry in kept.waiting_entries.waiting()}
    for entry in gone.waiting_entries.waiting().select_related("permanence").order_by("pk"):
        if twin := theirs.get(entry.permanence_id):
            _settle_two_places(twin, entry, at)
    gone.waiting_entries.update(person=kept)


def _settle_two_places(one: WaitingListEntry, other: WaitingListEntry, at: datetime) -> None:
    offered = [entry for entry in (one, other) if entry.offers.open().exists()]
    if len(offered) == 2:
        raise ValidationError(
            "Les deux fiches ont une proposition de créneau en cours pour la permanence du"
            f" {day_words(other.permanence.held_on)} : répondez d’abord à l’une des deux.",
            code="two_offers",
        )
    better = offered[0] if offered else min((one, other), key=lambda entry: (entry.joined_at, entry.pk))
    excess = one if better is other else other
    WaitingListEntry.objects.filter(pk=excess.pk).update(left_at=at)


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
    merge=join_bookings,
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
    merge=join_waiting_entries,
)
register(WaitingLink, person="entry__person", erase=DELETE)
register(SlotOffer, person="entry__person", kept="Des dates et un créneau : un chiffre.")
register(AgendaFeed, user="user", erase=DELETE)
