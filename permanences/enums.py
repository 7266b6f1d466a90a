from django.db.models import IntegerChoices, TextChoices


class Weekday(IntegerChoices):
    """Numbered as ``date.weekday()``."""

    MONDAY = 0, "lundi"
    TUESDAY = 1, "mardi"
    WEDNESDAY = 2, "mercredi"
    THURSDAY = 3, "jeudi"
    FRIDAY = 4, "vendredi"
    SATURDAY = 5, "samedi"
    SUNDAY = 6, "dimanche"


class Nth(IntegerChoices):
    """Which weekday of the month."""

    FIRST = 1, "1er"
    SECOND = 2, "2e"
    THIRD = 3, "3e"
    FOURTH = 4, "4e"
    LAST = -1, "dernier"


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
