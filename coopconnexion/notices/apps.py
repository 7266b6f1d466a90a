from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """``message_kinds`` of any app's configuration gives the French name of the kinds of message it writes."""

    name = "coopconnexion.notices"
    verbose_name = "messages"
