from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "coopconnexion.territories"
    verbose_name = "territoires"
