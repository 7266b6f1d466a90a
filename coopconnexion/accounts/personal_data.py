"""Register of what each app holds about a person or an account: how it is exported, erased, and what forbids it.

Each app's ``personal_data.py`` registers its models, a parent before its parts; their history tables follow.
``export_person``, ``erase_person`` and ``merge_people`` in ``services`` read the register.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from pghistory.models import Event

from coopconnexion.accounts.models import (
    Affiliation,
    Mandate,
    NotDouble,
    Person,
    PersonLink,
    PersonMerge,
    PreparedExport,
    RowImport,
    SavedFilter,
    User,
)
from coopconnexion.db import constraint_errors
from coopconnexion.periods import last_day

Columns = Mapping[str, object]
Path = str | Callable[[Model], Q]
Export = Mapping[str, str | Callable[[Model], object]]
Withheld = Mapping[str, Callable[[Model, User], str]]
Blocker = Callable[[Person, datetime], str | None]
Merge = str | Callable[[Person, Person, datetime], None]


class Delete:
    """The rows go, with their history."""


DELETE = Delete()
MOVE = "move"


@dataclass(frozen=True)
class Entry:
    """What the register knows of a model; ``kept`` is the reason for which its rows stay as they are."""

    model: type[Model]
    person: Path = ""
    user: Path = ""
    export: Export | None = None
    withheld: Withheld = field(default_factory=dict)
    erase: Columns | Delete | None = None
    stamp: Callable[[QuerySet, datetime], None] | None = None
    blocks_erasure: Blocker | None = None
    kept: str = ""
    merge: Merge = MOVE

    @property
    def column(self) -> str | None:
        """The model's own field that points to the person, if any."""
        path = self.person
        return path if isinstance(path, str) and path not in ("", "pk") and "__" not in path else None

    @property
    def history(self) -> type[Model] | None:
        relation = getattr(self.model, "history", None)
        return relation and relation.rel.related_model

    def rows_of(self, subject: Person | User) -> QuerySet:
        """Return the rows about this person or this account, in order; none when the entry is not about its like."""
        path = self.person if isinstance(subject, Person) else self.user
        rows = self.model._base_manager.order_by("pk")
        if not path:
            return rows.none()
        return rows.filter(path(subject) if callable(path) else Q(**{path: subject.pk})).distinct()


_entries: dict[type[Model], Entry] = {}


def register(model: type[Model], **entry) -> None:
    """Say how ``model`` relates to a person or an account, and what becomes of its rows.

    ``person``, ``user``: the path from a row to its subject, or a function from the subject to a condition.
    ``export``: French label to dotted attribute, or to a function of the row. ``withheld``: the labels that some staff
    may not read, to a function of the row and of who prepares the export: what to say instead, "" when they may.
    ``erase``: the columns to neutralise, or ``DELETE``; ``stamp``: what else erasure does to the rows, before.
    ``blocks_erasure``: the reason for which a person may not be erased now. ``kept``: why the rows stay as they are.
    ``merge``: what becomes of the rows of a person who is merged into another: ``MOVE`` points the model's own column
    to the person kept; a function ``(kept, gone, at)`` settles what the two may not both have, without loss, or refuses
    and says what to do first.
    """
    _entries[model] = Entry(model, **entry)


def last_day_of(row: Model) -> object:
    """Export the half-open period of ``row`` by its last day."""
    return last_day(row.ends_on)


def entries() -> list[Entry]:
    return list(_entries.values())


def export_rows(subject: Person | User, reader: User | None = None) -> dict[str, list[dict]]:
    """Return what is held about ``subject``, by model and by label, in values that JSON knows.

    ``reader``: the member of staff who prepares it, who reads there what they may read elsewhere, nothing more.
    ``None``: the person, to whom all is owed (RGPD, article 15), save what was said to others too.
    """
    found = {}
    for entry in entries():
        if entry.export and (rows := list(_with_relations(entry, subject))):
            found[str(entry.model._meta.verbose_name_plural)] = [_told(row, entry, reader) for row in rows]
    return found


def _told(row: Model, entry: Entry, reader: User | None) -> dict:
    withheld = entry.withheld if reader else {}
    instead = {label: words for label, closed in withheld.items() if (words := closed(row, reader))}
    return _exported(row, entry.export) | instead


def _with_relations(entry: Entry, subject: Person | User) -> QuerySet:
    paths = {path.rpartition(".")[0].replace(".", "__") for path in entry.export.values() if isinstance(path, str)}
    rows = entry.rows_of(subject)
    return rows.select_related(*sorted(paths - {""})) if paths - {""} else rows


def _exported(row: Model, export: Export) -> dict:
    return {label: _plain(path(row) if callable(path) else attrgetter(path)(row)) for label, path in export.items()}


def _plain(value):
    value = value() if callable(value) else value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def blockers(person: Person, at: datetime) -> list[str]:
    """Return the reasons, in French, for which ``person`` may not be erased at ``at``."""
    reasons = [entry.blocks_erasure(person, at) for entry in entries() if entry.blocks_erasure]
    return [reason for reason in reasons if reason]


def erase_rows(subject: Person | User, at: datetime) -> None:
    """Neutralise or delete what is held about ``subject``, history included; what points to it goes first."""
    merged = _merged_into(subject)
    for entry in reversed(entries()):
        if entry.erase is None:
            continue
        keys = list(entry.rows_of(subject).values_list("pk", flat=True))
        rows = entry.model._base_manager.filter(pk__in=keys)
        if entry.stamp:
            entry.stamp(rows, at)
        if isinstance(entry.erase, Delete):
            rows.delete()
        else:
            rows.update(**entry.erase)
        _erase_history(entry, subject, keys, merged)


def _merged_into(subject: Person | User) -> list[int]:
    """Return the numbers of the rows that were this person's too, and are gone; their history stays."""
    if isinstance(subject, User):
        return []
    return list(PersonMerge.objects.filter(kept=subject).values_list("gone_pk", flat=True))


def _erase_history(entry: Entry, subject: Person | User, keys: list, merged: list[int]) -> None:
    if entry.history is None:
        return
    condition = Q(pgh_obj_id__in=[*keys, *merged] if entry.model is Person else keys)
    if isinstance(subject, Person) and entry.column:  # rows that are gone too
        condition |= Q(**{f"{entry.column}__in": [subject.pk, *merged]})
    past = entry.history._base_manager.filter(condition)
    if isinstance(entry.erase, Delete):
        past.delete()
    else:
        past.update(**entry.erase)


# --- two rows, one human ---------------------------------------------------------------------------------------------


def described(person: Person) -> dict:
    """Return what the row of ``person`` itself says, by label, in values that JSON knows."""
    return _exported(person, _entries[Person].export)


def held_counts(person: Person) -> dict[str, int]:
    """Return how many rows of each kind are about ``person``, by the plural name of the model."""
    counts = {}
    for entry in entries():
        if entry.export and entry.person and entry.model is not Person and (count := entry.rows_of(person).count()):
            counts[str(entry.model._meta.verbose_name_plural)] = count
    return counts


def merge_rows(*, kept: Person, gone: Person, at: datetime) -> None:
    """Point what is held about ``gone`` to ``kept``, by the rule of each model.

    :raises ValidationError: what both may not have, and what to do first
    """
    for entry in entries():
        with constraint_errors(entry.model):
            if callable(entry.merge):
                entry.merge(kept, gone, at)
            elif entry.column:
                entry.model._base_manager.filter(**{entry.column: gone.pk}).update(**{entry.column: kept.pk})


def relations_to_people() -> list[tuple[type[Model], str]]:
    """Return every (model, field) that points to a person, history aside: it stays with the number that is gone."""
    relations = [
        each for each in Person._meta.get_fields(include_hidden=True) if each.auto_created and each.is_relation
    ]
    tables = [(each.related_model, each.field.name) for each in relations if not each.many_to_many]
    return [(model, name) for model, name in tables if not issubclass(model, Event) and not model._meta.proxy]


def left_behind(person: Person) -> list[str]:
    """Return the plural names of the models that still have rows of ``person``."""
    return [
        str(model._meta.verbose_name_plural)
        for model, name in relations_to_people()
        if model._base_manager.filter(**{name: person.pk}).exists()
    ]


# --- the ground floor's own ------------------------------------------------------------------------------------------


def join_affiliations(kept: Person, gone: Person, at: datetime) -> None:
    """In an organisation where both stand, one row keeps both titles."""
    known = {each.organisation_id: each for each in kept.affiliations.all()}
    for each in gone.affiliations.order_by("pk"):
        twin = known.get(each.organisation_id)
        if twin is None:
            Affiliation.objects.filter(pk=each.pk).update(person=kept)
            continue
        twin.title = ", ".join(dict.fromkeys(title for title in (twin.title, each.title) if title))
        if len(twin.title) > Affiliation._meta.get_field("title").max_length:
            raise ValidationError(
                f"Les deux fiches ont une fonction à {each.organisation}\u202f: raccourcissez-en une d’abord.",
                code="titles_too_long",
            )
        twin.save(update_fields=["title"])
        each.delete()


def join_links(kept: Person, gone: Person, at: datetime) -> None:
    """An account linked to both stays linked once."""
    gone.user_links.filter(user__in=kept.user_links.values("user")).delete()
    gone.user_links.update(person=kept)


def is_of_pair(person: Person) -> Q:
    return Q(first=person.pk) | Q(second=person.pk)


def keep_apart(kept: Person, gone: Person, at: datetime) -> None:
    """Whoever is not the one is not the other; that these two were told apart was wrong."""
    apart = {pk for pair in NotDouble.objects.filter(is_of_pair(kept)) for pk in (pair.first_id, pair.second_id)}
    for pair in NotDouble.objects.filter(is_of_pair(gone)).order_by("pk"):
        other = pair.second_id if pair.first_id == gone.pk else pair.first_id
        if other == kept.pk or other in apart:
            pair.delete()
            continue
        pair.first_id, pair.second_id = sorted((kept.pk, other))
        pair.save(update_fields=["first", "second"])


register(
    Person,
    person="pk",
    export={
        "prénom": "first_name",
        "nom": "last_name",
        "courriel": "email",
        "téléphone": "phone",
        "commune": "commune",
        "connue depuis": "created_at",
    },
    erase={"first_name": "Personne", "last_name": "effacée", "email": "", "phone": ""},
)
register(
    Affiliation,
    person="person",
    export={"organisation": "organisation.name", "fonction": "title"},
    erase=DELETE,
    merge=join_affiliations,
)
register(
    PersonLink,
    person="person",
    export={"compte": "user.email", "confirmé le": "confirmed_at"},
    erase=DELETE,
    merge=join_links,
)
register(
    PersonMerge,
    person="kept",
    export={"fiche réunie": "gone_pk", "le": "merged_at"},
    erase={"former": {}},
)
register(NotDouble, person=is_of_pair, erase=DELETE, merge=keep_apart)


def close_account(accounts: QuerySet, at: datetime) -> None:
    accounts.update(is_active=False)


def end_sessions(sessions: QuerySet, at: datetime) -> None:
    for session in sessions:
        session.end()


register(
    User,
    user="pk",
    export={"courriel": "email", "nom affiché": "name", "ouvert le": "created_at", "dernière connexion": "last_login"},
    erase={
        "email": Concat(Value("compte-"), Cast(F("id"), CharField()), Value("@efface.invalid")),
        "name": "Compte effacé",
    },
    stamp=close_account,
)
register(
    Mandate,
    user="user",
    export={
        "rôle": "get_role_display",
        "territoire": "territory",
        "depuis le": "starts_on",
        "jusqu’au": last_day_of,
    },
    kept="Qui avait quel droit, et quand.",
)
register(
    EmailAddress,
    user="user",
    export={"adresse": "email", "vérifiée": "verified"},
    erase=DELETE,
)
register(
    SavedFilter,
    user="user",
    export={"page": "page", "nom": "name", "filtres": "query"},
    erase=DELETE,
)
register(
    PreparedExport,
    user="requested_by",
    export={"contenu": "title", "fichier": "filename", "demandé le": "requested_at"},
    erase=DELETE,
)
register(RowImport, user="uploaded_by", kept="Qui a importé quelle liste, et quand ; le fichier, lui, est oublié.")
register(EmailConfirmation, user="email_address__user", erase=DELETE)
register(
    Authenticator,
    user="user",
    export={"nature": "get_type_display", "ajouté le": "created_at", "utilisé le": "last_used_at"},
    erase=DELETE,
)
register(
    UserSession,
    user="user",
    export={"adresse IP": "ip", "navigateur": "user_agent", "ouverte le": "created_at", "vue le": "last_seen_at"},
    erase=DELETE,
    stamp=end_sessions,
)
