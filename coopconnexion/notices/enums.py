from django.db.models import TextChoices


class SkipReason(TextChoices):
    """Why a reminder that was due led to no message."""

    NOT_STANDING = "not_standing", "le rendez-vous ne tient plus"
    TOO_LATE = "too_late", "trop tard pour être utile"
    NO_ADDRESS = "no_address", "pas de courriel"
