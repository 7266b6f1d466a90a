"""Register of what each app holds about a person or an account: how it is exported, erased, and what forbids it.

Each app's ``personal_data.py`` registers its models, a parent before its parts; their history tables follow.
``export_person`` and ``erase_person`` in ``services`` read the register.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from coopconnexion.accounts.models import Affiliation, Mandate, Person, PersonLink, User
from coopconnexion.periods import last_day

Columns = Mapping[str, object]
Path = str | Callable[[Model], Q]
Export = Mapping[str, str | Callable[[Model], object]]
Blocker = Callable[[Person, datetime], str | None]


class Delete:
    """The rows go, with their history."""


DELETE = Delete()


@dataclass(frozen=True)
class Entry:
    """What the register knows of a model; ``kept`` is the reason for which its rows stay as they are."""

    model: type[Model]
    person: Path = ""
    user: Path = ""
    export: Export | None = None
    erase: Columns | Delete | None = None
    stamp: Callable[[QuerySet, datetime], None] | None = None
    blocks_erasure: Blocker | None = None
    kept: str = ""

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
    ``export``: French label to dotted attribute, or to a function of the row. ``erase``: the columns to neutralise, or
    ``DELETE``; ``stamp``: what else erasure does to the rows, before. ``blocks_erasure``: the reason for which a person
    may not be erased now. ``kept``: why the rows stay as they are.
    """
    _entries[model] = Entry(model, **entry)


def last_day_of(row: Model) -> object:
    """Export the half-open period of ``row`` by its last day."""
    return last_day(row.ends_on)


def entries() -> list[Entry]:
    return list(_entries.values())


def export_rows(subject: Person | User) -> dict[str, list[dict]]:
    """Return what is held about ``subject``, by model and by label, in values that JSON knows."""
    found = {}
    for entry in entries():
        if entry.export and (rows := list(_with_relations(entry, subject))):
            found[str(entry.model._meta.verbose_name_plural)] = [_exported(row, entry.export) for row in rows]
    return found


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
        _erase_history(entry, keys)


def _erase_history(entry: Entry, keys: list) -> None:
    if entry.history is None:
        return
    past = entry.history._base_manager.filter(pgh_obj_id__in=keys)
    if isinstance(entry.erase, Delete):
        past.delete()
    else:
        past.update(**entry.erase)


# --- the ground floor's own ------------------------------------------------------------------------------------------

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
)
register(
    PersonLink,
    person="person",
    export={"compte": "user.email", "confirmé le": "confirmed_at"},
    erase=DELETE,
)


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
