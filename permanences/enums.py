from django.db.models import TextChoices


class HolidayRule(TextChoices):
    SKIP = "skip", "pas de permanence"
    NEXT_WEEK = "next_week", "reporter d’une semaine"
    KEEP = "keep", "maintenir"


class Channel(TextChoices):
    """How a booking was made."""

    WEB = "web", "en ligne"
    STAFF = "staff", "par l’équipe"
    WAITING_LIST = "waiting_list", "liste d’attente"


class CancelledBy(TextChoices):
    CANDIDATE = "candidate", "la personne"
    COOP = "coop", "la coopérative"


class Outcome(TextChoices):
    ATTENDED = "attended", "venu·e"
    NO_SHOW = "no_show", "absent·e"
    EXCUSED = "excused", "excusé·e"


class Decision(TextChoices):
    """What staff choose for a permanence with appointments that a changed schedule no longer gives as it is."""

    KEEP = "keep", "garder telle quelle"
    ADAPT = "adapt", "adapter les créneaux libres"
    MOVE = "move", "déplacer et prévenir"
    CANCEL = "cancel", "annuler et prévenir"
