from django.db.models import TextChoices


class EventKind(TextChoices):
    CONFERENCE = "conference", "conférence"
    WORKSHOP = "workshop", "atelier"
    INFO_SESSION = "info_session", "réunion d’information"
    NETWORK = "network", "rencontre du réseau"
