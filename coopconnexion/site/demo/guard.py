"""What the demo may touch: a database that is empty, and none other."""

from django.apps import apps
from django.db import models

from coopconnexion.accounts.models import User
from coopconnexion.site.demo.story import DOMAIN
from coopconnexion.territories.models import (
    Activity,
    ActivityFacilityType,
    ActivityNafCode,
    Commune,
    CommuneOutline,
    FacilityType,
    NafCode,
    Theme,
)
from members.models import ContractKind, DocumentKind, ExitReason
from projects.models import ClosingReason

OURS = ("coopconnexion.", "members.", "projects.", "premises.", "permanences.", "events.")
STATISTICS = (CommuneOutline, NafCode, FacilityType, Activity, ActivityNafCode, ActivityFacilityType)
REFERENCE = (Commune, Theme, ContractKind, ExitReason, DocumentKind, ClosingReason, *STATISTICS)
"""Reference data, which a migration or staff may have laid before; the demo completes it and overwrites nothing."""


def is_loaded() -> bool:
    """Tell whether the demo is there: it is loaded whole or not at all, and its accounts first."""
    return User.objects.filter(email__endswith=f"@{DOMAIN}").exists()


def held_data() -> list[str]:
    """Return, in French, what the database already holds; nothing when it is empty."""
    return [str(model._meta.verbose_name_plural) for model in _models() if model._base_manager.exists()]


def _models() -> list[type[models.Model]]:
    ours = [model for model in apps.get_models() if f"{model.__module__}.".startswith(OURS)]
    return [model for model in ours if model not in REFERENCE and not hasattr(model, "pgh_tracked_model")]
