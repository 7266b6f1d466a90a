from django.db.models import TextChoices


class Stage(TextChoices):
    FIRST_CONTACT = "first_contact", "premier contact"
    ASSESSMENT = "assessment", "diagnostic"
    SUPPORT = "support", "accompagnement"
    POOL = "pool", "vivier"
    INTEGRATED = "integrated", "intégré"
    REFUSED = "refused", "refusé"
    ABANDONED = "abandoned", "abandonné"


OPEN_STAGES = frozenset({Stage.FIRST_CONTACT, Stage.ASSESSMENT, Stage.SUPPORT, Stage.POOL})


class Source(TextChoices):
    """How the project came to the coop."""

    PERMANENCE = "permanence", "permanence"
    PHONE = "phone", "téléphone"
    WEB = "web", "site web"
    EVENT = "event", "évènement"
    REFERRER = "referrer", "prescripteur"
    CITY = "city", "ville"
    UNKNOWN = "unknown", "inconnue"
