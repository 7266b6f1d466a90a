from django.apps import AppConfig


class PermanencesConfig(AppConfig):
    name = "permanences"
    verbose_name = "permanences"
    message_kinds = {
        "booking-hold": "demande à confirmer",
        "booking-confirmation": "confirmation de rendez-vous",
        "booking-moved": "rendez-vous déplacé",
        "booking-cancellation": "annulation de rendez-vous",
        "booking-release": "rendez-vous libéré",
        "booking-link": "lien demandé",
        "booking-existing": "rendez-vous déjà pris",
        "booking-reminder": "rappel",
        "booking-permanence_moved": "permanence déplacée",
        "booking-permanence_cancelled": "permanence annulée",
        "waiting-joined": "inscription en liste d’attente",
        "waiting-held": "inscription à confirmer",
        "waiting-link": "lien de liste d’attente",
        "waiting-offer": "créneau proposé",
        "waiting-moved": "permanence déplacée (attente)",
        "waiting-cancelled": "permanence annulée (attente)",
    }
