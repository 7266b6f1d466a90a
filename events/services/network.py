"""The network: actors, what was said with them, whom they helped."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coopconnexion.accounts.models import Organisation, Person, User
from coopconnexion.db import constraint_errors
from coopconnexion.refusals import refusal_at
from coopconnexion.territories.models import Commune, Territory, Theme
from events.enums import ActorRole, ExchangeKind, LinkRole
from events.models import Event, NetworkActor, NetworkExchange, NetworkLink
from projects.models import Project

TOLD = ("role", "territory", "commune", "offer")


@transaction.atomic
def note_actor(
    *,
    role: ActorRole,
    by: User | None,
    at: datetime,
    organisation: Organisation | None = None,
    person: Person | None = None,
    territory: Territory | None = None,
    commune: Commune | None = None,
    offer: str = "",
    themes: Iterable[Theme] = (),
) -> NetworkActor:
    """Bring an organisation or a person into the network.

    :raises ValidationError: one_subject, actor_exists
    """
    if bool(organisation) == bool(person):
        raise ValidationError("Un acteur est une organisation ou une personne.", code="one_subject")
    subject = {"organisation": organisation} if organisation else {"person": person}
    if known := NetworkActor.objects.filter(**subject).first():
        where = " (archivé)" if known.archived_at else ""
        raise ValidationError(f"{known} est déjà un acteur du réseau{where}.", code="actor_exists")
    with constraint_errors(NetworkActor):
        actor = NetworkActor.objects.create(
            role=role, territory=territory, commune=commune, offer=offer.strip(), created_at=at, **subject
        )
    actor.themes.set(themes)
    return actor


@transaction.atomic
def edit_actor(
    *, actor: NetworkActor, by: User | None, at: datetime, themes: Iterable[Theme] | None = None, **told
) -> NetworkActor:
    """Write what is ``told`` of an actor, by the names of its fields; agreement and archive have their own services."""
    if unknown := told.keys() - set(TOLD):
        raise TypeError(f"unknown: {', '.join(sorted(unknown))}")
    actor = _locked(actor)
    for name, value in told.items():
        setattr(actor, name, value.strip() if isinstance(value, str) else value)
    with constraint_errors(NetworkActor):
        actor.save(update_fields=list(told) or None)
    if themes is not None:
        actor.themes.set(themes)
    return actor


def _locked(actor: NetworkActor) -> NetworkActor:
    NetworkActor.objects.select_for_update(of=("self",)).only("pk").get(pk=actor.pk)
    return NetworkActor.objects.select_related("organisation", "person", "territory", "commune").get(pk=actor.pk)


@transaction.atomic
def agree_to_listing(*, actor: NetworkActor, on: date, note: str, by: User | None, at: datetime) -> NetworkActor:
    """Note that the actor agrees to stand in the public directory: on what day, and how they said so.

    :raises ValidationError: day_to_come, consent_whole
    """
    actor = _locked(actor)
    _refuse_to_come("on", on, at)
    actor.consent_on, actor.consent_note, actor.consent_ended_on = on, note.strip(), None
    if not actor.consent_note:
        raise refusal_at(
            "note", "Notez comment l’accord a été donné\u202f: par courriel, de vive voix…", "consent_whole"
        )
    with constraint_errors(NetworkActor):
        actor.save(update_fields=["consent_on", "consent_note", "consent_ended_on"])
    return actor


@transaction.atomic
def end_listing(*, actor: NetworkActor, by: User | None, at: datetime) -> NetworkActor:
    """Note that the actor does not want to be listed any more; the agreement that was stays noted. Twice: once."""
    actor = _locked(actor)
    if actor.is_listed or (actor.consent_on and actor.consent_ended_on is None):
        actor.consent_ended_on = max(timezone.localdate(at), actor.consent_on)
        actor.save(update_fields=["consent_ended_on"])
    return actor


@transaction.atomic
def archive_actor(*, actor: NetworkActor, by: User | None, at: datetime) -> NetworkActor:
    """Take an actor out of the lists; what they did stays counted. Twice changes nothing more."""
    actor = _locked(actor)
    if actor.archived_at is None:
        actor.archived_at = at
        actor.save(update_fields=["archived_at"])
    return actor


@transaction.atomic
def restore_actor(*, actor: NetworkActor, by: User | None, at: datetime) -> NetworkActor:
    actor = _locked(actor)
    actor.archived_at = None
    actor.save(update_fields=["archived_at"])
    return actor


@transaction.atomic
def note_exchange(
    *, actor: NetworkActor, happened_on: date, kind: ExchangeKind, note: str, by: User, at: datetime
) -> NetworkExchange:
    """Note what was said with an actor; the latest is their last contact.

    :raises ValidationError: day_to_come, note_missing
    """
    _refuse_to_come("happened_on", happened_on, at)
    if not note.strip():
        raise refusal_at("note", "Dites en deux mots ce qui s’est dit.", "note_missing")
    return NetworkExchange.objects.create(
        actor=actor, happened_on=happened_on, kind=kind, note=note.strip(), noted_by=by, noted_at=at
    )


@transaction.atomic
def note_link(
    *,
    actor: NetworkActor,
    role: LinkRole,
    happened_on: date,
    by: User | None,
    at: datetime,
    project: Project | None = None,
    event: Event | None = None,
    note: str = "",
) -> NetworkLink:
    """Note whom an actor helped: a project, an event, or a project at an event.

    Whoever hosts or speaks is noted before the event is held.

    :raises ValidationError: to_something, link_exists, day_to_come
    """
    if event is None:
        _refuse_to_come("happened_on", happened_on, at)
    with constraint_errors(NetworkLink):
        return NetworkLink.objects.create(
            actor=actor,
            project=project,
            event=event,
            role=role,
            happened_on=happened_on,
            note=note.strip(),
            noted_by=by,
            noted_at=at,
        )


@transaction.atomic
def remove_link(*, link: NetworkLink, by: User | None, at: datetime) -> None:
    """Take away a link noted by mistake; the history keeps it. Twice changes nothing more."""
    NetworkLink.objects.filter(pk=link.pk).delete()


def _refuse_to_come(field: str, day: date, at: datetime) -> None:
    if day > timezone.localdate(at):
        raise refusal_at(field, "Ce jour est à venir\u202f: vérifiez la date.", "day_to_come")
