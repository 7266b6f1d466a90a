from django.apps import AppConfig


class DevConfig(AppConfig):
    name = "coopconnexion.dev"
    verbose_name = "développement"
