from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "coopconnexion.notices"
    verbose_name = "messages"
