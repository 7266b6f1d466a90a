from coopconnexion.accounts.models.accounts import USER_WORDS, Mandate, MandateQuerySet, User, UserManager, UserQuerySet
from coopconnexion.accounts.models.back_office import (
    FlawCount,
    PreparedExport,
    PreparedExportQuerySet,
    RowImport,
    RowImportQuerySet,
    SavedFilter,
    SavedFilterQuerySet,
)
from coopconnexion.accounts.models.people import (
    Affiliation,
    NotDouble,
    Organisation,
    Person,
    PersonLink,
    PersonMerge,
    PersonQuerySet,
)

__all__ = [
    "USER_WORDS",
    "Affiliation",
    "FlawCount",
    "Mandate",
    "MandateQuerySet",
    "NotDouble",
    "Organisation",
    "Person",
    "PersonLink",
    "PersonMerge",
    "PersonQuerySet",
    "PreparedExport",
    "PreparedExportQuerySet",
    "RowImport",
    "RowImportQuerySet",
    "SavedFilter",
    "SavedFilterQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
]
