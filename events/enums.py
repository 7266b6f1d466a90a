from django.db.models import TextChoices


class EventKind(TextChoices):
    CONFERENCE = "conference", "conférence"
    WORKSHOP = "workshop", "atelier"
    INFO_SESSION = "info_session", "réunion d’information"
    NETWORK = "network", "rencontre du réseau"


class Audience(TextChoices):
    """Who may register."""

    PUBLIC = "public", "ouvert à tout le monde"
    MEMBERS = "members", "réservé aux membres de la coopérative"
    INVITATION = "invitation", "sur invitation"


class Frequency(TextChoices):
    """How an event comes back."""

    WEEKLY = "weekly", "toutes les semaines, ou toutes les quelques semaines"
    MONTHLY = "monthly", "tous les mois, le même jour de la semaine"


class Channel(TextChoices):
    """How somebody registered."""

    WEB = "web", "en ligne"
    STAFF = "staff", "par l’équipe"
    INVITATION = "invitation", "sur invitation"
    ON_SITE = "on_site", "sur place"


class WithdrawnBy(TextChoices):
    PARTICIPANT = "participant", "la personne"
    COOP = "coop", "la coopérative"


class Outcome(TextChoices):
    ATTENDED = "attended", "présent·e"
    ABSENT = "absent", "absent·e"
    EXCUSED = "excused", "excusé·e"


class ActorRole(TextChoices):
    """What an actor does in the network."""

    INSTITUTION = "institution", "collectivité ou institution"
    FUNDING = "funding", "financement"
    SUPPORT = "support", "accompagnement"
    TRAINING = "training", "formation"
    PREMISES = "premises", "locaux et tiers-lieux"
    BUSINESS = "business", "entreprise ou commerce"
    PRODUCER = "producer", "production locale"
    MENTOR = "mentor", "parrainage et bénévolat"
    MEDIA = "media", "presse et communication"
    OTHER = "other", "autre"


class LinkRole(TextChoices):
    """What an actor did for a project or an event."""

    HOST = "host", "animation"
    SPEAKER = "speaker", "intervention"
    PARTNER = "partner", "partenariat"
    ADVISER = "adviser", "conseil"
    FUNDER = "funder", "financement"
    SUPPLIER = "supplier", "approvisionnement ou clientèle"
    OBSERVER = "observer", "observation"
    PARTICIPANT = "participant", "participation"


class InvitationRole(TextChoices):
    """As what somebody is invited."""

    PARTICIPANT = "participant", "participant·e"
    ADVISER = "adviser", "conseiller·ère"
    OBSERVER = "observer", "observateur·rice"


class ExchangeKind(TextChoices):
    PHONE = "phone", "appel"
    MAIL = "mail", "courriel"
    MEETING = "meeting", "rencontre"
    OTHER = "other", "autre"
