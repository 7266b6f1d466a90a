from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "membres"
    message_kinds = {
        "member-deadline": "échéance qui approche (équipe)",
        "member-outcome": "nouvelles demandées après une sortie",
    }
