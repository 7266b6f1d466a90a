"""The whole life of a unit, newest first: what the register said of it, who followed it, who came, who wanted it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db import models

from coopconnexion.accounts.models import User
from coopconnexion.accounts.permissions import can_see_contacts
from coopconnexion.backoffice.history import AUTOMATIC, Change, Words, author, author_names
from coopconnexion.french import date_words
from coopconnexion.periods import last_day
from members.models import Member
from premises.enums import ClosureReason, OccupancyState, TenureKind
from premises.models import Occupancy, Provision, Unit, UnitDocument, UnitPhoto
from premises.rules.dates import words as precise_words
from projects.models import Project

KINDS = {
    "register": "Création et fin",
    "state": "Occupation",
    "followup": "Suivi",
    "occupancy": "Occupants et mises à disposition",
    "interest": "Intérêts reçus",
    "seen": "Tours de terrain",
    "note": "Notes",
    "photo": "Photos",
    "document": "Documents",
    "publication": "Publication",
    "facts": "Fiche",
}
"""What an entry is about, as the page offers to choose."""

PRIVATE = frozenset({"owner_name", "owner_contact", "extra"})
"""Told to those who work in the territory alone."""
TOLD_APART = frozenset({"created_at", "state", "vacant_since", "vacant_since_precision"}) | frozenset(
    {"followup", "followup_detail", "published_at", "closed_on", "closed_because", "extra"}
)
"""Fields of a unit that a title or another entry already tells."""


@dataclass(frozen=True)
class Entry:
    """``kind`` is one of :data:`KINDS`; ``row``, where it has one, is the record that the page may link to."""

    at: datetime
    kind: str
    who: str
    title: str
    text: str = ""
    changes: list[Change] = field(default_factory=list)
    row: models.Model | None = None


def timeline_of(unit: Unit, user: User) -> list[Entry]:
    """Return all that ``user`` may read of the past of ``unit``: a fixed number of queries, however long it is."""
    register = list(unit.history.select_related("pgh_context").order_by("pgh_id"))
    things = {kind: list(events_of(model, unit)) for kind, model in THINGS.items()}
    names = author_names([*register, *(event for events in things.values() for event in events)])
    found = [
        *register_entries(register, names, sees_private=can_see_contacts(user, unit.territory_id)),
        *thing_entries(things, names, user),
        *written(unit),
        *seen(unit),
        *wanted(unit, user),
    ]
    return sorted(found, key=attrgetter("at"))[::-1]  # of what one transaction wrote, the last first too


# --- what the register said ------------------------------------------------------------------------------------------


def register_entries(events: list[models.Model], names: dict[int, str], *, sees_private: bool) -> Iterator[Entry]:
    """What each write to the unit changed; one that changed nothing the reader may see is left out."""
    if not events:
        return
    words = Words(events)
    hidden = TOLD_APART if sees_private else TOLD_APART | PRIVATE
    words.fields = [each for each in words.fields if each.name not in hidden]
    for before, event in zip([None, *events[:-1]], events, strict=True):
        changes = words.changes(event, before) if before else []
        kind, title = subject(event, before)
        if title or changes:
            who = author(event, names)
            yield Entry(event.pgh_created_at, kind, who, title or "Fiche corrigée", changes=changes)


def subject(event: models.Model, before: models.Model | None) -> tuple[str, str]:
    """Return the kind of a write to a unit and its title; no title when only facts of the unit changed."""
    if before is None:
        return "register", f"Enregistrée\u202f: {state_words(event)}"
    if event.closed_on != before.closed_on:
        return "register", closure_words(event)
    if changed(event, before, "state", "vacant_since", "vacant_since_precision"):
        return "state", state_words(event).capitalize()
    if event.published_at != before.published_at:
        return "publication", "Montrée au public" if event.published_at else "Retirée du public"
    return "facts", ""


def changed(event: models.Model, before: models.Model, *names: str) -> bool:
    return any(getattr(event, name) != getattr(before, name) for name in names)


def state_words(row: models.Model) -> str:
    """« vacante, depuis mars 2026 »."""
    since = row.vacant_since and f", depuis {precise_words(row.vacant_since, row.vacant_since_precision)}"
    state = OccupancyState(row.state)
    return ("occupation inconnue" if state == OccupancyState.UNKNOWN else str(state.label)) + (since or "")


def closure_words(event: models.Model) -> str:
    if not event.closed_on:
        return "De nouveau au registre"
    return f"N’existe plus depuis le {date_words(event.closed_on)}\u202f: {ClosureReason(event.closed_because).label}"


# --- who occupied it, its pictures and documents ---------------------------------------------------------------------

THINGS = {"occupancy": Occupancy, "provision": Provision, "photo": UnitPhoto, "document": UnitDocument}
WATCHED = {
    "occupancy": ("member_id", "project_id", "tenure", "starts_on", "ends_on", "monthly_rent", "lease_holder_id"),
    "provision": ("partnership_id", "starts_on", "ends_on"),
    "photo": ("description", "is_public"),
    "document": ("title",),
}
ACTS = {
    "occupancy": {"insert": "Occupation notée", "update": "Occupation modifiée", "delete": "Occupation supprimée"},
    "provision": {
        "insert": "Mise à disposition notée",
        "update": "Mise à disposition modifiée",
        "delete": "Mise à disposition supprimée",
    },
    "photo": {"insert": "Photo ajoutée", "update": "Photo modifiée", "delete": "Photo retirée"},
    "document": {"insert": "Document ajouté", "update": "Document modifié", "delete": "Document retiré"},
}


def events_of(model: type[models.Model], unit: Unit) -> models.QuerySet:
    """Every version of the rows of ``model`` about ``unit``, those deleted since included."""
    history = model.history.rel.related_model.objects
    return history.filter(unit=unit.pk).select_related("pgh_context").order_by("pgh_id")


def thing_entries(things: dict[str, list], names: dict[int, str], user: User) -> Iterator[Entry]:
    occupants = Occupants(things["occupancy"], user)
    told = {
        "occupancy": occupants.words,
        "provision": period_words,
        "photo": lambda event: f"{event.description} ({'visible du public' if event.is_public else 'privée'})",
        "document": attrgetter("title"),
    }
    for thing, events in things.items():
        kind = "occupancy" if thing == "provision" else thing
        for event in meaning(events, WATCHED[thing]):
            who, title = author(event, names), ACTS[thing][event.pgh_label]
            yield Entry(event.pgh_created_at, kind, who, title, told[thing](event))


def meaning(events: Iterable[models.Model], watched: tuple[str, ...]) -> Iterator[models.Model]:
    """The events that changed one of the ``watched`` fields of their row."""
    last: dict[int, models.Model] = {}
    for event in events:
        before, last[event.pgh_obj_id] = last.get(event.pgh_obj_id), event
        if event.pgh_label != "update" or before is None or changed(event, before, *watched):
            yield event


class Occupants:
    """The names of those who occupied a unit, for who may see them: two queries."""

    def __init__(self, events: list[models.Model], user: User):
        members = Member.objects.visible_to(user).select_related("person")
        self.members = members.in_bulk({event.member_id for event in events} - {None})
        projects = Project.objects.visible_to(user)
        self.projects = projects.in_bulk({event.project_id for event in events} - {None})

    def words(self, event: models.Model) -> str:
        """« Lina Petit, bail dérogatoire, du 1er mars 2026 au 28 février 2027 »."""
        who = (
            self.members.get(event.member_id) or self.projects.get(event.project_id) or "occupant d’un autre territoire"
        )
        return f"{who}, {TenureKind(event.tenure).label}, {period_words(event)}"


def period_words(event: models.Model) -> str:
    if event.ends_on is None:
        return f"à partir du {date_words(event.starts_on)}"
    return f"du {date_words(event.starts_on)} au {date_words(last_day(event.ends_on))}"


# --- what people wrote, saw and wanted -------------------------------------------------------------------------------


def written(unit: Unit) -> Iterator[Entry]:
    """The steps of the follow-up, and the notes: two queries."""
    for step in unit.followups.select_related("written_by").order_by("pk"):
        detail = step.get_detail_display()
        title = step.get_status_display().capitalize() + (f"\u202f: {detail}" if detail else "")
        yield Entry(step.written_at, "followup", name_of(step.written_by), title, step.note)
    for note in unit.unitnotes.select_related("written_by").order_by("pk"):
        yield Entry(note.written_at, "note", name_of(note.written_by), "Note", note.text)


def seen(unit: Unit) -> Iterator[Entry]:
    for row in unit.observations.select_related("seen_by", "campaign", "settled_by").order_by("pk"):
        title = f"Vu sur place\u202f: {row.get_finding_display()}" + (
            f", «\u202f{row.sign_name}\u202f»" if row.sign_name else ""
        )
        text = "\n".join(filter(None, (str(row.campaign), row.note, conflict_words(row))))
        yield Entry(row.seen_at, "seen", name_of(row.seen_by), title, text, row=row)


def conflict_words(row: models.Model) -> str:
    """Say what became of an observation that the register denied."""
    if row.conflict is None:
        return ""
    if row.settled_at is None:
        return "Le registre disait autre chose\u202f: à régler, il n’a pas changé."
    return f"Le registre disait autre chose\u202f: réglé le {date_words(row.settled_at)} par {name_of(row.settled_by)}."


def wanted(unit: Unit, user: User) -> Iterator[Entry]:
    """The interests of the projects that ``user`` may see: one query."""
    rows = unit.interests.filter(project__in=Project.objects.visible_to(user)).select_related("project", "said_by")
    for row in rows.order_by("pk"):
        who = str(row.said_by) if row.said_by else row.get_origin_display()
        yield Entry(row.said_at, "interest", who, f"Intéresse «\u202f{row.project}\u202f»", row.message, row=row)
        if row.withdrawn_at:
            yield Entry(row.withdrawn_at, "interest", "", f"N’intéresse plus «\u202f{row.project}\u202f»", row=row)


def name_of(user: User | None) -> str:
    return str(user) if user else AUTOMATIC
