from django.db.models import TextChoices


class Role(TextChoices):
    """What a mandate lets a user do; see ``permissions.py``."""

    MANAGER = "manager", "direction"
    ADVISOR = "advisor", "chargé·e d’accompagnement"
    READER = "reader", "lecture seule"
    OFFICIAL = "official", "élu·e ou agent·e de la ville"


STAFF_ROLES = frozenset({Role.MANAGER, Role.ADVISOR, Role.READER})


class OrganisationKind(TextChoices):
    CITY = "city", "collectivité"
    COOPERATIVE = "cooperative", "coopérative"
    REFERRER = "referrer", "prescripteur"
    COMPANY = "company", "entreprise"
    ASSOCIATION = "association", "association"
    OTHER = "other", "autre"
