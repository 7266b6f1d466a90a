from django.db.models import TextChoices


class Role(TextChoices):
    """What a mandate lets a user do; see ``permissions.py``."""

    MANAGER = "manager", "direction"
    ADVISOR = "advisor", "chargé·e d’accompagnement"
    READER = "reader", "lecture seule"
    OFFICIAL = "official", "élu·e ou agent·e de la ville"


STAFF_ROLES = frozenset({Role.MANAGER, Role.ADVISOR, Role.READER})
WORK_ROLES = frozenset({Role.MANAGER, Role.ADVISOR})
"""Those who do the daily work; readers look."""


class OrganisationKind(TextChoices):
    CITY = "city", "collectivité"
    COOPERATIVE = "cooperative", "coopérative"
    REFERRER = "referrer", "prescripteur"
    COMPANY = "company", "entreprise"
    ASSOCIATION = "association", "association"
    OTHER = "other", "autre"


class Source(TextChoices):
    """How somebody came to the coop."""

    PERMANENCE = "permanence", "permanence"
    PHONE = "phone", "téléphone"
    WEB = "web", "site web"
    EVENT = "event", "évènement"
    REFERRER = "referrer", "prescripteur"
    CITY = "city", "ville"
    UNKNOWN = "unknown", "inconnue"
