from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "évènements"
    message_kinds = {
        "registration-hold": "inscription à confirmer",
        "registration-confirmation": "confirmation d’inscription",
        "registration-waiting": "mise en liste d’attente",
        "registration-promotion": "place libérée",
        "registration-withdrawal": "désistement",
        "registration-members": "évènement réservé aux membres",
        "registration-link": "lien d’inscription",
        "registration-existing": "inscription déjà prise",
        "registration-reminder": "rappel d’évènement",
        "registration-moved": "évènement déplacé",
        "registration-session-cancelled": "séance annulée",
        "registration-event-cancelled": "évènement annulé",
        "invitation": "invitation",
        "invitation-reminder": "relance d’invitation",
    }
