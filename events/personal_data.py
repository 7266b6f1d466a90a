from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from coopconnexion.accounts.models import Person
from coopconnexion.accounts.personal_data import DELETE, register
from events.enums import WithdrawnBy
from events.models import (
    Attendance,
    Invitation,
    InvitationLink,
    NetworkActor,
    NetworkExchange,
    NetworkLink,
    NewsletterConsent,
    Registration,
    RegistrationLink,
    RegistrationReminder,
)

THEMES = "Des thèmes choisis dans une liste."
DOUBLE = "Doublon : la même personne avait deux fiches."


def coming_event(person: Person, at: datetime) -> str | None:
    coming = person.registrations.standing().filter(event__ends_at__gt=at, event__cancelled_at=None).exists()
    return "une inscription à un évènement est à venir" if coming else None


def join_registrations(kept: Person, gone: Person, at: datetime) -> None:
    """Of two places at one event, the better stays: the one with a place or a presence, else the first."""
    theirs = {each.event_id: each for each in kept.registrations.standing()}
    for each in gone.registrations.standing().select_related("event").order_by("pk"):
        if twin := theirs.get(each.event_id):
            _settle_two_places(twin, each, at)
    gone.registrations.update(person=kept)


def _settle_two_places(one: Registration, other: Registration, at: datetime) -> None:
    present = [each for each in (one, other) if each.attendances.exists()]
    if len(present) == 2:
        raise ValidationError(
            f"Les deux fiches ont une présence notée à « {other.event} » : effacez d’abord celle qui est de trop.",
            code="two_outcomes",
        )
    better = present[0] if present else min((one, other), key=lambda each: (not each.is_seated, each.joined_at))
    excess = one if better is other else other
    excess.left_at, excess.withdrawn_by, excess.withdraw_reason = at, WithdrawnBy.COOP, DOUBLE
    excess.save(update_fields=["left_at", "withdrawn_by", "withdraw_reason"])


def join_actors(kept: Person, gone: Person, at: datetime) -> None:
    """Two rows of the network for one human: what one did goes to the other."""
    actor = NetworkActor.objects.filter(person=gone).first()
    if actor is None:
        return
    if NetworkActor.objects.filter(person=kept).exists():
        raise ValidationError(
            "Les deux fiches sont chacune un acteur du réseau : réunissez d’abord les deux acteurs.",
            code="two_actors",
        )
    NetworkActor.objects.filter(pk=actor.pk).update(person=kept)


def archive_actors(actors: QuerySet, at: datetime) -> None:
    actors.filter(archived_at=None).update(archived_at=at)


def invited(person: Person) -> Q:
    """Invited as an actor of the network, or known since they accepted."""
    return Q(actor__person=person.pk) | Q(registration__person=person.pk)


def invited_by_link(person: Person) -> Q:
    return Q(invitation__actor__person=person.pk) | Q(invitation__registration__person=person.pk)


def join_consents(kept: Person, gone: Person, at: datetime) -> None:
    """An agreement given twice holds once, from the first day; one that was withdrawn later ends both."""
    if kept.newsletter_consents.in_force().exists():
        gone.newsletter_consents.in_force().update(ended_at=at)
    gone.newsletter_consents.update(person=kept)


register(
    Registration,
    person="person",
    export={
        "évènement": "event.title",
        "début": "event.starts_at",
        "structure": "organisation_name",
        "ce que la personne a écrit": "message",
        "inscrite le": "joined_at",
        "place obtenue le": "served_at",
        "adresse confirmée le": "confirmed_at",
        "retirée le": "left_at",
        "motif": "withdraw_reason",
    },
    erase={"message": "", "organisation_name": "", "withdraw_reason": ""},
    blocks_erasure=coming_event,
    merge=join_registrations,
)
register(
    Attendance,
    person="registration__person",
    export={"évènement": "event.title", "séance": "session.starts_at", "présence": "get_outcome_display"},
    kept="Une présence sans nom : un chiffre.",
)
register(RegistrationLink, person="registration__person", erase=DELETE)
register(RegistrationReminder, person="registration__person", kept="Des dates ; le message du rappel, lui, est effacé.")
register(
    NetworkActor,
    person="person",
    export={
        "rôle dans le réseau": "get_role_display",
        "commune": "commune",
        "ce qui est apporté": "offer",
        "accord pour l’annuaire": "consent_on",
        "comment": "consent_note",
        "accord retiré le": "consent_ended_on",
    },
    erase={"offer": "", "consent_on": None, "consent_note": "", "consent_ended_on": None},
    stamp=archive_actors,
    merge=join_actors,
)
register(NetworkActor.themes.through, person="networkactor__person", kept=THEMES)
register(NetworkActor.themes.through.link_history, person="networkactor__person", kept=THEMES)
register(
    NetworkLink,
    person="actor__person",
    export={"rôle": "get_role_display", "projet": "project", "évènement": "event", "le": "happened_on"},
    erase={"note": ""},
)
register(
    NetworkExchange,
    person="actor__person",
    export={"le": "happened_on", "par": "get_kind_display", "ce qui s’est dit": "note"},
    erase=DELETE,
)
register(
    Invitation,
    person=invited,
    export={
        "évènement": "event",
        "projet": "project",
        "en tant que": "get_role_display",
        "courriel": "email",
        "invitée le": "invited_at",
        "acceptée le": "accepted_at",
        "déclinée le": "declined_at",
        "motif du refus": "decline_reason",
    },
    erase={
        "email": Concat(Value("invitation-"), Cast(F("id"), CharField()), Value("@efface.invalid")),
        "name": "",
        "message": "",
        "decline_reason": "",
    },
)
register(InvitationLink, person=invited_by_link, erase=DELETE)
register(
    NewsletterConsent,
    person="person",
    export={"donné le": "given_at", "par": "given_through", "retiré le": "ended_at"},
    erase=DELETE,
    merge=join_consents,
)
